import { EditorState } from '@codemirror/state';
import type { Extension } from '@codemirror/state';
import { EditorView, runScopeHandlers } from '@codemirror/view';
import { YFile } from '@jupyter/ydoc';
import type { CodeEditor } from '@jupyterlab/codeeditor';
import { ybinding } from '@jupyterlab/codemirror/lib/extensions/ybinding';
import { nullTranslator } from '@jupyterlab/translation';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { follow, place, spans, textOf } from '../src/markPlaces';
import type { Placed } from '../src/markPlaces';
import { CellMarks } from '../src/marks';
import { tooltipContent } from '../src/markTooltip';
import type { FixInfo, Mark, ReportMessage } from '../src/protocol';

const SOURCE = 'x = load()\nmodel.fit(x, y)\nprint(x)\n';
const trans = nullTranslator.load('rnnmagic');

function mark(fields: Partial<Mark> = {}): Mark {
  return {
    severity: 'error',
    line: 2,
    column: 0,
    end_line: 2,
    end_column: 15,
    summary: 'LSTM wants 3 axes, x has 2.',
    expected: '(?, 20, 3)',
    received: '(100, 60)',
    fixes: [],
    ...fields
  };
}

function fix(number: number, fields: Partial<FixInfo> = {}): FixInfo {
  return {
    id: `fix-${number}`,
    title: `Reshape ${number}`,
    why: '',
    caution: null,
    verified: true,
    code: `x = x.reshape(-1, ${number})`,
    edits: true,
    ...fields
  };
}

function report(marks: Mark[] = [mark()], source = SOURCE): ReportMessage {
  return {
    type: 'report',
    id: 'r1',
    cell_id: 'c1',
    execution_count: 1,
    source,
    outcome: 'shape_error',
    announcement: '',
    marks,
    again: false
  };
}

function placed(fields: Partial<Mark> = {}, source = SOURCE): Placed {
  return place(report([], source), mark(fields), textOf(source));
}

function slice({ from, to }: { from: number; to: number }, source = SOURCE): string {
  return textOf(source).sliceString(from, to);
}

describe('place', () => {
  test('lines count from 1 and columns from 0', () => {
    expect(slice(placed({ column: 6, end_column: 9 }))).toBe('fit');
  });

  test('columns are UTF-16 units', () => {
    const source = 's = "🙂"; f(s)';
    expect(
      slice(placed({ line: 1, column: 10, end_line: 1, end_column: 14 }, source), source)
    ).toBe('f(s)');
  });

  test.each<Partial<Mark>>([
    { line: 99, end_line: 99 },
    { line: -3, end_line: -3, column: -1 },
    { end_line: 99, end_column: 99 },
    { column: 99, end_column: 99 },
    { line: 3, end_line: 1 },
    { line: NaN, end_line: NaN, column: NaN, end_column: NaN },
    { line: undefined, end_column: undefined }
  ])('is cut off at the document: %j', fields => {
    const found = placed(fields);
    expect(found.from).toBeGreaterThanOrEqual(0);
    expect(found.to).toBeLessThanOrEqual(SOURCE.length);
    expect(found.from).toBeLessThanOrEqual(found.to);
    expect(found.linesFrom).toBeLessThanOrEqual(found.from);
    expect(found.linesTo).toBeGreaterThanOrEqual(found.to);
  });

  test('what has no length becomes its line', () => {
    expect(slice(placed({ column: 4, end_column: 4 }))).toBe('model.fit(x, y)');
  });

  test('several lines are underlined without indentation', () => {
    const source = 'if a:\n    fit(\n        x,\n\n    )';
    const found = placed({ line: 2, column: 4, end_line: 5, end_column: 5 }, source);
    expect(spans(found, textOf(source)).map(span => slice(span, source))).toEqual([
      'fit(',
      'x,',
      ')'
    ]);
  });
});

