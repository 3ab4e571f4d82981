import { describe, expect, it } from 'vitest';

import type { CellPlace, Edit } from '../src/protocol';
import {
  cellsToRun,
  isRefusal,
  plan,
  smallestChange,
  type ICellFacts,
  type IPlan,
  type IRefusal
} from '../src/repairPlan';

function cell(id: string, source: string, more: Partial<ICellFacts> = {}): ICellFacts {
  return { id, source, executionCount: 1, code: true, locked: false, ...more };
}

function edit(cellId: string | null, old: string, next: string, count: number | null = null): Edit {
  return { cell_id: cellId, execution_count: count, old, new: next };
}

const at = (id: string | null, count: number | null = null): CellPlace => ({
  cell_id: id,
  execution_count: count
});

function planned(outcome: IPlan | IRefusal): IPlan {
  if (isRefusal(outcome)) {
    throw new Error(outcome.problem);
  }
  return outcome;
}

/** The sources after the plan. */
function carriedOut(cells: readonly ICellFacts[], made: IPlan): string[] {
  const sources = cells.map(each => each.source);
  for (const { index, from, to, insert } of made.changes) {
    sources[index] = sources[index].slice(0, from) + insert + sources[index].slice(to);
  }
  return sources;
}

describe('smallestChange', () => {
  it.each([
    ['model.fit(X)', 'model.fit(X.reshape(1))', { from: 11, to: 11, insert: '.reshape(1)' }],
    ['', 'x = 1', { from: 0, to: 0, insert: 'x = 1' }],
    ['x = 1', '', { from: 0, to: 5, insert: '' }],
    ['same', 'same', { from: 4, to: 4, insert: '' }],
    ['aa', 'aaa', { from: 2, to: 2, insert: 'a' }],
    ['aaa', 'aa', { from: 2, to: 3, insert: '' }],
    // 😀 and 😁 share their first half, 😀 and 🨀 their second.
    ['a😀b', 'a😁b', { from: 1, to: 3, insert: '😁' }],
    ['a\u{1F600}b', 'a\u{1FA00}b', { from: 1, to: 3, insert: '\u{1FA00}' }],
    ['\u{1F600}', '\u{1F600}\u{1F600}', { from: 2, to: 2, insert: '\u{1F600}' }],
    // Half a line end is none.
    ['a\r\nb', 'a\r\n\r\nb', { from: 3, to: 3, insert: '\r\n' }],
    ['a\r\nb', 'a\rb', { from: 1, to: 3, insert: '\r' }],
    ['a\nb', 'a\r\nb', { from: 1, to: 2, insert: '\r\n' }]
  ])('%j to %j', (old, next, change) => {
    expect(smallestChange(old, next)).toEqual(change);
    expect(old.slice(0, change.from) + change.insert + old.slice(change.to)).toBe(next);
  });

  it('leads from any text to any other', () => {
    const alphabet = ['a', 'b', '\n', '\r', '\r\n', '😀', '😁', '\u{1FA00}'];
    let seed = 7;
    const random = (below: number): number => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return Math.floor((seed / 2147483648) * below);
    };
    const text = (): string =>
      Array.from({ length: random(7) }, () => alphabet[random(alphabet.length)]).join('');
    for (let round = 0; round < 3000; round++) {
      const old = text();
      const next = text();
      const { from, to, insert } = smallestChange(old, next);
      expect(old.slice(0, from) + insert + old.slice(to)).toBe(next);
      for (const half of [insert, old.slice(0, from), old.slice(to), old.slice(from, to)]) {
        expect(half).not.toMatch(/^[\uDC00-\uDFFF]|[\uD800-\uDBFF]$/);
      }
    }
  });
});

