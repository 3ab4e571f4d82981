/**
 * What an edit asked for by the kernel means for the cells of one notebook: the text changes and the
 * cells to run again, or why nothing may be changed. Pure, so that every rule has a test.
 */

import type { CellPlace, Edit, RefusedReason } from './protocol';

export interface ICellFacts {
  readonly id: string;
  readonly source: string;
  readonly executionCount: number | null;
  readonly code: boolean;
  /** The user or a teacher has closed this cell to changes. */
  readonly locked: boolean;
}

/** Replace `from`–`to` (UTF-16 units) of the cell at `index` with `insert`. */
export interface IChange {
  readonly index: number;
  readonly from: number;
  readonly to: number;
  readonly insert: string;
}

export interface IPlan {
  readonly changes: readonly IChange[];
  /** Cells to run again, in this order. */
  readonly run: readonly number[];
  readonly checked: number | null;
}

export type Problem = 'gone' | 'ambiguous' | 'changed' | 'locked' | 'twice' | 'empty' | 'line-ends';

export interface IRefusal {
  readonly reason: RefusedReason;
  readonly problem: Problem;
}

const REASONS: Record<Problem, RefusedReason> = {
  gone: 'cell-not-found',
  ambiguous: 'cell-not-found',
  changed: 'stale',
  locked: 'locked',
  twice: 'failed',
  empty: 'failed',
  'line-ends': 'failed'
};

export function isRefusal(outcome: IPlan | IRefusal): outcome is IRefusal {
  return 'problem' in outcome;
}

/** All of the edits or none. */
export function plan(
  cells: readonly ICellFacts[],
  edits: readonly Edit[],
  checked: CellPlace,
  task: 'apply' | 'undo' = 'apply'
): IPlan | IRefusal {
  if (edits.length === 0) {
    return refusal('empty');
  }
  const changes: IChange[] = [];
  for (const edit of edits) {
    const found = find(cells, edit);
    if (typeof found !== 'number') {
      return refusal(found);
    }
    const cell = cells[found];
    if (cell.locked || !cell.code) {
      return refusal('locked');
    }
    if (task === 'undo' && cell.source === edit.new) {
      continue; // taken back by hand; what is left is the kernel's part
    }
    if (cell.source !== edit.old) {
      return refusal('changed');
    }
    if (changes.some(change => change.index === found)) {
      return refusal('twice');
    }
    const change = smallestChange(edit.old, edit.new);
    // The editor counts these as one character and the text as two: in what the user sees, the change
    // would land elsewhere.
    if (`${edit.old.slice(0, change.to)}${change.insert}`.includes('\r\n')) {
      return refusal('line-ends');
    }
    changes.push({ index: found, ...change });
  }
  const target = findChecked(cells, checked);
  return {
    changes,
    run: cellsToRun(
      cells,
      changes.map(change => change.index),
      target
    ),
    checked: target
  };
}

/** The part of `old` that differs from `next`; never half a surrogate pair or half a line end. */
export function smallestChange(
  old: string,
  next: string
): { from: number; to: number; insert: string } {
  const shorter = Math.min(old.length, next.length);
  let before = 0;
  while (before < shorter && old[before] === next[before]) {
    before++;
  }
  while (before > 0 && (splits(old, before) || splits(next, before))) {
    before--;
  }
  let after = 0;
  while (
    after < shorter - before &&
    old[old.length - 1 - after] === next[next.length - 1 - after]
  ) {
    after++;
  }
  while (after > 0 && (splits(old, old.length - after) || splits(next, next.length - after))) {
    after--;
  }
  return {
    from: before,
    to: old.length - after,
    insert: next.slice(before, next.length - after)
  };
}

/**
 * From the first edited cell to the checked one, in the order of the notebook. What was never run in
 * between is left alone: the error came about without it. When the checked cell stands above an
 * edited one, the edited ones come first.
 */
export function cellsToRun(
  cells: readonly ICellFacts[],
  edited: readonly number[],
  checked: number | null
): number[] {
  const inOrder = [...edited].sort((one, other) => one - other);
  if (checked === null) {
    return inOrder;
  }
  if (checked < inOrder[inOrder.length - 1]) {
    return [...inOrder.filter(index => index !== checked), checked];
  }
  const run: number[] = [];
  for (let index = inOrder[0]; index <= checked; index++) {
    const cell = cells[index];
    if (
      cell.code &&
      (cell.executionCount !== null || index === checked || edited.includes(index))
    ) {
      run.push(index);
    }
  }
  return run;
}

/** The index of the cell that the edit is about, or why there is none. */
function find(cells: readonly ICellFacts[], edit: Edit): number | Problem {
  if (edit.cell_id !== null) {
    const same = indices(cells, cell => cell.id === edit.cell_id);
    return one(same, 'gone');
  }
  const same = indices(cells, cell => cell.code && cell.source === edit.old);
  const moved =
    edit.execution_count !== null &&
    cells.some(cell => cell.executionCount === edit.execution_count);
  return one(same, moved ? 'changed' : 'gone');
}

function findChecked(cells: readonly ICellFacts[], checked: CellPlace): number | null {
  const same = indices(cells, cell =>
    checked.cell_id !== null
      ? cell.id === checked.cell_id
      : checked.execution_count !== null && cell.executionCount === checked.execution_count
  );
  return same.length === 1 && cells[same[0]].code ? same[0] : null;
}

function one(found: readonly number[], none: Problem): number | Problem {
  return found.length === 1 ? found[0] : found.length === 0 ? none : 'ambiguous';
}

function indices(cells: readonly ICellFacts[], wanted: (cell: ICellFacts) => boolean): number[] {
  return cells.flatMap((cell, index) => (wanted(cell) ? [index] : []));
}

function refusal(problem: Problem): IRefusal {
  return { reason: REASONS[problem], problem };
}

/** Whether `at` lies between the two halves of one character or of one line end. */
function splits(text: string, at: number): boolean {
  if (at <= 0 || at >= text.length) {
    return false;
  }
  return /^(?:[\uD800-\uDBFF][\uDC00-\uDFFF]|\r\n)$/.test(text.slice(at - 1, at + 1));
}
