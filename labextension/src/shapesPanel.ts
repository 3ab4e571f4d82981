/**
 * The side panel "Shapes": what the kernel holds, with the meaning of each axis and what a model wants.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Message } from '@lumino/messaging';
import type { ISignal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';

import { shapesIcon } from './icons';
import type { ShapeRow, ShapesMessage } from './protocol';
import type { Entry } from './shapesTable';
import {
  axesText,
  countText,
  entries,
  filtered,
  fingerprint,
  fitTexts,
  hiddenText,
  remark,
  ROWS_SHOWN
} from './shapesTable';

/** After a change; several cells that end one after the other ask once. */
const DELAY_MS = 250;

/** A kernel that answers later than this is busy with a cell: what is shown may be old. */
const SLOW_MS = 1000;

export interface IShapesSource {
  /** The shapes, or why there are none, for the user. */
  request(): Promise<ShapesMessage | string>;
  /** A cell ended; the active notebook or its kernel changed. */
  readonly changed: ISignal<unknown, void>;
  /** Puts a name at the cursor of the active cell. */
  insert(name: string): void;
}

function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  className = '',
  text?: string
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  if (className) {
    made.className = className;
  }
  if (text !== undefined) {
    made.textContent = text;
  }
  return made;
}

/** With its role spelled out: a table that is laid out as blocks is none for a screen reader otherwise. */
function part<K extends keyof HTMLElementTagNameMap>(
  name: K,
  role: string,
  className = ''
): HTMLElementTagNameMap[K] {
  const made = element(name, className);
  made.setAttribute('role', role);
  return made;
}

