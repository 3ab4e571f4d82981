/** The body of the dialog before a fix: the lines that go and come. Kernel texts go in as text only. */

import type { TranslationBundle } from '@jupyterlab/translation';

import { difference, hunks, type ILine } from './difference';
import type { Edit, EditMessage } from './protocol';

export function changesView(
  message: EditMessage,
  cellName: (edit: Edit) => string,
  trans: TranslationBundle
): HTMLElement {
  const node = element('div', 'rnnmagic-confirm');
  if (message.caution !== null && message.caution !== '') {
    const caution = element('p', 'rnnmagic-confirm-caution');
    caution.append(element('strong', '', trans.__('Caution:')), ` ${message.caution}`);
    node.append(caution);
  }
  for (const edit of message.edits) {
    const name = cellName(edit);
    const region = element('div', 'rnnmagic-diff');
    region.setAttribute('role', 'region');
    region.setAttribute('aria-label', trans.__('Changes in %1', name));
    // A long change is scrolled, also without a mouse.
    region.tabIndex = 0;
    const groups = hunks(difference(edit.old, edit.new));
    groups.forEach((lines, index) => {
      if (index > 0) {
        region.append(element('div', 'rnnmagic-diff-gap', '⋯'));
      }
      region.append(...lines.map(line => row(line, trans)));
    });
    node.append(element('p', 'rnnmagic-confirm-cell', name), region);
  }
  return node;
}

function row(line: ILine, trans: TranslationBundle): HTMLElement {
  const node = element('div', `rnnmagic-diff-line rnnmagic-diff-${line.kind}`);
  const sign = element('span', 'rnnmagic-diff-sign', SIGNS[line.kind]);
  sign.setAttribute('aria-hidden', 'true');
  node.append(sign);
  if (line.kind !== 'same') {
    const spoken = line.kind === 'added' ? trans.__('Added:') : trans.__('Removed:');
    node.append(element('span', 'rnnmagic-visuallyHidden', `${spoken} `));
  }
  node.append(element('code', '', line.text));
  return node;
}

const SIGNS: Record<ILine['kind'], string> = { same: ' ', removed: '−', added: '+' };

function element(tag: string, className: string, text = ''): HTMLElement {
  const node = document.createElement(tag);
  node.className = className;
  node.textContent = text;
  return node;
}
