import './index.css';
import './core.css';
