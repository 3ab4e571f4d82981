import { describe, expect, it } from 'vitest';

import { difference, hunks, type ILine } from '../src/difference';

const SIGNS = { same: ' ', removed: '-', added: '+' };
const written = (lines: readonly ILine[]): string[] =>
  lines.map(({ kind, text }) => SIGNS[kind] + text);

describe('difference', () => {
  it.each([
    ['a\nb\nc', 'a\nx\nc', [' a', '-b', '+x', ' c']],
    ['a\nc', 'a\nb\nc', [' a', '+b', ' c']],
    ['a\nb\nc', 'a\nc', [' a', '-b', ' c']],
    ['', 'a', ['+a']],
    ['a', '', ['-a']],
    ['', '', []],
    ['a', 'a', [' a']],
    ['a\n', 'a', [' a', '-']],
    ['a\nb\nc\nd', 'b\nx\nd\ne', ['-a', ' b', '-c', '+x', ' d', '+e']],
    ['x\nx', 'x\nx\nx', [' x', ' x', '+x']],
    ['a\r\nb', 'a\nb', ['-a\r', '+a', ' b']]
  ])('%j to %j', (old, next, lines) => {
    expect(written(difference(old, next))).toEqual(lines);
  });

  it('leaves out nothing of either text', () => {
    const old = Array.from({ length: 60 }, (_, i) => `line ${i % 7}`).join('\n');
    const next = Array.from({ length: 50 }, (_, i) => `line ${(i * 3) % 11}`).join('\n');
    const lines = difference(old, next);
    const without = (kind: ILine['kind']): string =>
      lines
        .filter(line => line.kind !== kind)
        .map(line => line.text)
        .join('\n');
    expect(without('added')).toBe(old);
    expect(without('removed')).toBe(next);
  });

  it('does not count long sources line by line', () => {
    const old = Array.from({ length: 2000 }, (_, i) => `old ${i}`).join('\n');
    const lines = difference(`first\n${old}`, `first\n${old.replace(/old/g, 'new')}`);
    expect(lines).toHaveLength(4001);
    expect(lines[0]).toEqual({ kind: 'same', text: 'first' });
  });
});

describe('hunks', () => {
  const old = Array.from({ length: 20 }, (_, i) => `${i}`);

  it('keeps two lines around each change', () => {
    const next = [...old];
    next[3] = 'x';
    next.splice(14, 1);
    const groups = hunks(difference(old.join('\n'), next.join('\n')));
    expect(groups.map(written)).toEqual([
      [' 1', ' 2', '-3', '+x', ' 4', ' 5'],
      [' 12', ' 13', '-14', ' 15', ' 16']
    ]);
  });

  it('joins neighbours', () => {
    const next = [...old];
    next[3] = 'x';
    next[7] = 'y';
    const groups = hunks(difference(old.join('\n'), next.join('\n')));
    expect(groups).toHaveLength(1);
  });

  it('is empty without a change', () => {
    expect(hunks(difference('a\nb', 'a\nb'))).toEqual([]);
  });
});
