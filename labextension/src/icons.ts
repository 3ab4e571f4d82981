import { LabIcon } from '@jupyterlab/ui-components';

/** A box of samples, timesteps and features. */
export const shapesIcon = new LabIcon({
  name: 'rnnmagic:shapes',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g fill="none" stroke-width="1.8" stroke-linejoin="round">
    <path class="jp-icon3" stroke="#616161" d="M3 8.5h12v12H3zM3 8.5l5-5h13l-6 5M21 3.5v12l-6 5M3 14.5h12M9 8.5v12"/>
  </g>
</svg>`
});
