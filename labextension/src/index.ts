import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';

/**
 * The JupyterLab side of rnnmagic.
 *
 * It does nothing yet but be there: the panel under the cell (ipywidgets) does the work. It is
 * built and installed from the start so that what packages it is tested from the start.
 */
const plugin: JupyterFrontEndPlugin<void> = {
  id: 'rnnmagic:plugin',
  description: 'Shape checks and fixes for recurrent networks.',
  autoStart: true,
  activate: (_app: JupyterFrontEnd): void => {
    return;
  }
};

export default plugin;
