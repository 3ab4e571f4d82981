import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import type { ShapeRow, ShapesMessage } from '../src/protocol';
import type { IShapesSource } from '../src/shapesPanel';
import { ShapesPanel } from '../src/shapesPanel';
import {
  axesText,
  countText,
  entries,
  filtered,
  fingerprint,
  fitTexts,
  hiddenText
} from '../src/shapesTable';

// The icon's library brings web components that need a real browser.
vi.mock('../src/icons', () => ({ shapesIcon: undefined }));

const trans = nullTranslator.load('rnnmagic');

function row(name: string, fields: Partial<ShapeRow> = {}): ShapeRow {
  return {
    name,
    carrier: 'array',
    type_name: 'ndarray',
    notation: 'f64[100,20,3]',
    axes: ['samples', 'timesteps', 'features'],
    note: '',
    fits: [],
    ...fields
  };
}

function answer(rows: ShapeRow[], fields: Partial<ShapesMessage> = {}): ShapesMessage {
  return { type: 'shapes', client: 'c', seq: 1, rows, hidden: 0, ...fields };
}

const ROWS = [
  row('X_train', { fits: [{ model: 'model', wants: '(?, 20, 3)', ok: true }] }),
  row('flat', {
    notation: 'f64[100,60]',
    axes: ['samples', '?'],
    fits: [{ model: 'model', wants: '(?, 20, 3)', ok: false }]
  }),
  row('model', {
    carrier: 'model',
    type_name: 'Sequential',
    notation: '(?, 20, 3) → (?, 1)',
    axes: [],
    note: '2 layers'
  })
];

describe('filter', () => {
  test.each<[string, string[]]>([
    ['', ['X_train', 'flat', 'model']],
    ['  ', ['X_train', 'flat', 'model']],
    ['x_TR', ['X_train']],
    ['sequential', ['model']],
    ['100,60', ['flat']],
    ['timesteps', ['X_train']],
    ['(?, 20, 3)', ['model']],
    ['ndarray samples', ['X_train', 'flat']],
    ['nothing like it', []],
    ['.*', []]
  ])('%j', (filter, names) => {
    expect(filtered(entries(ROWS), filter).map(entry => entry.row.name)).toEqual(names);
  });

  test('a row without axes does not break it', () => {
    const bare: Partial<ShapeRow> = { name: 'bare', type_name: '', notation: '' };
    const all = entries([bare as ShapeRow]);
    expect(filtered(all, 'bare')).toHaveLength(1);
    expect(axesText(all[0].row)).toBe('');
    expect(fitTexts(all[0].row, trans)).toEqual([]);
  });
});

describe('words', () => {
  test('counts', () => {
    expect(countText(0, 0, '', trans)).toBe('No variable has a shape yet');
    expect(countText(1, 1, '', trans)).toBe('1 variable');
    expect(countText(40, 40, '', trans)).toBe('40 variables');
    expect(countText(12, 40, 'x', trans)).toBe('12 of 40 variables');
    expect(countText(500, 500, '', trans)).toBe('500 variables, the first 200 are shown');
    expect(hiddenText(0, trans)).toBe('');
    expect(hiddenText(1, trans)).toBe('… 1 more variable was not looked at');
    expect(hiddenText(7, trans)).toBe('… 7 more variables were not looked at');
  });

  test('axes of which none is known are not said', () => {
    expect(axesText(ROWS[1])).toBe('samples, ?');
    expect(axesText(row('a', { axes: ['?', '?'] }))).toBe('');
  });

  test('fits are said by sign and word', () => {
    expect(fitTexts(ROWS[0], trans)).toEqual([{ ok: true, sign: '✓', text: 'fits model' }]);
    expect(fitTexts(ROWS[1], trans)).toEqual([
      { ok: false, sign: '✗', text: 'model wants (?, 20, 3)' }
    ]);
  });

  test('a name with a placeholder stays as it is', () => {
    const fits = [{ model: '%2', wants: '%1', ok: false }];
    expect(fitTexts(row('a', { fits }), trans)[0].text).toBe('%2 wants %1');
  });

  test('the number of the answer does not matter', () => {
    expect(fingerprint(answer(ROWS, { seq: 1 }))).toBe(fingerprint(answer(ROWS, { seq: 2 })));
    expect(fingerprint(answer(ROWS, { hidden: 1 }))).not.toBe(fingerprint(answer(ROWS)));
    expect(fingerprint('no kernel')).not.toBe(fingerprint(answer([])));
  });
});

