/** Where the side panel gets its rows from: the kernel of the notebook that the user is in. */

import { NotebookActions } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { PromiseDelegate } from '@lumino/coreutils';
import { Signal, type ISignal } from '@lumino/signaling';

import type { KernelLink, LinkState } from './link';
import type { CheckedNotebook } from './notebook';
import type { Notebooks } from './notebooks';
import type { FromKernel, ShapesMessage } from './protocol';
import type { IShapesSource } from './shapesPanel';

type Answer = ShapesMessage | string;

export class ShapesSource implements IShapesSource {
  constructor(
    private readonly _notebooks: Notebooks,
    private readonly _trans: TranslationBundle
  ) {
    _notebooks.changed.connect(this._onNotebooks, this);
    NotebookActions.executed.connect((_, { notebook }) => {
      if (_notebooks.current?.panel.content === notebook) {
        this._changed.emit();
      }
    });
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  request(): Promise<Answer> {
    const notebook = this._notebooks.current;
    if (notebook === null) {
      return Promise.resolve(this._trans.__('Open a notebook to see the shapes of its variables.'));
    }
    const { link } = notebook;
    if (link.state !== 'linked') {
      return Promise.resolve(this._whyNot(link.state, link.language));
    }
    // One question at a time for each kernel; who asks meanwhile gets the same answer.
    const asked = this._asked.get(link) ?? this._ask(link);
    return asked;
  }

  insert(name: string): void {
    const notebook = this._notebooks.current?.panel.content;
    const cell = notebook?.activeCell;
    if (!notebook || cell?.model.type !== 'code' || cell.readOnly) {
      return;
    }
    notebook.mode = 'edit';
    const { editor, model } = cell;
    if (editor === null) {
      const text = model.sharedModel;
      const end = text.getSource().length;
      text.updateSource(end, end, name);
      return;
    }
    if (editor.replaceSelection) {
      editor.replaceSelection(name);
    } else {
      const { start, end } = editor.getSelection();
      model.sharedModel.updateSource(editor.getOffsetAt(start), editor.getOffsetAt(end), name);
    }
    editor.focus();
  }

  private _ask(link: KernelLink): Promise<Answer> {
    const seq = ++this._seq;
    const answer = new PromiseDelegate<Answer>();
    const onMessage = (_: unknown, message: FromKernel): void => {
      if (message.type === 'shapes' && message.seq === seq) {
        done(message);
      }
    };
    const onReset = (): void => done(this._whyNot(link.state, link.language));
    // A busy kernel answers late; who went to another notebook does not wait for it.
    const onNotebooks = (): void => {
      if (this._notebooks.current?.link !== link) {
        done(this._trans.__('Waiting for the kernel…'));
      }
    };
    const done = (value: Answer): void => {
      link.message.disconnect(onMessage);
      link.reset.disconnect(onReset);
      this._notebooks.changed.disconnect(onNotebooks);
      this._asked.delete(link);
      answer.resolve(value);
    };
    this._asked.set(link, answer.promise);
    link.message.connect(onMessage);
    link.reset.connect(onReset);
    this._notebooks.changed.connect(onNotebooks);
    if (!link.send({ type: 'shapes', seq })) {
      done(this._whyNot('none', link.language));
    }
    return answer.promise;
  }

  private _whyNot(state: LinkState, language: string | null): string {
    const trans = this._trans;
    if (state === 'missing') {
      return trans.__('rnnmagic is not installed in this kernel.');
    }
    if (state === 'other-version') {
      return trans.__('The rnnmagic in this kernel and this extension do not fit together.');
    }
    if (language !== null && language !== 'python') {
      return trans.__('This notebook has no Python kernel.');
    }
    return trans.__('Turn on “Check shapes” to see the shapes of this notebook’s variables.');
  }

  private _onNotebooks(): void {
    const { current } = this._notebooks;
    const state = current?.link.state ?? 'none';
    // Of all that changes in a notebook, only these two make other rows.
    if (current !== this._current || state !== this._state) {
      this._current = current;
      this._state = state;
      this._changed.emit();
    }
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly _asked = new Map<KernelLink, Promise<Answer>>();
  private _seq = 0;
  private _current: CheckedNotebook | null = null;
  private _state: LinkState = 'none';
}
