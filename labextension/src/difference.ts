/** The lines by which two sources differ, to show a fix before it is made. */

export interface ILine {
  readonly kind: 'same' | 'removed' | 'added';
  readonly text: string;
}

/** Above this many lines on a side the changed middle is shown as a whole, not line by line. */
const LONGEST = 500;

/** All lines of both texts; removed ones stand before those that take their place. */
export function difference(old: string, next: string): ILine[] {
  const left = old === '' ? [] : old.split('\n');
  const right = next === '' ? [] : next.split('\n');
  let before = 0;
  while (before < Math.min(left.length, right.length) && left[before] === right[before]) {
    before++;
  }
  let after = 0;
  while (
    after < Math.min(left.length, right.length) - before &&
    left[left.length - 1 - after] === right[right.length - 1 - after]
  ) {
    after++;
  }
  return [
    ...left.slice(0, before).map(line('same')),
    ...middle(left.slice(before, left.length - after), right.slice(before, right.length - after)),
    ...left.slice(left.length - after).map(line('same'))
  ];
}

/** The changed lines in groups, each with at most `context` unchanged lines around. */
export function hunks(lines: readonly ILine[], context = 2): ILine[][] {
  const shown = lines.map((_, index) =>
    lines
      .slice(Math.max(0, index - context), index + context + 1)
      .some(near => near.kind !== 'same')
  );
  const groups: ILine[][] = [];
  lines.forEach((each, index) => {
    if (!shown[index]) {
      return;
    }
    if (index === 0 || !shown[index - 1]) {
      groups.push([]);
    }
    groups[groups.length - 1].push(each);
  });
  return groups;
}

function middle(left: readonly string[], right: readonly string[]): ILine[] {
  if (left.length > LONGEST || right.length > LONGEST) {
    return [...left.map(line('removed')), ...right.map(line('added'))];
  }
  // common[i][j]: the length of the longest common subsequence of left[i:] and right[j:].
  const common = Array.from({ length: left.length + 1 }, () =>
    new Array<number>(right.length + 1).fill(0)
  );
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      common[i][j] =
        left[i] === right[j]
          ? common[i + 1][j + 1] + 1
          : Math.max(common[i + 1][j], common[i][j + 1]);
    }
  }
  const lines: ILine[] = [];
  let i = 0;
  let j = 0;
  while (i < left.length || j < right.length) {
    if (i < left.length && j < right.length && left[i] === right[j]) {
      lines.push({ kind: 'same', text: left[i] });
      i++;
      j++;
    } else if (j === right.length || (i < left.length && common[i + 1][j] >= common[i][j + 1])) {
      lines.push({ kind: 'removed', text: left[i] });
      i++;
    } else {
      lines.push({ kind: 'added', text: right[j] });
      j++;
    }
  }
  return lines;
}

function line(kind: ILine['kind']): (text: string) => ILine {
  return text => ({ kind, text });
}