describe('ShapesPanel', () => {
  const owner = {};
  let changed: Signal<unknown, void>;
  let panel: ShapesPanel;
  const request = vi.fn<IShapesSource['request']>();
  const insert = vi.fn();

  beforeEach(() => {
    vi.useFakeTimers();
    request.mockReset();
    insert.mockReset();
    request.mockResolvedValue(answer(ROWS));
    changed = new Signal<unknown, void>(owner);
    panel = new ShapesPanel({ request, insert, changed }, trans);
  });

  afterEach(() => {
    panel.dispose();
    document.body.replaceChildren();
    vi.useRealTimers();
  });

  async function shown(): Promise<void> {
    Widget.attach(panel, document.body);
    await vi.advanceTimersByTimeAsync(0);
  }

  function node(selector: string): HTMLElement {
    const found = panel.node.querySelector<HTMLElement>(selector);
    if (!found) {
      throw new Error(`no ${selector}`);
    }
    return found;
  }

  function names(): string[] {
    return Array.from(
      panel.node.querySelectorAll('.rnnmagic-shapes-insert'),
      ({ textContent }) => textContent
    );
  }

  function filter(value: string): void {
    const input = node('input') as HTMLInputElement;
    input.value = value;
    input.dispatchEvent(new Event('input'));
  }

  test('a table with names, shapes, axes and models', async () => {
    await shown();
    expect(panel.id).toBe('rnnmagic-shapes');
    expect(names()).toEqual(['X_train', 'flat', 'model']);
    expect(Array.from(node('tbody tr').children, cell => cell.textContent)).toEqual([
      'X_train',
      'f64[100,20,3] ndarray',
      'samples, timesteps, features',
      '✓ fits model'
    ]);
    expect(node('tbody tr:nth-child(2) td:last-child').textContent).toBe(
      '✗ model wants (?, 20, 3)'
    );
    expect(node('[role=status]').textContent).toBe('3 variables');
    expect(node('caption').textContent).not.toBe('');
    expect(panel.node.querySelectorAll('th[scope=col]')).toHaveLength(4);
  });

  test('a name is inserted by its button', async () => {
    await shown();
    const button = node('.rnnmagic-shapes-insert');
    expect(button.getAttribute('aria-label')).toBe('Insert X_train');
    button.click();
    expect(insert).toHaveBeenCalledWith('X_train');
  });

  test('all from the kernel stays text', async () => {
    const evil = '<img src=x onerror="document.title=1">';
    const fits = [{ model: evil, wants: evil, ok: false }];
    request.mockResolvedValue(
      answer([row(evil, { type_name: evil, notation: evil, axes: [evil], note: evil, fits })])
    );
    await shown();
    expect(panel.node.querySelector('img')).toBeNull();
    expect(names()).toEqual([evil]);
  });

  test('the filter leaves rows and says how many; Escape clears it', async () => {
    await shown();
    filter('flat');
    expect(names()).toEqual(['flat']);
    expect(node('.rnnmagic-shapes-count').textContent).toBe('1 of 3 variables');
    const escape = new KeyboardEvent('keydown', { key: 'Escape', cancelable: true });
    node('input').dispatchEvent(escape);
    expect(escape.defaultPrevented).toBe(true);
    expect(names()).toHaveLength(3);
    const again = new KeyboardEvent('keydown', { key: 'Escape', cancelable: true });
    node('input').dispatchEvent(again);
    expect(again.defaultPrevented).toBe(false);
    filter('nothing');
    expect(node('table').hidden).toBe(true);
    expect(node('.rnnmagic-shapes-count').textContent).toBe('0 of 3 variables');
    expect(request).toHaveBeenCalledTimes(1);
  });

  test('a reason in place of shapes', async () => {
    request.mockResolvedValue('No notebook is open.');
    await shown();
    expect(node('.rnnmagic-shapes-why').textContent).toBe('No notebook is open.');
    expect(node('table').hidden).toBe(true);
    request.mockResolvedValue(answer(ROWS, { hidden: 4 }));
    node('.rnnmagic-shapes-refresh').click();
    await vi.advanceTimersByTimeAsync(0);
    expect(node('.rnnmagic-shapes-why').textContent).toBe('');
    expect(node('table').hidden).toBe(false);
    expect(node('.rnnmagic-shapes-more').textContent).toContain('4 more variables');
  });

  test('a request that fails says so', async () => {
    request.mockRejectedValue(new Error('gone'));
    await shown();
    expect(node('.rnnmagic-shapes-why').textContent).toContain('gone');
    node('.rnnmagic-shapes-refresh').click();
    await vi.advanceTimersByTimeAsync(0);
    expect(request).toHaveBeenCalledTimes(2);
  });

  test('changes close together ask once', async () => {
    await shown();
    for (let i = 0; i < 5; i++) {
      changed.emit();
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(request).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(300);
    expect(request).toHaveBeenCalledTimes(2);
  });

  test('never two requests at once, and one more for what changed meanwhile', async () => {
    let answered: (message: ShapesMessage) => void = () => undefined;
    request.mockImplementation(() => new Promise(resolve => (answered = resolve)));
    await shown();
    for (let i = 0; i < 3; i++) {
      changed.emit();
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(request).toHaveBeenCalledTimes(1);
    expect(node('.rnnmagic-shapes-why').textContent).toBe('Waiting for the kernel…');
    answered(answer(ROWS));
    await vi.advanceTimersByTimeAsync(500);
    expect(node('.rnnmagic-shapes-why').textContent).toBe('');
    expect(request).toHaveBeenCalledTimes(2);
    answered(answer(ROWS));
    await vi.advanceTimersByTimeAsync(1000);
    expect(request).toHaveBeenCalledTimes(2);
  });

  test('asks only while it is seen', async () => {
    changed.emit();
    await vi.advanceTimersByTimeAsync(1000);
    expect(request).not.toHaveBeenCalled();
    await shown();
    panel.hide();
    changed.emit();
    await vi.advanceTimersByTimeAsync(1000);
    expect(request).toHaveBeenCalledTimes(1);
    panel.show();
    await vi.advanceTimersByTimeAsync(0);
    expect(request).toHaveBeenCalledTimes(2);
    panel.dispose();
    changed.emit();
    await vi.advanceTimersByTimeAsync(1000);
    expect(request).toHaveBeenCalledTimes(2);
  });

  test('an answer after the end does no harm', async () => {
    let answered: (message: ShapesMessage) => void = () => undefined;
    request.mockImplementation(() => new Promise(resolve => (answered = resolve)));
    await shown();
    panel.dispose();
    answered(answer(ROWS));
    await vi.advanceTimersByTimeAsync(1000);
    expect(request).toHaveBeenCalledTimes(1);
  });

  test('the same shapes change nothing; others keep focus, filter and place', async () => {
    await shown();
    const button = node('tbody tr:nth-child(2) button');
    button.focus();
    node('.rnnmagic-shapes-scroll').scrollTop = 30;
    request.mockResolvedValue(answer(ROWS, { seq: 2 }));
    panel.refresh();
    await vi.advanceTimersByTimeAsync(0);
    expect(document.activeElement).toBe(button);
    request.mockResolvedValue(answer([row('a_new_one'), ...ROWS]));
    panel.refresh();
    await vi.advanceTimersByTimeAsync(0);
    expect(document.activeElement).not.toBe(button);
    expect(document.activeElement?.textContent).toBe('flat');
    expect(node('.rnnmagic-shapes-scroll').scrollTop).toBe(30);
    request.mockResolvedValue(answer([row('a_new_one')]));
    panel.refresh();
    await vi.advanceTimersByTimeAsync(0);
    expect(document.activeElement).toBe(node('input'));
  });

  test('200 of 500 rows are shown', async () => {
    request.mockResolvedValue(answer(Array.from({ length: 500 }, (_, i) => row(`x${i}`))));
    await shown();
    expect(names()).toHaveLength(200);
    expect(node('.rnnmagic-shapes-count').textContent).toBe(
      '500 variables, the first 200 are shown'
    );
    filter('x499');
    expect(names()).toEqual(['x499']);
  });
});