describe('follow', () => {
  /** What is underlined after a change, or null. */
  function after(from: number, to: number, insert: string): string | null {
    const state = EditorState.create({ doc: SOURCE });
    const tr = state.update({ changes: { from, to, insert } });
    const found = follow(placed({ column: 6 }), tr.changes, tr.newDoc);
    return found && tr.newDoc.sliceString(found.from, found.to);
  }
  const start = 11; // of line 2
  const end = 26;

  test.each<[string, number, number, string]>([
    ['a line above is edited', 0, 5, 'abcdefgh'],
    ['a line above is deleted', 0, start, ''],
    ['a line is put before', start, start, 'import a\n'],
    ['Enter at its start', start, start, '\n'],
    ['Enter at its end', end, end, '\n'],
    ['a line below is edited', end + 1, end + 6, ''],
    ['all below is deleted', end, SOURCE.length, '']
  ])('stays when %s', (_, from, to, insert) => {
    expect(after(from, to, insert)).toBe('fit(x, y)');
  });

  test.each<[string, number, number, string]>([
    ['a letter is typed in it', start + 8, start + 8, 'x'],
    ['a letter is typed at its start', start, start, 'a'],
    ['a letter is typed at its end', end, end, '#'],
    ['a letter of it is deleted', start, start + 1, ''],
    ['it is broken in two', start + 8, start + 8, '\n'],
    ['it is joined to the line before', start - 1, start, ''],
    ['it is joined to the line after', end, end + 1, ''],
    ['it is deleted', start, end + 1, ''],
    ['all is replaced by other text', 0, SOURCE.length, 'a = 1\nb = 2\nc = 3\n']
  ])('goes when %s', (_, from, to, insert) => {
    expect(after(from, to, insert)).toBeNull();
  });
});

describe('tooltip content', () => {
  const evil = '<img src=x onerror="document.title=1">';

  function content(
    fields: Partial<Mark>,
    detail: 'sentence' | 'shapes' | 'fixes' = 'fixes',
    onFix: (placed: Placed, id: string) => void = () => undefined
  ): HTMLElement {
    return tooltipContent([placed(fields)], detail, trans, onFix);
  }

  test('names of layers and variables stay text', () => {
    const root = content({
      summary: evil,
      expected: evil,
      received: evil,
      fixes: [
        fix(1, { title: evil, code: evil }),
        fix(2, { title: evil, code: evil, edits: false })
      ]
    });
    expect(root.querySelector('img')).toBeNull();
    expect(root.textContent.split(evil)).toHaveLength(6);
    expect(root.querySelector('button')?.title).toBe(evil);
  });

  test('each detail adds to the one before', () => {
    const fixes = [fix(1)];
    expect(content({ fixes }, 'sentence').textContent).toBe(
      'Shape error: LSTM wants 3 axes, x has 2.'
    );
    expect(content({ fixes }, 'shapes').querySelector('dl')?.textContent).toBe(
      'expected(?, 20, 3)received(100, 60)'
    );
    expect(content({ fixes }, 'shapes').querySelector('button')).toBeNull();
    expect(content({ fixes }, 'fixes').querySelectorAll('button')).toHaveLength(1);
  });

  test('a warning says that it is one', () => {
    expect(content({ severity: 'warning' }).textContent).toContain('Shape warning:');
  });

  test('three fixes, what they are worth, and how many more', () => {
    const root = content({
      fixes: [fix(1), fix(2, { edits: false }), fix(3, { verified: false }), fix(4), fix(5)]
    });
    expect(Array.from(root.querySelectorAll('li'), item => item.textContent)).toEqual([
      'Fix 1: Reshape 1 verified',
      'Fix 2: Reshape 2 verified',
      'Fix 3: Reshape 3 not tried'
    ]);
    expect(Array.from(root.querySelectorAll('button'), button => button.title)).toEqual([
      'x = x.reshape(-1, 1)',
      'x = x.reshape(-1, 3)'
    ]);
    expect(root.lastElementChild?.textContent).toContain('2 more fixes in the report');
  });

  test('without shapes and fixes it is a plain tooltip', () => {
    const root = content({ expected: null, received: null });
    expect(root.querySelector('dl, ul')).toBeNull();
    expect(root.getAttribute('role')).toBe('tooltip');
  });
});

function sharedText(): YFile {
  const text = YFile.create();
  text.setSource(SOURCE);
  return text;
}

