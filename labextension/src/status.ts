/** "Shapes: on" in the status bar; a click turns the checks on or off. */

import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import type { CheckedNotebook } from './notebook';
import type { Notebooks } from './notebooks';

export class StatusItem extends Widget {
  constructor(
    private readonly _notebooks: Notebooks,
    private readonly _trans: TranslationBundle,
    toggle: () => void
  ) {
    super();
    this._button.type = 'button';
    this._button.className = 'rnnmagic-status';
    this._button.addEventListener('click', toggle);
    this.node.append(this._button);
    _notebooks.changed.connect(this._refresh, this);
    this._refresh();
  }

  override dispose(): void {
    this._notebooks.changed.disconnect(this._refresh, this);
    super.dispose();
  }

  private _refresh(): void {
    const { current } = this._notebooks;
    const [text, title] = this._words(current);
    this._button.textContent = text;
    this._button.title = title;
    this._button.disabled = current === null;
    this._button.setAttribute('aria-pressed', String(current?.link.on ?? false));
  }

  private _words(notebook: CheckedNotebook | null): [string, string] {
    const trans = this._trans;
    const unknown = trans.__('Shapes: —');
    if (notebook === null) {
      return [unknown, trans.__('No notebook is open.')];
    }
    const { link } = notebook;
    if (link.loading) {
      return [unknown, trans.__('rnnmagic is being loaded into the kernel.')];
    }
    if (link.state === 'missing') {
      return [unknown, trans.__('rnnmagic is not installed in this kernel.')];
    }
    if (link.state === 'other-version') {
      return [
        unknown,
        trans.__('The rnnmagic in this kernel and this extension do not fit together.')
      ];
    }
    if (link.state === 'none') {
      return [
        unknown,
        trans.__('Shapes are not checked. Click to check every cell of this notebook.')
      ];
    }
    if (notebook.failing) {
      return [
        trans.__('Shapes: shape error'),
        link.on
          ? trans.__('A cell failed on a shape. Every cell is checked; click to turn that off.')
          : trans.__('A cell failed on a shape. Click to check every cell.')
      ];
    }
    return link.on
      ? [trans.__('Shapes: on'), trans.__('Every cell is checked. Click to turn that off.')]
      : [
          trans.__('Shapes: off'),
          trans.__('Only cells with %1 are checked. Click to check every cell.', '%%rnncheck')
        ];
  }

  private readonly _button = document.createElement('button');
}
