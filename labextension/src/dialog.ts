/** Shows what a fix would change and asks whether to. */

import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { changesView } from './changesView';
import type { Edit, EditMessage } from './protocol';

export async function confirmEdit(
  message: EditMessage,
  cellName: (edit: Edit) => string,
  trans: TranslationBundle
): Promise<boolean> {
  const result = await showDialog({
    title: message.title,
    body: new Widget({ node: changesView(message, cellName, trans) }),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.okButton({ label: trans.__('Apply') })
    ]
  });
  return result.button.accept;
}
