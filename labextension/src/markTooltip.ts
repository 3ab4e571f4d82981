/**
 * What is said about marks: the same content for the mouse and for the keyboard.
 *
 * Names of layers and variables are the user's; they get into the page as text only.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Placed } from './markPlaces';
import type { FixInfo, Mark } from './protocol';

/** How much is said: each holds what the one before it holds. */
export type Detail = 'sentence' | 'shapes' | 'fixes';

const FIXES_SHOWN = 3;
let dialogs = 0;

function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  className: string,
  text?: string
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  made.className = className;
  if (text !== undefined) {
    made.textContent = text;
  }
  return made;
}

export function severityWord(mark: Mark, trans: TranslationBundle): string {
  return mark.severity === 'warning' ? trans.__('Shape warning') : trans.__('Shape error');
}

function shapes(mark: Mark, trans: TranslationBundle): HTMLElement | null {
  const rows: [string, string | null][] = [
    [trans.__('expected'), mark.expected],
    [trans.__('received'), mark.received]
  ];
  const known = rows.filter((row): row is [string, string] => Boolean(row[1]));
  if (known.length === 0) {
    return null;
  }
  const list = element('dl', 'rnnmagic-tip-shapes');
  for (const [word, shape] of known) {
    const pair = element('div', 'rnnmagic-tip-shape');
    pair.append(element('dt', '', word), element('dd', '', shape));
    list.append(pair);
  }
  return list;
}

function fixItem(
  fix: FixInfo,
  number: number,
  trans: TranslationBundle,
  onFix: (id: string) => void
): HTMLElement {
  const item = element('li', 'rnnmagic-tip-fix');
  const name = trans.__('Fix %1: %2', number, fix.title);
  if (fix.edits) {
    const button = element('button', 'rnnmagic-tip-button', name);
    button.type = 'button';
    button.title = fix.code;
    button.addEventListener('click', event => {
      event.preventDefault();
      onFix(fix.id);
    });
    item.append(button);
  } else {
    const text = element('span', 'rnnmagic-tip-only-text', name);
    text.title = fix.code;
    item.append(text);
  }
  const word = fix.verified ? trans.__('verified') : trans.__('not tried');
  item.append(' ', element('span', 'rnnmagic-tip-tried', word));
  return item;
}

function section(
  placed: Placed,
  detail: Detail,
  trans: TranslationBundle,
  onFix: (placed: Placed, id: string) => void
): HTMLElement {
  const { mark } = placed;
  const severity = mark.severity === 'warning' ? 'warning' : 'error';
  const part = element('div', `rnnmagic-tip-part rnnmagic-tip-${severity}`);
  const sentence = element('p', 'rnnmagic-tip-sentence');
  sentence.append(
    element('strong', '', `${severityWord(mark, trans)}:`),
    ' ',
    document.createTextNode(mark.summary)
  );
  part.append(sentence);
  if (detail === 'sentence') {
    return part;
  }
  const pair = shapes(mark, trans);
  if (pair) {
    part.append(pair);
  }
  const fixes: readonly FixInfo[] = Array.isArray(mark.fixes) ? mark.fixes : [];
  if (detail === 'shapes' || fixes.length === 0) {
    return part;
  }
  const list = element('ul', 'rnnmagic-tip-fixes');
  fixes
    .slice(0, FIXES_SHOWN)
    .forEach((fix, i) => list.append(fixItem(fix, i + 1, trans, id => onFix(placed, id))));
  part.append(list);
  const more = fixes.length - FIXES_SHOWN;
  if (more > 0) {
    const text = trans._n('%1 more fix in the report', '%1 more fixes in the report', more);
    part.append(element('p', 'rnnmagic-tip-more', text));
  }
  return part;
}

/** What is said about these marks, which stand at one place. */
export function tooltipContent(
  marks: readonly Placed[],
  detail: Detail,
  trans: TranslationBundle,
  onFix: (placed: Placed, id: string) => void
): HTMLElement {
  const root = element('div', 'rnnmagic-tip');
  root.append(...marks.map(placed => section(placed, detail, trans, onFix)));
  // A tooltip in the sense of ARIA has nothing to operate.
  root.setAttribute('role', root.querySelector('button') ? 'group' : 'tooltip');
  root.setAttribute('aria-label', label(marks, trans));
  return root;
}

function label(marks: readonly Placed[], trans: TranslationBundle): string {
  const error = marks.find(placed => placed.mark.severity !== 'warning') ?? marks[0];
  return severityWord(error.mark, trans);
}

/**
 * Makes the content a dialog for the keyboard: the focus stays in it until it is left.
 *
 * @param leave - called when the focus goes elsewhere (`back` false) or on Escape (`back` true)
 */
export function asDialog(root: HTMLElement, leave: (back: boolean) => void): void {
  root.setAttribute('role', 'dialog');
  root.tabIndex = -1;
  // A screen reader reads the sentence when the focus enters, then the button.
  const sentences = Array.from(
    root.querySelectorAll('.rnnmagic-tip-sentence, .rnnmagic-tip-shapes')
  );
  const prefix = `rnnmagic-tip-${++dialogs}`;
  sentences.forEach((sentence, i) => (sentence.id = `${prefix}-${i}`));
  root.setAttribute('aria-describedby', sentences.map(sentence => sentence.id).join(' '));
  // Keys pressed here are not for the notebook: Enter would run a cell, a letter would be a command.
  root.setAttribute('data-lm-suppress-shortcuts', 'true');

  root.addEventListener('keydown', event => {
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      leave(true);
    } else if (event.key === 'Tab') {
      // The tooltip is the last thing in the page: Tab would lead out of it, to nowhere near.
      event.preventDefault();
      const buttons = Array.from(root.querySelectorAll<HTMLElement>('button'));
      const at = buttons.indexOf(document.activeElement as HTMLElement);
      const next = event.shiftKey ? Math.max(at, 0) - 1 + buttons.length : at + 1;
      buttons[next % buttons.length]?.focus();
    }
  });
  root.addEventListener('focusout', event => {
    const to = event.relatedTarget;
    if (to instanceof Node && root.contains(to)) {
      return;
    }
    // The notebook may take the focus and give it back while it leaves its edit mode; and with another
    // window on top nothing was left.
    setTimeout(() => {
      if (root.isConnected && document.hasFocus() && !root.contains(document.activeElement)) {
        leave(false);
      }
    }, 0);
  });
}
