/**
 * Marks in the cells: the failing call underlined, and what is wrong with it on hover or by key.
 *
 * Not `@codemirror/lint`: Lab does not share it, and the language server of another extension would
 * write to the same list of diagnostics.
 *
 * A mark belongs to a text, not to an editor: a notebook makes and drops the editors of its cells while
 * it scrolls, and shows one text in several. What is marked is kept per text; each editor moves its
 * marks along with what is typed and reports back where they are.
 */
import type { Extension, Text, Transaction } from '@codemirror/state';
import { StateEffect, StateField } from '@codemirror/state';
import type { DecorationSet, Tooltip, TooltipView } from '@codemirror/view';
import {
  Decoration,
  EditorView,
  hoverTooltip,
  keymap,
  showTooltip,
  ViewPlugin
} from '@codemirror/view';
import type { ISharedText } from '@jupyter/ydoc';
import type { IEditorExtensionFactory } from '@jupyterlab/codemirror';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Placed } from './markPlaces';
import { followAll, placeAll, spans, textOf } from './markPlaces';
import type { Detail } from './markTooltip';
import { asDialog, severityWord, tooltipContent } from './markTooltip';
import type { ReportMessage } from './protocol';

/** Opens what is said about the mark on the cursor's line. Neither CodeMirror nor Lab uses it. */
export const KEY = 'Mod-.';

export interface IMarksOptions {
  trans: TranslationBundle;
  /** The user wants this fix. */
  onFix: (text: ISharedText, report: ReportMessage, fixId: string) => void;
}

/** What is marked in a text that reads `doc`. */
interface Shown {
  readonly marks: readonly Placed[];
  readonly doc: Text;
}

/** What an editor draws. */
interface Drawn {
  readonly marks: readonly Placed[];
  readonly decorations: DecorationSet;
}

const NOTHING: Drawn = { marks: [], decorations: Decoration.none };

const draw = StateEffect.define<readonly Placed[]>();
/** Opens the dialog, or closes it; the tooltip under the mouse goes in both cases. */
const openDialog = StateEffect.define<Tooltip | null>();

function isOutdated(tr: Transaction): boolean {
  return tr.docChanged || tr.effects.some(effect => effect.is(draw) || effect.is(openDialog));
}

export class CellMarks {
  constructor(options: IMarksOptions) {
    this._trans = options.trans;
    this._onFix = options.onFix;
    this._field = StateField.define<Drawn>({
      create: () => NOTHING,
      update: (drawn, tr) => {
        let { marks } = drawn;
        if (tr.docChanged) {
          marks = followAll(marks, tr.changes, tr.startState.doc, tr.newDoc);
        }
        let redraw = tr.docChanged && (drawn.marks.length > 0 || marks.length > 0);
        for (const effect of tr.effects) {
          if (effect.is(draw)) {
            marks = effect.value;
            redraw = true;
          }
        }
        return redraw ? this._drawn(marks, tr.newDoc) : drawn;
      },
      provide: field => EditorView.decorations.from(field, drawn => drawn.decorations)
    });
    this.factory = {
      name: 'rnnmagic:marks',
      factory: ({ model }) => {
        const text = (model as { sharedModel?: ISharedText } | undefined)?.sharedModel;
        if (!text) {
          return null;
        }
        const extension = this._extension(text);
        return { instance: () => extension, reconfigure: () => null };
      }
    };
  }

  /** To be given to the registry of editor extensions. */
  readonly factory: IEditorExtensionFactory;

  /** Whether a failing call is underlined; without, hovering says nothing either. */
  get underline(): boolean {
    return this._underline;
  }
  set underline(value: boolean) {
    if (value !== this._underline) {
      this._underline = value;
      this._redraw(null);
    }
  }

  /** How much is said about a mark. */
  get detail(): Detail {
    return this._detail;
  }
  set detail(value: Detail) {
    if (value !== this._detail) {
      this._detail = value;
      this._redraw(null);
    }
  }

  /** Marks what the report says, in place of what was marked, unless the text has changed since it was run. */
  show(text: ISharedText, report: ReportMessage): void {
    const doc = textOf(report.source);
    const marks = text.getSource() === report.source ? placeAll(report, doc) : [];
    if (marks.length > 0) {
      this._shown.set(text, { marks, doc });
    } else {
      this._shown.delete(text);
    }
    this._redraw(text);
  }

  clear(text: ISharedText): void {
    if (this._shown.delete(text)) {
      this._redraw(text);
    }
  }

  clearAll(texts: Iterable<ISharedText>): void {
    for (const text of texts) {
      this.clear(text);
    }
  }

  /**
   * Opens what is said about the mark on the cursor's line, or else about the first mark of the text.
   *
   * @returns whether there was a mark and an editor to open it in
   */
  open(text: ISharedText): boolean {
    const views = Array.from(this._views.keys()).filter(view => this._views.get(view) === text);
    const view = views.find(view => view.hasFocus) ?? views.find(view => view.dom.isConnected);
    return view !== undefined && (this._openAtCursor(view, text) || this._openFirst(view, text));
  }

