/** Writes into the cells of one notebook what the user asked the kernel for. */

import { Notification } from '@jupyterlab/apputils';
import type { Cell, ICellModel } from '@jupyterlab/cells';
import { NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import { confirmEdit } from './dialog';
import type { KernelLink } from './link';
import type { Edit, EditMessage, RefusedReason } from './protocol';
import { isRefusal, plan, type ICellFacts, type IPlan, type Problem } from './repairPlan';
import type { Settings } from './settings';

/** How long "Undo" is offered beside the success message. */
const UNDO_OFFER_MS = 10_000;

export interface IRepairerOptions {
  readonly panel: NotebookPanel;
  readonly link: KernelLink;
  readonly settings: Settings;
  readonly trans: TranslationBundle;
  readonly announce: (text: string) => void;
  /** Whether the notebook is the one that the user is in. */
  readonly isCurrent: () => boolean;
}

export class Repairer {
  constructor(private readonly _options: IRepairerOptions) {}

  /** Do it, or refuse it; the kernel is told in both cases. */
  async carryOut(message: EditMessage): Promise<void> {
    const { trans } = this._options;
    if (this._at !== null) {
      this._refuse(message, 'failed', trans.__('Another fix is being applied.'));
      return;
    }
    this._at = message.job;
    try {
      await this._carryOut(message);
    } catch (problem) {
      console.error('rnnmagic: a fix could not be applied.', problem);
      this._refuse(message, 'failed', trans.__('The cells could not be changed.'));
    } finally {
      if (this._at === message.job) {
        this._at = null;
      }
    }
  }

  /** The fix has been taken back, or another one was applied. */
  withdrawOffer(): void {
    if (this._offer !== null) {
      Notification.dismiss(this._offer);
      this._offer = null;
    }
  }

  private async _carryOut(message: EditMessage): Promise<void> {
    const { link, panel, settings, trans } = this._options;
    let outcome = this._plan(message);
    if (!isRefusal(outcome) && this._asks(message)) {
      const agreed = await confirmEdit(message, edit => this._cellName(edit), trans);
      if (panel.isDisposed) {
        return;
      }
      if (!agreed) {
        this._refuse(message, 'cancelled', trans.__('Cancelled. Nothing was changed.'), false);
        return;
      }
      // Cells may have changed or moved while the dialog stood there.
      outcome = this._plan(message);
    }
    if (isRefusal(outcome)) {
      this._refuse(message, outcome.reason, problemText(outcome.problem, trans));
      return;
    }
    this._change(outcome);
    link.send({ type: 'edited', job: message.job });
    if (message.task === 'undo') {
      this.withdrawOffer();
      return; // the kernel brings its variables back and says so
    }
    this._offerUndo(message);
    // Another fix may follow while the cells run.
    this._at = null;
    if (settings.values.runAfterFix) {
      await this._run(message, outcome);
    }
  }

  private _asks(message: EditMessage): boolean {
    const { confirm } = this._options.settings.values;
    return (
      message.task === 'apply' && (confirm === 'always' || (confirm === 'unseen' && message.ask))
    );
  }

  private _plan(message: EditMessage): ReturnType<typeof plan> {
    const { panel } = this._options;
    const closed = panel.context.model.readOnly;
    const cells = panel.content.widgets.map(cell => facts(cell.model, closed));
    return plan(cells, message.edits, message.checked, message.task);
  }

  private _change(made: IPlan): void {
    const cells = this._options.panel.content.widgets;
    const done: { text: ICellModel['sharedModel']; from: number; to: number; old: string }[] = [];
    try {
      for (const { index, from, to, insert } of made.changes) {
        const text = cells[index].model.sharedModel;
        const old = text.getSource().slice(from, to);
        // A step of its own for Ctrl+Z, apart from what was typed before and will be after.
        separate(text);
        text.updateSource(from, to, insert);
        separate(text);
        done.push({ text, from, to: from + insert.length, old });
      }
    } catch (problem) {
      for (const { text, from, to, old } of done) {
        text.updateSource(from, to, old);
      }
      throw problem;
    }
  }

  private _offerUndo(message: EditMessage): void {
    const { announce, link, trans } = this._options;
    const text = trans.__('Fix applied: %1', message.title);
    announce(text);
    this.withdrawOffer();
    this._offer = Notification.success(text, {
      autoClose: UNDO_OFFER_MS,
      actions: [
        {
          label: trans.__('Undo'),
          caption: trans.__('Bring back the cells and variables as they were before the fix'),
          callback: () => {
            this.withdrawOffer();
            link.send({ type: 'undo' });
          }
        }
      ]
    });
  }

  private async _run(message: EditMessage, made: IPlan): Promise<void> {
    const { link, panel } = this._options;
    const notebook = panel.content;
    const cells = made.run.map(index => notebook.widgets[index]);
    const checked = made.checked === null ? null : notebook.widgets[made.checked];
    try {
      if (cells.length > 0) {
        if (checked !== null) {
          await this._goTo(checked);
        }
        await NotebookActions.runCells(notebook, cells, panel.sessionContext);
      }
    } finally {
      if (!panel.isDisposed) {
        link.send({ type: 'ran', job: message.job });
        // New outputs take the focus from those that they replace. Who went elsewhere stays there.
        const lost = document.activeElement === null || document.activeElement === document.body;
        if (checked !== null && notebook.activeCell === checked && lost) {
          await this._goTo(checked);
        }
      }
    }
  }

  private async _goTo(cell: Cell): Promise<void> {
    const { isCurrent, panel } = this._options;
    const notebook = panel.content;
    const index = notebook.widgets.indexOf(cell);
    if (index < 0) {
      return;
    }
    notebook.deselectAll();
    notebook.activeCellIndex = index;
    notebook.mode = 'command';
    if (!isCurrent()) {
      return;
    }
    await notebook.scrollToCell(cell, 'auto').catch(() => undefined);
    await NotebookActions.focusActiveCell(notebook, { waitUntilReady: true, preventScroll: true });
  }

  private _refuse(message: EditMessage, reason: RefusedReason, text: string, notify = true): void {
    const { announce, link, panel } = this._options;
    if (panel.isDisposed) {
      return;
    }
    link.send({ type: 'refused', job: message.job, reason, message: text });
    if (notify) {
      Notification.warning(text, { autoClose: UNDO_OFFER_MS });
      announce(text);
    }
  }

  private _cellName(edit: Edit): string {
    const { panel, trans } = this._options;
    const index = panel.content.widgets.findIndex(cell => cell.model.id === edit.cell_id);
    const count =
      index < 0 ? edit.execution_count : executionCount(panel.content.widgets[index].model);
    if (count !== null) {
      return trans.__('Cell [%1]', count);
    }
    return index < 0 ? trans.__('Cell') : trans.__('Cell %1 of the notebook', index + 1);
  }

  /** The job that is under way; another one is refused meanwhile. */
  private _at: string | null = null;
  /** The notification with "Undo". */
  private _offer: string | null = null;
}

export function problemText(problem: Problem, trans: TranslationBundle): string {
  switch (problem) {
    case 'gone':
      return trans.__('The cell is no longer in the notebook. Nothing was changed.');
    case 'ambiguous':
      return trans.__(
        'Several cells read the same, so that the right one is not known. Nothing was changed.'
      );
    case 'changed':
      return trans.__(
        'The cell has been edited since it was run. Nothing was changed; run it again.'
      );
    case 'locked':
      return trans.__('The cell is locked against changes. Nothing was changed.');
    case 'line-ends':
      return trans.__(
        'The cell has Windows line ends, which the editor miscounts. Nothing was changed; copy its text into a new cell.'
      );
    case 'twice':
    case 'empty':
      return trans.__('The cells could not be changed.');
  }
}

/** What the plan needs to know of a cell. */
export function facts(model: ICellModel, readOnly: boolean): ICellFacts {
  const grader: unknown = model.getMetadata('nbgrader');
  const graderLocks =
    typeof grader === 'object' &&
    grader !== null &&
    (grader as { locked?: unknown }).locked === true;
  return {
    id: model.id,
    source: model.sharedModel.getSource(),
    executionCount: executionCount(model),
    code: model.type === 'code',
    locked: readOnly || graderLocks || model.getMetadata('editable') === false
  };
}

function executionCount(model: ICellModel): number | null {
  const { executionCount: count } = model as { executionCount?: unknown };
  return typeof count === 'number' ? count : null;
}

function separate(text: ICellModel['sharedModel']): void {
  // Not in the interface, but all of Lab's cells have it.
  const { undoManager } = text as { undoManager?: { stopCapturing(): void } | null };
  undoManager?.stopCapturing();
}