describe('plan', () => {
  const cells = [cell('a', 'X = load()'), cell('b', 'model = build()'), cell('c', 'model.fit(X)')];

  it('changes the named cell and runs up to the checked one', () => {
    const made = planned(plan(cells, [edit('a', 'X = load()', 'X = load()[0]')], at('c')));
    expect(made).toEqual({
      changes: [{ index: 0, from: 10, to: 10, insert: '[0]' }],
      run: [0, 1, 2],
      checked: 2
    });
  });

  it('lets an undo be, where the cell was taken back by hand', () => {
    const edits = [edit('a', 'X = load()[0]', 'X = load()')];
    expect(planned(plan(cells, edits, at('c'), 'undo')).changes).toEqual([]);
    expect(plan(cells, edits, at('c'), 'apply')).toMatchObject({ reason: 'stale' });
  });

  it('follows a cell that was moved', () => {
    const moved = [cells[2], cells[1], cells[0]];
    const made = planned(plan(moved, [edit('a', 'X = load()', 'X = 1')], at('c')));
    expect(carriedOut(moved, made)).toEqual(['model.fit(X)', 'model = build()', 'X = 1']);
    expect(made.run).toEqual([2, 0]);
  });

  it('takes the named cell among several that read the same', () => {
    const twins = [cell('a', 'fit()'), cell('b', 'fit()')];
    const made = planned(plan(twins, [edit('b', 'fit()', 'fit(1)')], at('b')));
    expect(carriedOut(twins, made)).toEqual(['fit()', 'fit(1)']);
  });

  it('finds a cell without id by its source', () => {
    const made = planned(plan(cells, [edit(null, 'model.fit(X)', 'model.fit(Y)')], at(null, 9)));
    expect(made.changes[0].index).toBe(2);
    expect(made).toMatchObject({ run: [2], checked: null });
  });

  it('edits above line ends of Windows and at any others', () => {
    const old = 'a\nb\rc\r\n';
    const made = planned(plan([cell('a', old)], [edit('a', old, 'a\nx\rc\r\n')], at('a')));
    expect(made.changes).toEqual([{ index: 0, from: 2, to: 3, insert: 'x' }]);
  });

  it('edits an empty cell', () => {
    const made = planned(plan([cell('a', '')], [edit('a', '', 'x')], at('a')));
    expect(made.changes).toEqual([{ index: 0, from: 0, to: 0, insert: 'x' }]);
  });

  it.each<[string, readonly ICellFacts[], Edit[], IRefusal]>([
    ['no such cell', cells, [edit('z', 'X', 'Y')], { reason: 'cell-not-found', problem: 'gone' }],
    ['typed into', cells, [edit('a', 'X', 'Y')], { reason: 'stale', problem: 'changed' }],
    [
      'only the line ends are other ones',
      [cell('a', 'x\r\ny')],
      [edit('a', 'x\ny', 'x')],
      { reason: 'stale', problem: 'changed' }
    ],
    [
      'same source, but another id',
      cells,
      [edit('z', 'X = load()', 'Y')],
      { reason: 'cell-not-found', problem: 'gone' }
    ],
    [
      'locked',
      [cell('a', 'x', { locked: true })],
      [edit('a', 'x', 'y')],
      { reason: 'locked', problem: 'locked' }
    ],
    [
      'no code cell any more',
      [cell('a', 'x', { code: false })],
      [edit('a', 'x', 'y')],
      { reason: 'locked', problem: 'locked' }
    ],
    [
      'two that read the same',
      [cell('a', 'x'), cell('b', 'x')],
      [edit(null, 'x', 'y')],
      { reason: 'cell-not-found', problem: 'ambiguous' }
    ],
    [
      'without id and gone',
      cells,
      [edit(null, 'x', 'y')],
      { reason: 'cell-not-found', problem: 'gone' }
    ],
    [
      'without id and typed into',
      [cell('a', 'x2', { executionCount: 5 })],
      [edit(null, 'x', 'y', 5)],
      { reason: 'stale', problem: 'changed' }
    ],
    [
      'markdown does not count as its source',
      [cell('a', 'x', { code: false })],
      [edit(null, 'x', 'y')],
      { reason: 'cell-not-found', problem: 'gone' }
    ],
    [
      'twice the same cell',
      cells,
      [edit('a', 'X = load()', 'Y'), edit('a', 'X = load()', 'Z')],
      { reason: 'failed', problem: 'twice' }
    ],
    [
      'twice, once without id',
      cells,
      [edit('a', 'X = load()', 'Y'), edit(null, 'X = load()', 'Z')],
      { reason: 'failed', problem: 'twice' }
    ],
    [
      'one of two is stale',
      cells,
      [edit('a', 'X = load()', 'Y'), edit('b', 'old', 'Z')],
      { reason: 'stale', problem: 'changed' }
    ],
    [
      'line ends that the editor counts as one',
      [cell('a', 'x\r\ny')],
      [edit('a', 'x\r\ny', 'x\r\nz')],
      { reason: 'failed', problem: 'line-ends' }
    ],
    [
      'line ends that the editor would count as one',
      [cell('a', 'x')],
      [edit('a', 'x', 'y\r\nx')],
      { reason: 'failed', problem: 'line-ends' }
    ],
    ['nothing to do', cells, [], { reason: 'failed', problem: 'empty' }]
  ])('refuses: %s', (_, those, edits, refusal) => {
    expect(plan(those, edits, at('c'))).toEqual(refusal);
  });
});

describe('cellsToRun', () => {
  const cells = [
    cell('a', ''),
    cell('text', '', { code: false, executionCount: null }),
    cell('b', ''),
    cell('never run', '', { executionCount: null }),
    cell('c', ''),
    cell('d', '')
  ];

  it.each<[number[], number | null, number[]]>([
    [[0], 0, [0]],
    [[0], 4, [0, 2, 4]],
    [[2, 0], 4, [0, 2, 4]],
    [[0, 4], 4, [0, 2, 4]],
    [[4], 0, [4, 0]],
    [[5, 4], 0, [4, 5, 0]],
    [[0, 5], 2, [0, 5, 2]],
    [[0, 5], 0, [5, 0]],
    [[3], 4, [3, 4]],
    [[4, 0], null, [0, 4]]
  ])('edited %j, checked %j', (edited, checked, run) => {
    expect(cellsToRun(cells, edited, checked)).toEqual(run);
  });
});