  private _extension(text: ISharedText): Extension {
    const dialog = StateField.define<Tooltip | null>({
      create: () => null,
      update: (tooltip, tr) => {
        let open = tr.docChanged ? null : tooltip;
        for (const effect of tr.effects) {
          if (effect.is(openDialog)) {
            open = effect.value;
          } else if (effect.is(draw)) {
            open = null;
          }
        }
        return open;
      },
      provide: field => showTooltip.from(field)
    });
    const { _views: views, _shown: shown } = this;
    const tracker = ViewPlugin.define(view => {
      views.set(view, text);
      return {
        update: ({ docChanged, changes, startState, state }) => {
          const last = docChanged ? shown.get(text) : undefined;
          // Of several editors of a text, the first one tells.
          if (last?.doc.eq(startState.doc)) {
            const marks = followAll(last.marks, changes, startState.doc, state.doc);
            if (marks.length > 0) {
              shown.set(text, { marks, doc: state.doc });
            } else {
              shown.delete(text);
            }
          }
        },
        destroy: () => {
          views.delete(view);
        }
      };
    });
    return [
      // Drawn from the first moment on, so that a cell scrolled into view does not flicker.
      this._field.init(state => this._drawn(this._marksOf(text, state.doc), state.doc)),
      dialog,
      tracker,
      hoverTooltip((view, pos, side) => this._hover(view, text, pos, side), { hideOn: isOutdated }),
      keymap.of([{ key: KEY, run: view => this._openAtCursor(view, text) }])
    ];
  }

  /** What is marked in a text that now reads `doc`. */
  private _marksOf(text: ISharedText, doc: Text): readonly Placed[] {
    const shown = this._shown.get(text);
    // It was changed while no editor moved the marks along: where they belong is not known.
    return shown?.doc.eq(doc) ? shown.marks : [];
  }

  private _drawn(marks: readonly Placed[], doc: Text): Drawn {
    if (!this._underline) {
      return { marks, decorations: Decoration.none };
    }
    const ranges = marks.flatMap(placed => {
      const severity = placed.mark.severity === 'warning' ? 'warning' : 'error';
      const className = `rnnmagic-mark rnnmagic-mark-${severity}`;
      // A description is read after the text that it belongs to; a name would be read in its place.
      // Once is enough for a call over several lines.
      const attributes = {
        role: 'mark',
        'aria-description': `${severityWord(placed.mark, this._trans)}: ${placed.mark.summary}`
      };
      return spans(placed, doc).map((span, i) =>
        Decoration.mark(i === 0 ? { class: className, attributes } : { class: className }).range(
          span.from,
          span.to
        )
      );
    });
    return { marks, decorations: Decoration.set(ranges, true) };
  }

  /**
   * Draws again in the editors of a text, or of all texts.
   *
   * Later, since whoever asks may be called from an update of an editor, in which no other may start.
   */
  private _redraw(text: ISharedText | null): void {
    queueMicrotask(() => {
      for (const [view, its] of Array.from(this._views)) {
        if ((text === null || its === text) && this._views.has(view)) {
          const marks = this._marksOf(its, view.state.doc);
          if (marks.length > 0 || view.state.field(this._field).marks.length > 0) {
            view.dispatch({ effects: draw.of(marks) });
          }
        }
      }
    });
  }

  private _hover(view: EditorView, text: ISharedText, pos: number, side: number): Tooltip | null {
    const under = this._underline
      ? view.state
          .field(this._field)
          .marks.filter(
            ({ from, to }) =>
              (from < pos && pos < to) || (pos === from && side > 0) || (pos === to && side < 0)
          )
          .filter(({ from, to }) => from < to)
      : [];
    if (under.length === 0) {
      return null;
    }
    return {
      pos: Math.min(...under.map(({ from }) => from)),
      end: Math.max(...under.map(({ to }) => to)),
      create: () => ({ dom: this._content(view, text, under) })
    };
  }

  private _openAtCursor(view: EditorView, text: ISharedText): boolean {
    const line = view.state.doc.lineAt(view.state.selection.main.head);
    const here = view.state
      .field(this._field)
      .marks.filter(({ linesFrom, linesTo }) => linesFrom <= line.to && linesTo >= line.from);
    return this._openFor(view, text, here);
  }

  private _openFirst(view: EditorView, text: ISharedText): boolean {
    return this._openFor(view, text, view.state.field(this._field).marks.slice(0, 1));
  }

  private _openFor(view: EditorView, text: ISharedText, marks: readonly Placed[]): boolean {
    if (marks.length === 0) {
      return false;
    }
    const tooltip: Tooltip = {
      pos: Math.min(...marks.map(({ from }) => from)),
      create: () => this._dialog(view, text, marks)
    };
    view.dispatch({ effects: openDialog.of(tooltip) });
    return true;
  }

  private _dialog(view: EditorView, text: ISharedText, marks: readonly Placed[]): TooltipView {
    const dom = this._content(view, text, marks);
    asDialog(dom, back => {
      this._close(view);
      if (back) {
        view.focus();
      }
    });
    return {
      dom,
      mount: () =>
        // Moving the focus makes the notebook change the editor, which now is in the middle of an update.
        queueMicrotask(() => {
          if (dom.isConnected) {
            (dom.querySelector('button') ?? dom).focus({ preventScroll: true });
          }
        }),
      destroy: () => {
        // It also goes when the text is changed from elsewhere, and the focus in it with it.
        queueMicrotask(() => {
          if (document.activeElement === document.body && this._views.has(view)) {
            view.focus();
          }
        });
      }
    };
  }

  private _content(view: EditorView, text: ISharedText, marks: readonly Placed[]): HTMLElement {
    return tooltipContent(marks, this._detail, this._trans, ({ report }, id) => {
      this._close(view);
      // Before the fix is asked for: a dialog that it opens gives the focus back to where it was.
      view.focus();
      this._onFix(text, report, id);
    });
  }

  private _close(view: EditorView): void {
    if (this._views.has(view)) {
      view.dispatch({ effects: openDialog.of(null) });
    }
  }

  private readonly _trans: TranslationBundle;
  private readonly _onFix: IMarksOptions['onFix'];
  private readonly _field: StateField<Drawn>;
  private readonly _shown = new WeakMap<ISharedText, Shown>();
  /** The live editors; several may show one text. */
  private readonly _views = new Map<EditorView, ISharedText>();
  private _underline = true;
  private _detail: Detail = 'fixes';
}
