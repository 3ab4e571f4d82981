/**
 * The words of the shapes panel, and which rows a filter leaves. No DOM.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { ShapeRow, ShapesMessage } from './protocol';

/** More rows make the page slow, and nobody reads them. */
export const ROWS_SHOWN = 200;

const UNKNOWN = '?';

/** A row with what a filter looks at. */
export interface Entry {
  readonly row: ShapeRow;
  readonly haystack: string;
}

/** Another version of the kernel may leave a column out. */
function list<T>(value: readonly T[] | undefined): readonly T[] {
  return value ?? [];
}

export function entries(rows: readonly ShapeRow[]): readonly Entry[] {
  return rows.map(row => ({
    row,
    haystack: [row.name, row.type_name, row.carrier, row.notation, ...list(row.axes)]
      .join('\n')
      .toLowerCase()
  }));
}

/** The rows that hold every word of the filter, in any column. */
export function filtered(all: readonly Entry[], filter: string): readonly Entry[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return words.length === 0
    ? all
    : all.filter(({ haystack }) => words.every(word => haystack.includes(word)));
}

/** The same for two answers that say the same, whatever their number and whom they are for. */
export function fingerprint(answer: ShapesMessage | string): string {
  return JSON.stringify(typeof answer === 'string' ? answer : [answer.rows, answer.hidden]);
}

export function countText(
  matching: number,
  all: number,
  filter: string,
  trans: TranslationBundle
): string {
  if (all === 0) {
    return trans.__('No variable has a shape yet');
  }
  const count = filter.trim()
    ? trans._n('%2 of %1 variable', '%2 of %1 variables', all, matching)
    : trans._n('%1 variable', '%1 variables', all);
  return matching <= ROWS_SHOWN ? count : trans.__('%1, the first %2 are shown', count, ROWS_SHOWN);
}

export function hiddenText(hidden: number, trans: TranslationBundle): string {
  return hidden > 0
    ? trans._n(
        '… %1 more variable was not looked at',
        '… %1 more variables were not looked at',
        hidden
      )
    : '';
}

/** The meaning of the axes in one line; empty when none is known. */
export function axesText(row: ShapeRow): string {
  const axes = list(row.axes);
  return axes.some(axis => axis !== UNKNOWN) ? axes.join(', ') : '';
}

/** What the shape does not say. */
export function remark(row: ShapeRow): string {
  return [row.type_name, row.note].filter(Boolean).join(', ');
}

export interface FitText {
  readonly ok: boolean;
  readonly sign: string;
  readonly text: string;
}

export function fitTexts(row: ShapeRow, trans: TranslationBundle): readonly FitText[] {
  return list(row.fits).map(({ ok, model, wants }) =>
    ok
      ? { ok, sign: '✓', text: trans.__('fits %1', model) }
      : { ok, sign: '✗', text: trans.__('%1 wants %2', model, wants) }
  );
}