describe('CellMarks', () => {
  let text: YFile;
  let marks: CellMarks;
  let views: EditorView[] = [];
  const onFix = vi.fn();

  beforeEach(() => {
    onFix.mockReset();
    text = sharedText();
    marks = new CellMarks({ trans, onFix });
  });

  afterEach(() => {
    views.forEach(view => view.destroy());
    views = [];
    document.body.replaceChildren();
  });

  function extension(shared: unknown): Extension | undefined {
    const model = { sharedModel: shared } as CodeEditor.IModel;
    return marks.factory.factory({ model, inline: false })?.instance(undefined);
  }

  /** An editor of the text, bound to it as Lab's are. */
  function open(): EditorView {
    const view = new EditorView({
      doc: text.getSource(),
      extensions: [extension(text) ?? [], ybinding({ ytext: text.ysource })],
      parent: document.body
    });
    views.push(view);
    return view;
  }

  function underlined(view: EditorView): string[] {
    return Array.from(view.dom.querySelectorAll('.rnnmagic-mark'), node => node.textContent);
  }

  const settled = () => new Promise(resolve => setTimeout(resolve, 5));
  const dialog = () => document.querySelector<HTMLElement>('[role="dialog"]');

  function press(view: EditorView, key: string, modifiers: KeyboardEventInit = {}): boolean {
    return runScopeHandlers(view, new KeyboardEvent('keydown', { key, ...modifiers }), 'editor');
  }

  test('an editor without a shared text is left alone', () => {
    expect(extension(undefined)).toBeUndefined();
  });

  test('shows and clears', async () => {
    const view = open();
    marks.show(text, report());
    expect(underlined(view)).toEqual([]); // later, never inside an update
    await settled();
    expect(underlined(view)).toEqual(['model.fit(x, y)']);
    const node = view.dom.querySelector('.rnnmagic-mark-error');
    expect(node?.getAttribute('aria-description')).toBe('Shape error: LSTM wants 3 axes, x has 2.');
    marks.clear(text);
    await settled();
    expect(underlined(view)).toEqual([]);
  });

  test('a warning looks different', async () => {
    const view = open();
    marks.show(text, report([mark({ severity: 'warning' })]));
    await settled();
    expect(view.dom.querySelector('.rnnmagic-mark-warning')).not.toBeNull();
    expect(view.dom.querySelector('.rnnmagic-mark-error')).toBeNull();
  });

  test('clearAll clears each', async () => {
    const view = open();
    marks.show(text, report());
    await settled();
    marks.clearAll([text]);
    await settled();
    expect(underlined(view)).toEqual([]);
  });

  test('draws nothing on another source, and drops what an earlier report said', async () => {
    const view = open();
    marks.show(text, report());
    await settled();
    marks.show(text, report([mark()], 'something else'));
    await settled();
    expect(underlined(view)).toEqual([]);
  });

  test('another text is not touched', async () => {
    const view = open();
    marks.show(sharedText(), report());
    await settled();
    expect(underlined(view)).toEqual([]);
  });

  test('moves with other lines and goes with its own', async () => {
    const view = open();
    marks.show(text, report());
    await settled();
    view.dispatch({ changes: { from: 0, insert: 'import a\n' } });
    expect(underlined(view)).toEqual(['model.fit(x, y)']);
    view.dispatch({ changes: { from: 25, to: 26 } });
    expect(underlined(view)).toEqual([]);
    await settled();
    expect(underlined(open())).toEqual([]);
  });

  test('stays when all is replaced by the same text', async () => {
    const view = open();
    marks.show(text, report());
    await settled();
    view.dispatch({ changes: { from: 0, to: SOURCE.length, insert: SOURCE } });
    expect(underlined(view)).toEqual(['model.fit(x, y)']);
  });

  test('an editor made later draws at once', () => {
    marks.show(text, report());
    expect(underlined(open())).toEqual(['model.fit(x, y)']);
  });

  test('an editor made later draws where the mark has moved to', async () => {
    const view = open();
    marks.show(text, report());
    await settled();
    view.dispatch({ changes: { from: 0, insert: '# one\n' } });
    view.destroy();
    expect(underlined(open())).toEqual(['model.fit(x, y)']);
  });

  test('goes when the cell is written from elsewhere', async () => {
    const view = open();
    marks.show(text, report());
    await settled();
    text.updateSource(0, 1, 'data');
    expect(underlined(view)).toEqual(['model.fit(x, y)']);
    text.setSource('other = 1');
    expect(underlined(view)).toEqual([]);
    expect(view.state.doc.toString()).toBe('other = 1');
  });

  test('without an editor a changed text has no marks until it reads as before', () => {
    marks.show(text, report());
    text.setSource('# one\n' + SOURCE);
    expect(underlined(open())).toEqual([]);
    text.setSource(SOURCE);
    expect(underlined(open())).toEqual(['model.fit(x, y)']);
  });

  test('all editors of a text draw it', async () => {
    const [one, two] = [open(), open()];
    marks.show(text, report());
    await settled();
    one.dispatch({ changes: { from: 0, insert: '# one\n' } });
    expect(underlined(one)).toEqual(['model.fit(x, y)']);
    expect(underlined(two)).toEqual(['model.fit(x, y)']);
    expect(two.state.doc.toString()).toBe(one.state.doc.toString());
    two.dispatch({ changes: { from: 10, insert: 'a' } });
    two.dispatch({ changes: { from: 20, insert: 'a' } });
    expect(underlined(one)).toEqual([]);
    expect(underlined(two)).toEqual([]);
  });

  test('an editor that is gone before it is drawn does no harm', async () => {
    const view = open();
    marks.show(text, report());
    view.destroy();
    await settled();
    expect(underlined(open())).toEqual(['model.fit(x, y)']);
  });

  test('may be called in an update of an editor', async () => {
    const view = new EditorView({
      doc: SOURCE,
      extensions: [
        extension(text) ?? [],
        EditorView.updateListener.of(update => {
          if (update.selectionSet) {
            marks.show(text, report());
          }
        })
      ],
      parent: document.body
    });
    views.push(view);
    view.dispatch({ selection: { anchor: 3 } });
    await settled();
    expect(underlined(view)).toEqual(['model.fit(x, y)']);
  });

  test('underline can be switched off and on', async () => {
    const view = open();
    marks.show(text, report());
    await settled();
    marks.underline = false;
    await settled();
    expect(underlined(view)).toEqual([]);
    view.dispatch({ changes: { from: 0, insert: '# one\n' } });
    marks.underline = true;
    await settled();
    expect(underlined(view)).toEqual(['model.fit(x, y)']);
  });

  test('the key opens a dialog on the marked line only', async () => {
    const view = open();
    marks.show(text, report([mark({ fixes: [fix(1), fix(2)] })]));
    await settled();
    expect(press(view, '.', { ctrlKey: true })).toBe(false);
    view.dispatch({ selection: { anchor: 13 } });
    expect(press(view, '.', { ctrlKey: true })).toBe(true);
    await settled();
    expect(dialog()?.getAttribute('aria-label')).toBe('Shape error');
    expect(document.activeElement?.textContent).toBe('Fix 1: Reshape 1');
    const describedBy = dialog()?.getAttribute('aria-describedby')?.split(' ') ?? [];
    expect(describedBy.map(id => document.getElementById(id)?.textContent)).toEqual([
      'Shape error: LSTM wants 3 axes, x has 2.',
      'expected(?, 20, 3)received(100, 60)'
    ]);
  });

  async function openDialog(fixes = [fix(1), fix(2)]): Promise<EditorView> {
    const view = open();
    marks.show(text, report([mark({ fixes })]));
    await settled();
    view.dispatch({ selection: { anchor: 13 } });
    expect(marks.open(text)).toBe(true);
    await settled();
    return view;
  }

  function key(name: string, modifiers: KeyboardEventInit = {}): KeyboardEvent {
    const event = new KeyboardEvent('keydown', {
      key: name,
      bubbles: true,
      cancelable: true,
      ...modifiers
    });
    document.activeElement?.dispatchEvent(event);
    return event;
  }

  test('Escape closes it and goes back to the editor', async () => {
    const view = await openDialog();
    const outside = vi.fn();
    document.addEventListener('keydown', outside, { once: true });
    expect(key('Escape').defaultPrevented).toBe(true);
    expect(outside).not.toHaveBeenCalled(); // or the notebook would leave its edit mode
    document.removeEventListener('keydown', outside);
    expect(dialog()).toBeNull();
    expect(document.activeElement).toBe(view.contentDOM);
  });

  test('Tab stays in it', async () => {
    await openDialog();
    const names = [];
    for (const shiftKey of [false, false, true]) {
      key('Tab', { shiftKey });
      names.push(document.activeElement?.textContent);
    }
    expect(names).toEqual(['Fix 2: Reshape 2', 'Fix 1: Reshape 1', 'Fix 2: Reshape 2']);
  });

  test('without a button it has the focus itself', async () => {
    await openDialog([]);
    expect(document.activeElement).toBe(dialog());
    key('Tab');
    expect(document.activeElement).toBe(dialog());
  });

  test('a click asks for the fix and closes', async () => {
    const view = await openDialog();
    (document.activeElement as HTMLElement).click();
    expect(dialog()).toBeNull();
    expect(onFix).toHaveBeenCalledTimes(1);
    expect(onFix).toHaveBeenCalledWith(text, expect.objectContaining({ id: 'r1' }), 'fix-1');
    expect(document.activeElement).toBe(view.contentDOM);
  });

  test('a dialog opened for the fix keeps the focus', async () => {
    const other = document.body.appendChild(document.createElement('button'));
    onFix.mockImplementation(() => other.focus());
    await openDialog();
    (document.activeElement as HTMLElement).click();
    await settled();
    expect(document.activeElement).toBe(other);
  });

  test('it goes when the text changes or the mark does', async () => {
    const view = await openDialog();
    view.dispatch({ changes: { from: 0, insert: 'a' } });
    expect(dialog()).toBeNull();
    expect(marks.open(text)).toBe(true);
    expect(dialog()).not.toBeNull();
    marks.clear(text);
    await settled();
    expect(dialog()).toBeNull();
    expect(marks.open(text)).toBe(false);
  });
});
