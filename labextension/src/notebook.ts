/** All that the extension knows and does about one open notebook. */

import { Notification } from '@jupyterlab/apputils';
import type { Cell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { JSONValue } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import { KernelLink } from './link';
import type { CellMarks } from './marks';
import type { FixInfo, FromKernel, ReportMessage, Restored } from './protocol';
import { Repairer } from './repairer';
import type { Settings } from './settings';

/** The key of our part in a notebook's metadata. */
const POLICY = 'rnnmagic';

export interface INotebookOptions {
  readonly panel: NotebookPanel;
  readonly marks: CellMarks;
  readonly settings: Settings;
  readonly trans: TranslationBundle;
  readonly announce: (text: string) => void;
  readonly isCurrent: () => boolean;
}

export class CheckedNotebook implements IDisposable {
  constructor(private readonly _options: INotebookOptions) {
    const { panel } = _options;
    this.panel = panel;
    this.link = new KernelLink(panel.sessionContext, () => this._policy());
    void panel.context.ready.then(() => this._followPolicy());
    this._repairer = new Repairer({ ..._options, link: this.link });
    this.link.message.connect(this._onMessage, this);
    this.link.changed.connect(() => this._changed.emit());
    this.link.reset.connect(this._onReset, this);
    panel.content.activeCellChanged.connect(this._onActive, this);
    // Before the panel's own disposal, while the kernel can still be told.
    panel.content.disposed.connect(() => this.dispose());
    if (_options.settings.values.checkByDefault) {
      this.link.wantOn();
    }
  }

  readonly panel: NotebookPanel;
  readonly link: KernelLink;

  /** What buttons and the status bar show may be another now. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Whether the latest checked run of a cell of this notebook ended in a shape error. */
  get failing(): boolean {
    return this._last?.outcome === 'shape_error';
  }

  /** The active cell's report, or else the latest one that has something to show. */
  get reportAtHand(): ReportMessage | null {
    return this.reportOf(this.panel.content.activeCell) ?? this._lastTelling;
  }

  reportOf(cell: Cell | null): ReportMessage | null {
    return (cell === null ? undefined : this._reports.get(cell.model.id)) ?? null;
  }

  cellOf(report: ReportMessage): Cell | null {
    return this.panel.content.widgets.find(cell => cell.model.id === report.cell_id) ?? null;
  }

  /** The best fix of a report that can be written into a cell. */
  static firstFix(report: ReportMessage | null): FixInfo | null {
    return report?.marks.flatMap(mark => mark.fixes).find(fix => fix.edits) ?? null;
  }

  apply(report: ReportMessage, fix: string): void {
    const { trans } = this._options;
    const { busy } = this.link;
    if (!this.link.send({ type: 'apply', report: report.id, fix })) {
      Notification.warning(
        trans.__('rnnmagic is no longer loaded in the kernel. Run the cell again.')
      );
    } else if (busy) {
      Notification.info(
        trans.__('The kernel is busy. The fix follows when the running cells have ended.')
      );
    }
  }

  undo(): void {
    this.link.send({ type: 'undo' });
  }

  /** Whether the fix that can be taken back changed this cell. */
  undoes(cell: Cell | null): boolean {
    return cell !== null && (this.link.kernelState?.undo?.cells.includes(cell.model.id) ?? false);
  }

  /** It is about to run: what was said about it is void. */
  scheduled(cell: Cell): void {
    this._options.marks.clear(cell.model.sharedModel);
    const report = this._reports.get(cell.model.id);
    if (report !== undefined) {
      this._reports.delete(cell.model.id);
      if (this._lastTelling === report) {
        this._lastTelling = null;
      }
      if (this._last === report) {
        this._last = null;
      }
      this._changed.emit();
    }
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._repairer.withdrawOffer();
      this.link.dispose();
      Signal.clearData(this);
    }
  }

  private _policy(): JSONValue {
    return (this.panel.model?.getMetadata(POLICY) ?? null) as JSONValue;
  }

  /** A teacher's policy may stand in the notebook; it is there as soon as the notebook is. */
  private _followPolicy(): void {
    const { model } = this.panel;
    if (this._isDisposed || model === null) {
      return;
    }
    if (this._policy() !== null) {
      this.link.tellPolicy();
    }
    model.metadataChanged.connect((_, change) => {
      if (change.key === POLICY) {
        this.link.tellPolicy();
      }
    });
  }

  private _onActive(): void {
    this._changed.emit();
  }

  private _onMessage(_: KernelLink, message: FromKernel): void {
    switch (message.type) {
      case 'report':
        this._report(message);
        break;
      case 'edit':
        void this._repairer.carryOut(message);
        break;
      case 'restored':
        this._restored(message);
        break;
      case 'said':
        Notification.emit(message.text, message.level, { autoClose: 10_000 });
        this._options.announce(message.text);
        break;
      default:
        break; // the link's own, the shapes panel's, and what a later version adds
    }
  }

  private _report(report: ReportMessage): void {
    const { announce, marks, settings } = this._options;
    const cell = this.cellOf(report);
    if (cell === null) {
      return; // of another notebook on this kernel
    }
    this._reports.set(cell.model.id, report);
    this._last = report;
    if (report.outcome === 'shape_error' || report.marks.length > 0) {
      this._lastTelling = report;
    }
    marks.show(cell.model.sharedModel, report);
    if (!report.again) {
      const brief = settings.values.hintLevel === 'sentence' && report.marks.length > 0;
      announce(brief ? report.marks[0].summary : report.announcement);
    }
    this._changed.emit();
  }

  private _restored({ kept, names }: Restored): void {
    const { announce, trans } = this._options;
    const parts = [trans.__('Fix undone.')];
    if (names.length > 0) {
      parts.push(trans.__('As before the fix: %1.', names.join(', ')));
    }
    if (kept.length > 0) {
      parts.push(trans.__('Changed since and kept: %1.', kept.join(', ')));
    }
    const text = parts.join(' ');
    Notification.info(text, { autoClose: 10_000 });
    announce(text);
  }

  private _onReset(): void {
    this._repairer.withdrawOffer();
    this._reports.clear();
    this._last = this._lastTelling = null;
    const { panel } = this;
    if (!panel.content.isDisposed) {
      this._options.marks.clearAll(panel.content.widgets.map(cell => cell.model.sharedModel));
    }
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly _repairer: Repairer;
  /** The last one of each cell since it was last run. */
  private readonly _reports = new Map<string, ReportMessage>();
  private _last: ReportMessage | null = null;
  private _lastTelling: ReportMessage | null = null;
  private _isDisposed = false;
}
