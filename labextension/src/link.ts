/** One notebook's line to the rnnmagic in its kernel. */

import type { ISessionContext } from '@jupyterlab/apputils';
import { KernelMessage, type Kernel } from '@jupyterlab/services';
import { PromiseDelegate, type JSONValue } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import { version as VERSION } from '../package.json';
import {
  PROTOCOL,
  received,
  TARGET,
  type FromKernel,
  type State,
  type ToKernel,
  type Welcome
} from './protocol';

export type LinkState =
  /** No Python kernel, or rnnmagic has not been loaded in it. */
  | 'none'
  | 'linked'
  /** The rnnmagic there speaks another protocol, or none. */
  | 'other-version'
  /** It is not installed there. */
  | 'missing';

export type LinkTrouble =
  'no-kernel' | 'not-python' | 'missing' | 'other-version' | 'no-answer' | 'interrupted' | 'failed';

export class LinkError extends Error {
  constructor(
    readonly trouble: LinkTrouble,
    /** What the kernel said, if it said something. */
    readonly detail = ''
  ) {
    super(`${trouble} ${detail}`);
  }
}

/** `Omit` on each kind of message by itself. */
export type Outgoing = ToKernel extends infer T
  ? T extends ToKernel
    ? Omit<T, 'client'>
    : never
  : never;

/** A kernel that has nothing to do and still says nothing for so long will not. */
const ANSWER_LIMIT_S = 10;
/** Requests that stand behind a failing cell are aborted; they are then asked again. */
const TRIES = 4;

/**
 * Messages are taken from the connection's iopub signal and sent as plain `comm_msg`, not through
 * Lab's comm objects, for two reasons. Lab lets only one connection of a page handle comms, so that of
 * two notebooks on one kernel the second would hear nothing. And its comm objects send over a subshell,
 * which overtakes cells: `check` must arrive before the cell that it is meant for.
 */
export class KernelLink implements IDisposable {
  /** @param _policy - what the notebook's metadata hold for the kernel now; `null` for nothing */
  constructor(
    private readonly _session: ISessionContext,
    private readonly _policy: () => JSONValue = () => null
  ) {
    _session.kernelChanged.connect(this._onKernelChanged, this);
    this._bind(_session.session?.kernel ?? null);
  }

  /** Anything that a button or a label shows. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** What the kernel sends to this notebook, once linked. */
  get message(): ISignal<this, FromKernel> {
    return this._message;
  }

  /** The kernel has been restarted or replaced, or rnnmagic unloaded: what it said is void. */
  get reset(): ISignal<this, void> {
    return this._reset;
  }

  get state(): LinkState {
    return this._state;
  }

  /** What is set in the kernel; null unless linked. */
  get kernelState(): State | null {
    return this._kernelState;
  }

  get on(): boolean {
    return this._kernelState?.on ?? false;
  }

  /** The version of the rnnmagic in the kernel, once it has said so. */
  get kernelVersion(): string | null {
    return this._welcome?.version ?? null;
  }

  /** null while it is not known. */
  get language(): string | null {
    return this._language;
  }

