/** The open notebooks, and which of them the user is in. */

import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { ISharedText } from '@jupyter/ydoc';
import { Signal, type ISignal } from '@lumino/signaling';

import { CheckedNotebook, type INotebookOptions } from './notebook';

export type SharedOptions = Omit<INotebookOptions, 'panel' | 'isCurrent'>;

export class Notebooks {
  constructor(
    private readonly _tracker: INotebookTracker,
    private readonly _options: SharedOptions
  ) {
    _tracker.forEach(panel => this._add(panel));
    _tracker.widgetAdded.connect((_, panel) => this._add(panel));
    _tracker.currentChanged.connect(() => this._changed.emit());
  }

  /** Another notebook is the current one, or something about one of them is another. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get current(): CheckedNotebook | null {
    const panel = this._tracker.currentWidget;
    return panel === null ? null : (this._open.get(panel) ?? null);
  }

  /** By the id of its panel; the current one when none is named. Toolbars name theirs. */
  get(panelId: unknown): CheckedNotebook | null {
    if (typeof panelId !== 'string') {
      return this.current;
    }
    return this._find(notebook => notebook.panel.id === panelId);
  }

  ofContent(content: unknown): CheckedNotebook | null {
    return this._find(notebook => notebook.panel.content === content);
  }

  /** The notebook that has a cell with this very text object. */
  ofText(text: ISharedText): CheckedNotebook | null {
    return this._find(notebook =>
      notebook.panel.content.widgets.some(cell => cell.model.sharedModel === text)
    );
  }

  private _find(wanted: (notebook: CheckedNotebook) => boolean): CheckedNotebook | null {
    return [...this._open.values()].find(wanted) ?? null;
  }

  private _add(panel: NotebookPanel): void {
    if (this._open.has(panel)) {
      return;
    }
    const isCurrent = (): boolean => this._tracker.currentWidget === panel;
    const notebook = new CheckedNotebook({ ...this._options, panel, isCurrent });
    this._open.set(panel, notebook);
    notebook.changed.connect(() => this._changed.emit());
    panel.disposed.connect(() => {
      notebook.dispose();
      this._open.delete(panel);
      this._changed.emit();
    });
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly _open = new Map<NotebookPanel, CheckedNotebook>();
}
