import { nullTranslator } from '@jupyterlab/translation';
import { expect, it } from 'vitest';

import { changesView } from '../src/changesView';
import type { EditMessage } from '../src/protocol';

const HOSTILE = '<img src=x onerror=alert(1)>';
const trans = nullTranslator.load('rnnmagic');

function view(old: string, next: string, caution: string | null = null): HTMLElement {
  const message: EditMessage = {
    type: 'edit',
    client: 'me',
    job: '1',
    task: 'apply',
    title: 'Reshape',
    caution,
    ask: true,
    edits: [{ cell_id: 'a', execution_count: 3, old, new: next }],
    checked: { cell_id: 'a', execution_count: 3 }
  };
  return changesView(message, () => 'Cell [3]', trans);
}

it('tells lines apart by sign and by word', () => {
  const lines = [...view('a\nb', 'a\nc').querySelectorAll('.rnnmagic-diff-line')];
  expect(lines.map(line => line.textContent)).toEqual([' a', '−Removed: b', '+Added: c']);
});

it('shows hostile text as text', () => {
  const node = view(HOSTILE, `${HOSTILE}\n${HOSTILE}`, HOSTILE);
  expect(node.querySelector('img')).toBeNull();
  expect(node.querySelector('.rnnmagic-confirm-caution')?.textContent).toBe(`Caution: ${HOSTILE}`);
});

it('leaves out a caution that is none', () => {
  expect(view('a', 'b').querySelector('.rnnmagic-confirm-caution')).toBeNull();
});

it('marks where lines are left out', () => {
  const old = Array.from({ length: 20 }, (_, i) => `${i}`);
  const next = old.map((line, i) => (i === 2 || i === 17 ? 'x' : line));
  expect(view(old.join('\n'), next.join('\n')).querySelectorAll('.rnnmagic-diff-gap')).toHaveLength(
    1
  );
});