  get busy(): boolean {
    return this._kernel !== null && this._kernel.status !== 'idle';
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Turn the checks on as soon as a kernel is there, and again after each restart. */
  wantOn(): void {
    this._wanted = true;
    if (this._kernel !== null && this._asked !== this._kernel) {
      return; // being looked at; `_adopt` goes on with it
    }
    void this._loadIfWanted();
  }

  /** False when there is nobody to send to. */
  send(message: Outgoing): boolean {
    const kernel = this._kernel;
    if (kernel === null || kernel.isDisposed || this._comm === null) {
      return false;
    }
    const wire = KernelMessage.createMessage<KernelMessage.ICommMsgMsg<'shell'>>({
      msgType: 'comm_msg',
      channel: 'shell',
      username: kernel.username,
      session: kernel.clientId,
      content: {
        comm_id: this._comm,
        data: { ...message, client: kernel.clientId }
      }
    });
    try {
      kernel.sendShellMessage(wire, false, true);
    } catch (problem) {
      console.warn('rnnmagic: a message could not be sent.', problem); // the kernel is dead
      return false;
    }
    return true;
  }

  /** `brief`: for one cell only, so that it is not what a restart should bring back. */
  check(on: boolean, brief = false): void {
    if (!brief) {
      this._wanted = on;
    }
    this._brief = brief;
    this.send({ type: 'check', on });
  }

  /**
   * Load rnnmagic into the kernel unless it is there, and wait until it answers. Waits as long as the
   * kernel is busy with cells.
   *
   * @throws LinkError
   */
  load(): Promise<void> {
    if (this._state === 'linked') {
      return Promise.resolve();
    }
    this._loading ??= this._load().finally(() => {
      this._loading = null;
      this._changed.emit();
    });
    return this._loading;
  }

  /** Whether the checks are on for one cell only. */
  get isBrief(): boolean {
    return this._brief;
  }

  get loading(): boolean {
    return this._loading !== null;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this.send({ type: 'bye' });
    this._unbind();
    this._settle(new LinkError('interrupted'));
    Signal.clearData(this);
  }

  private _onKernelChanged(): void {
    this._unbind();
    this._drop();
    this._bind(this._session.session?.kernel ?? null);
  }

  private _bind(kernel: Kernel.IKernelConnection | null): void {
    this._kernel = kernel;
    this._language = null;
    if (kernel === null) {
      return;
    }
    // Without a target, Lab closes the comm that the kernel opens. Heard is it on iopub.
    kernel.registerCommTarget(TARGET, keepOpen);
    kernel.iopubMessage.connect(this._onIopub, this);
    kernel.statusChanged.connect(this._onStatus, this);
    kernel.connectionStatusChanged.connect(this._onConnection, this);
    void this._lookAround(kernel);
  }

  private _unbind(): void {
    const kernel = this._kernel;
    this._kernel = this._asked = null;
    if (kernel !== null) {
      kernel.removeCommTarget(TARGET, keepOpen);
      kernel.iopubMessage.disconnect(this._onIopub, this);
      kernel.statusChanged.disconnect(this._onStatus, this);
      kernel.connectionStatusChanged.disconnect(this._onConnection, this);
    }
  }

  /** A new connection: its language, and whether rnnmagic has been loaded there before. */
  private async _lookAround(kernel: Kernel.IKernelConnection): Promise<void> {
    try {
      await this._adopt(kernel);
    } catch {
      return; // restarted or closed meanwhile; both come here again if there is reason to
    }
    if (this._kernel === kernel) {
      this._asked = kernel;
      this._changed.emit();
      void this._loadIfWanted();
    }
  }

  /** After a page was loaded again, the comm is still open in the kernel. */
  private async _adopt(kernel: Kernel.IKernelConnection): Promise<void> {
    const info = await kernel.info;
    if (this._kernel !== kernel) {
      return;
    }
    this._language = info.language_info.name;
    if (this._language !== 'python' || this._comm !== null) {
      return;
    }
    const reply = await kernel.requestCommInfo({ target_name: TARGET });
    // While it was asked, the kernel may have opened one itself.
    if (this._kernel === kernel && reply.content.status === 'ok' && !this._hasComm()) {
      const open = Object.keys(reply.content.comms);
      if (open.length > 0) {
        this._greet(open[open.length - 1]);
      }
    }
  }

  private _hasComm(): boolean {
    return this._comm !== null;
  }

  private _greet(comm: string): void {
    this._comm = comm;
    this._welcome = this._kernelState = null;
    this._hello();
  }

  /** The notebook's metadata have changed: the kernel is to know. */
  tellPolicy(): void {
    if (this._comm !== null) {
      this._hello();
    }
  }

  private _hello(): void {
    this.send({ type: 'hello', protocol: PROTOCOL, version: VERSION, policy: this._policy() });
  }

  private async _loadIfWanted(): Promise<void> {
    if (!this._wanted || this._kernel === null || this._state !== 'none') {
      return;
    }
    // What was loaded before has a state of its own, which the user may have set.
    const fresh = !this._hasComm();
    try {
      await this.load();
      if (fresh && !this.on) {
        this.check(true);
      }
    } catch (problem) {
      // Nobody clicked anything, so nobody is told more than the status bar says.
      console.debug('rnnmagic: checks could not be turned on.', problem);
    }
  }

  private async _load(): Promise<void> {
    this._changed.emit();
    await this._session.ready;
    const kernel = this._kernel;
    if (kernel === null) {
      throw new LinkError('no-kernel');
    }
    try {
      await this._adopt(kernel);
    } catch {
      throw new LinkError('interrupted');
    }
    if (this._language !== 'python') {
      throw new LinkError('not-python', this._language ?? '');
    }
    if (!this._hasComm()) {
      await this._execute(kernel, '%load_ext rnnmagic');
    }
    if (!this._hasComm()) {
      // Loaded before, when nobody listened; that comm is gone.
      await this._execute(kernel, '%reload_ext rnnmagic');
    }
    if (!this._hasComm()) {
      this._become('other-version');
      throw new LinkError('other-version');
    }
    await this._answered(kernel);
  }

  private async _execute(kernel: Kernel.IKernelConnection, code: string): Promise<void> {
    for (let tries = 1; ; tries++) {
      const content = await this._ask(kernel, code);
      if (this._kernel !== kernel) {
        throw new LinkError('interrupted');
      }
      if (content.status === 'ok') {
        return;
      }
      if (content.status === 'error') {
        if (content.ename === 'ModuleNotFoundError' && content.evalue.includes("'rnnmagic'")) {
          this._become('missing');
          throw new LinkError('missing');
        }
        throw new LinkError('failed', `${content.ename}: ${content.evalue}`);
      }
      if (tries === TRIES) {
        throw new LinkError('interrupted');
      }
    }
  }

  private async _ask(
    kernel: Kernel.IKernelConnection,
    code: string
  ): Promise<KernelMessage.IExecuteReplyMsg['content']> {
    try {
      const request = { code, silent: true, store_history: false, stop_on_error: false };
      const reply = await kernel.requestExecute({ ...request, allow_stdin: false }).done;
      return reply.content;
    } catch {
      throw new LinkError('interrupted'); // restarted, died, or closed
    }
  }

  /** Wait for `welcome` and `state`. */
  private async _answered(kernel: Kernel.IKernelConnection): Promise<void> {
    // It may have answered while the request ran.
    if (this._state === 'linked') {
      return;
    }
    if (this._welcome !== null && this._welcome.protocol !== PROTOCOL) {
      throw new LinkError('other-version', this._welcome.version);
    }
    const waiting = (this._waiting ??= new PromiseDelegate<void>());
    let idle = 0;
    const clock = window.setInterval(() => {
      idle = kernel.status === 'idle' ? idle + 1 : 0;
      if (idle === ANSWER_LIMIT_S) {
        this._settle(new LinkError('no-answer'));
      }
    }, 1000);
    try {
      await waiting.promise;
    } finally {
      window.clearInterval(clock);
    }
  }

  private _settle(problem: LinkError | null): void {
    const waiting = this._waiting;
    this._waiting = null;
    if (problem === null) {
      waiting?.resolve();
    } else {
      waiting?.reject(problem);
    }
  }

  private _onIopub(kernel: Kernel.IKernelConnection, message: KernelMessage.IIOPubMessage): void {
    if (KernelMessage.isCommOpenMsg(message)) {
      if (message.content.target_name === TARGET) {
        // Loaded again, perhaps by a cell of the user's: the newest counts.
        this._greet(message.content.comm_id);
      }
    } else if (KernelMessage.isCommCloseMsg(message)) {
      if (message.content.comm_id === this._comm) {
        this._drop();
      }
    } else if (KernelMessage.isCommMsgMsg(message) && message.content.comm_id === this._comm) {
      const said = received(message.content.data, kernel.clientId);
      if (said !== null) {
        this._take(said);
      }
    }
  }

  private _take(message: FromKernel): void {
    if (message.type === 'welcome') {
      this._welcome = message;
      if (message.protocol !== PROTOCOL) {
        this._become('other-version');
        this._settle(new LinkError('other-version', message.version));
      }
      return;
    }
    if (this._welcome?.protocol !== PROTOCOL) {
      return; // it may mean something else by it
    }
    if (message.type === 'state') {
      this._kernelState = message;
      if (!this._brief) {
        this._wanted = message.on;
      }
      this._become('linked');
      this._settle(null);
      return;
    }
    this._message.emit(message);
  }

  private _onStatus(_: Kernel.IKernelConnection, status: Kernel.Status): void {
    if (status === 'restarting' || status === 'autorestarting' || status === 'dead') {
      this._restarting = true;
      this._drop();
    } else if (status === 'idle' && this._restarting) {
      this._restarting = false;
      void this._loadIfWanted();
    }
  }

  private _onConnection(_: Kernel.IKernelConnection, status: Kernel.ConnectionStatus): void {
    if (status === 'connected' && this._comm !== null) {
      // What was sent while the line was down is lost; `hello` has it sent again.
      this._hello();
    }
  }

  private _drop(): void {
    this._comm = this._welcome = this._kernelState = null;
    this._brief = false;
    this._settle(new LinkError('interrupted'));
    this._become('none');
    this._reset.emit();
  }

  private _become(state: LinkState): void {
    this._state = state;
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly _message = new Signal<this, FromKernel>(this);
  private readonly _reset = new Signal<this, void>(this);
  private _kernel: Kernel.IKernelConnection | null = null;
  /** The connection for which it is known whether rnnmagic was there already. */
  private _asked: Kernel.IKernelConnection | null = null;
  private _language: string | null = null;
  private _comm: string | null = null;
  private _welcome: Welcome | null = null;
  private _kernelState: State | null = null;
  private _state: LinkState = 'none';
  private _wanted = false;
  private _brief = false;
  private _restarting = false;
  private _loading: Promise<void> | null = null;
  private _waiting: PromiseDelegate<void> | null = null;
  private _isDisposed = false;
}

/** The comm lives in the kernel; there is nothing to do with Lab's object for it. */
function keepOpen(): void {
  // Not closing is all.
}