export class ShapesPanel extends Widget {
  constructor(source: IShapesSource, trans: TranslationBundle) {
    super();
    this._source = source;
    this._trans = trans;
    this.id = 'rnnmagic-shapes';
    this.addClass('rnnmagic-shapes');
    this.title.caption = trans.__('Shapes of the variables');
    this.title.icon = shapesIcon;
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Shapes'));

    this._filter = element('input', 'rnnmagic-shapes-filter');
    this._filter.type = 'search';
    this._filter.spellcheck = false;
    this._filter.autocomplete = 'off';
    this._filter.placeholder = trans.__('Name, type, axis…');
    this._filter.addEventListener('input', () => this._render());
    this._filter.addEventListener('keydown', event => this._onFilterKey(event));
    this._count = element('p', 'rnnmagic-shapes-count');
    this._count.setAttribute('role', 'status');
    this._why = element('p', 'rnnmagic-shapes-why');
    this._why.setAttribute('role', 'status');
    this._more = element('p', 'rnnmagic-shapes-more');
    this._body = part('tbody', 'rowgroup');
    this._table = this._makeTable();
    this._scroller = element('div', 'rnnmagic-shapes-scroll');
    this._scroller.append(this._why, this._table, this._more);
    this.node.append(this._makeHead(), this._scroller);
    this._render();

    source.changed.connect(this._onChanged);
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._source.changed.disconnect(this._onChanged);
      clearTimeout(this._timer);
      super.dispose();
    }
  }

  /** Asks for the shapes; while an answer is awaited, once more after it. */
  refresh(): void {
    clearTimeout(this._timer);
    if (this._asking) {
      this._askAgain = true;
      return;
    }
    this._asking = true;
    this._askAgain = false;
    const slow = setTimeout(() => this._setSlow(true), SLOW_MS);
    void this._ask().finally(() => {
      clearTimeout(slow);
      this._setSlow(false);
      this._asking = false;
      if (this._askAgain && this.isVisible) {
        this._onChanged();
      }
    });
  }

  protected override onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    if (this.isVisible) {
      this.refresh();
    }
  }

  protected override onAfterShow(msg: Message): void {
    super.onAfterShow(msg);
    this.refresh();
  }

  protected override onActivateRequest(msg: Message): void {
    super.onActivateRequest(msg);
    this._filter.focus();
  }

  private async _ask(): Promise<void> {
    let answer: ShapesMessage | string;
    try {
      answer = await this._source.request();
    } catch (error) {
      answer = this._trans.__('The shapes could not be read: %1', String(error));
    }
    if (this.isDisposed) {
      return;
    }
    const print = fingerprint(answer);
    if (print === this._print) {
      return;
    }
    this._print = print;
    this._answer = answer;
    this._entries = typeof answer === 'string' ? [] : entries(answer.rows);
    this._render();
  }

  private _onFilterKey(event: KeyboardEvent): void {
    if (event.key === 'Escape' && this._filter.value) {
      event.preventDefault();
      event.stopPropagation();
      this._filter.value = '';
      this._render();
    }
  }

  private _render(): void {
    const answer = this._answer;
    this._sayWhy();
    const found = filtered(this._entries, this._filter.value);
    const known = answer !== null && typeof answer !== 'string';
    setText(
      this._count,
      known ? countText(found.length, this._entries.length, this._filter.value, this._trans) : ''
    );
    setText(this._more, known ? hiddenText(answer.hidden, this._trans) : '');
    this._table.hidden = found.length === 0;
    this._fill(found.slice(0, ROWS_SHOWN));
  }

  private _setSlow(slow: boolean): void {
    this._slow = slow;
    this._sayWhy();
  }

  private _sayWhy(): void {
    const answer = this._answer;
    if (this._slow) {
      setText(this._why, this._trans.__('Waiting for the kernel…'));
    } else if (answer === null) {
      setText(this._why, this._trans.__('Reading shapes…'));
    } else {
      setText(this._why, typeof answer === 'string' ? answer : '');
    }
  }

  /** Replaces the rows; who reads or is about to press a button stays where they are. */
  private _fill(shown: readonly Entry[]): void {
    const { scrollTop } = this._scroller;
    const focus = document.activeElement;
    const focused =
      focus instanceof HTMLElement && this._body.contains(focus) ? focus.textContent : null;
    const rows = document.createDocumentFragment();
    let again: HTMLElement | null = null;
    for (const { row } of shown) {
      const { line, button } = this._makeRow(row);
      rows.append(line);
      if (row.name === focused) {
        again = button;
      }
    }
    this._body.replaceChildren(rows);
    this._scroller.scrollTop = scrollTop;
    if (focused !== null) {
      (again ?? this._filter).focus({ preventScroll: true });
    }
  }

  private _makeRow(row: ShapeRow): { line: HTMLElement; button: HTMLElement } {
    const trans = this._trans;
    const line = part('tr', 'row');
    const head = part('th', 'rowheader', 'rnnmagic-shapes-name');
    head.scope = 'row';
    const button = element('button', 'rnnmagic-shapes-insert', row.name);
    button.type = 'button';
    button.title = trans.__('Insert at the cursor');
    button.setAttribute('aria-label', trans.__('Insert %1', row.name));
    button.addEventListener('click', () => this._source.insert(row.name));
    head.append(button);

    const shape = part('td', 'cell', 'rnnmagic-shapes-shape');
    shape.append(element('code', 'rnnmagic-shapes-notation', row.notation));
    const note = remark(row);
    if (note) {
      shape.append(' ', element('span', 'rnnmagic-shapes-remark', note));
    }

    const axes = part('td', 'cell', 'rnnmagic-shapes-axes');
    axes.textContent = axesText(row);

    const fits = part('td', 'cell', 'rnnmagic-shapes-fits');
    for (const { ok, sign, text } of fitTexts(row, trans)) {
      const fit = element('div', ok ? 'rnnmagic-shapes-fit' : 'rnnmagic-shapes-misfit');
      const mark = element('span', 'rnnmagic-shapes-sign', sign);
      // The words say it; "check mark" before them would only be in the way.
      mark.setAttribute('aria-hidden', 'true');
      fit.append(mark, ' ', document.createTextNode(text));
      fits.append(fit);
    }
    line.append(head, shape, axes, fits);
    return { line, button };
  }

  private _makeHead(): HTMLElement {
    const trans = this._trans;
    const head = element('div', 'rnnmagic-shapes-head');
    const label = element('label', 'rnnmagic-shapes-label');
    label.append(element('span', '', trans.__('Filter')), this._filter);
    const refresh = element('button', 'rnnmagic-shapes-refresh', trans.__('Refresh'));
    refresh.type = 'button';
    refresh.addEventListener('click', () => this.refresh());
    head.append(label, refresh, this._count);
    return head;
  }

  private _makeTable(): HTMLTableElement {
    const trans = this._trans;
    const table = part('table', 'table', 'rnnmagic-shapes-table');
    const caption = element('caption', 'rnnmagic-visuallyHidden');
    caption.textContent = trans.__('Variables of the kernel that have a shape');
    const heads = part('tr', 'row');
    for (const word of [
      trans.__('Variable'),
      trans.__('Shape'),
      trans.__('Axes'),
      trans.__('Model')
    ]) {
      const head = part('th', 'columnheader');
      head.scope = 'col';
      head.textContent = word;
      heads.append(head);
    }
    const top = part('thead', 'rowgroup');
    top.append(heads);
    table.append(caption, top, this._body);
    return table;
  }

  private readonly _onChanged = (): void => {
    clearTimeout(this._timer);
    // What is not seen is not asked for; it is when it is shown.
    if (this.isVisible) {
      this._timer = setTimeout(() => {
        if (this.isVisible) {
          this.refresh();
        }
      }, DELAY_MS);
    }
  };

  private readonly _source: IShapesSource;
  private readonly _trans: TranslationBundle;
  private readonly _filter: HTMLInputElement;
  private readonly _count: HTMLElement;
  private readonly _why: HTMLElement;
  private readonly _more: HTMLElement;
  private readonly _table: HTMLTableElement;
  private readonly _body: HTMLElement;
  private readonly _scroller: HTMLElement;
  private _answer: ShapesMessage | string | null = null;
  private _entries: readonly Entry[] = [];
  private _print = '';
  private _asking = false;
  private _askAgain = false;
  private _slow = false;
  private _timer: ReturnType<typeof setTimeout> | undefined = undefined;
}

/** A live region speaks when it is written to: not when it would say the same again. */
function setText(node: HTMLElement, text: string): void {
  if (node.textContent !== text) {
    node.textContent = text;
  }
}
