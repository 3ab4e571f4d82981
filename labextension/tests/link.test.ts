import type { ISessionContext } from '@jupyterlab/apputils';
import { KernelMessage, type Kernel } from '@jupyterlab/services';
import type { JSONValue } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { KernelLink, LinkError } from '../src/link';
import { PROTOCOL, TARGET } from '../src/protocol';

type Sent = Record<string, unknown>;

/** As much of a kernel connection as the link uses, with rnnmagic's side of the protocol. */
class FakeKernel {
  clientId = 'me';
  username = '';
  isDisposed = false;
  status: Kernel.Status = 'idle';
  info: Promise<unknown> = Promise.resolve({ language_info: { name: 'python' } });
  readonly iopubMessage = new Signal<this, KernelMessage.IIOPubMessage>(this);
  readonly statusChanged = new Signal<this, Kernel.Status>(this);
  readonly connectionStatusChanged = new Signal<this, Kernel.ConnectionStatus>(this);
  registerCommTarget = vi.fn();
  removeCommTarget = vi.fn();

  comms: Record<string, unknown> = {};
  code: string[] = [];
  sent: Sent[] = [];
  /** What `%load_ext` and `%reload_ext` do. */
  onCode: (code: string) => Record<string, unknown> = () => {
    this.open('comm-1');
    return { status: 'ok' };
  };
  protocol = PROTOCOL;
  silent = false;
  on = false;

  requestCommInfo = vi.fn(() => Promise.resolve({ content: { status: 'ok', comms: this.comms } }));

  requestExecute({ code }: { code: string }): { done: Promise<unknown> } {
    this.code.push(code);
    return { done: Promise.resolve().then(() => ({ content: this.onCode(code) })) };
  }

  sendShellMessage(message: KernelMessage.ICommMsgMsg<'shell'>): void {
    const data = message.content.data as Sent;
    this.sent.push({ ...data, comm: message.content.comm_id });
    if (this.silent) {
      return;
    }
    const comm = message.content.comm_id;
    if (data.type === 'hello') {
      const { clientId: client, protocol } = this;
      this.tell(comm, { type: 'welcome', client, protocol, version: '9' });
      this.tell(comm, { type: 'state', on: this.on, undo: null });
    } else if (data.type === 'check') {
      this.on = Boolean(data.on);
      this.tell(comm, { type: 'state', on: this.on, undo: null });
    }
  }

  open(id: string): void {
    this.comms = { [id]: { target_name: TARGET } };
    this._emit('comm_open', { comm_id: id, target_name: TARGET, data: {} });
  }

  close(id: string): void {
    this.comms = {};
    this._emit('comm_close', { comm_id: id, data: {} });
  }

  tell(id: string, data: Sent): void {
    this._emit('comm_msg', { comm_id: id, data });
  }

  become(status: Kernel.Status): void {
    this.status = status;
    this.statusChanged.emit(status);
  }

  private _emit(type: string, content: Sent): void {
    this.iopubMessage.emit({
      header: { msg_type: type },
      content
    } as unknown as KernelMessage.IIOPubMessage);
  }
}

class FakeSession {
  constructor(kernel: FakeKernel | null) {
    this.session = kernel && { kernel };
  }
  session: { kernel: FakeKernel } | null;
  readonly ready = Promise.resolve();
  readonly kernelChanged = new Signal<this, void>(this);
}

let kernel: FakeKernel;
let session: FakeSession;
let link: KernelLink;

const make = (): KernelLink => new KernelLink(session as unknown as ISessionContext);
const settle = (): Promise<void> => vi.waitFor(() => Promise.resolve()).then(() => delay(5));
const delay = (ms: number): Promise<void> => new Promise(done => setTimeout(done, ms));
const trouble = async (): Promise<string> => {
  const problem: unknown = await link.load().catch((reason: unknown) => reason);
  return problem instanceof LinkError ? problem.trouble : 'none';
};
const types = (): unknown[] => kernel.sent.map(message => message.type);

beforeEach(() => {
  kernel = new FakeKernel();
  session = new FakeSession(kernel);
});
afterEach(() => {
  link.dispose();
});

describe('load', () => {
  it('loads rnnmagic and says hello with the name of the connection', async () => {
    link = make();
    await link.load();
    expect(kernel.code).toEqual(['%load_ext rnnmagic']);
    expect(kernel.sent[0]).toMatchObject({ type: 'hello', client: 'me', protocol: PROTOCOL });
    expect(link.state).toBe('linked');
    await link.load();
    expect(kernel.code).toHaveLength(1);
  });

  it('does so once for two callers', async () => {
    link = make();
    await Promise.all([link.load(), link.load()]);
    expect(kernel.code).toHaveLength(1);
  });

  it('takes the comm that a page before this one left', async () => {
    kernel.comms = { 'comm-0': {} };
    kernel.on = true;
    link = make();
    await settle();
    expect(link.state).toBe('linked');
    expect(link.on).toBe(true);
    expect(kernel.code).toEqual([]);
  });

  it('loads anew what was loaded while nobody listened', async () => {
    kernel.onCode = code => {
      if (code.startsWith('%reload')) {
        kernel.open('comm-2');
      }
      return { status: 'ok' };
    };
    link = make();
    await link.load();
    expect(kernel.code).toEqual(['%load_ext rnnmagic', '%reload_ext rnnmagic']);
  });

  it('asks again when a failing cell aborted it', async () => {
    let asked = 0;
    const { onCode } = kernel;
    kernel.onCode = code => (++asked < 3 ? { status: 'aborted' } : onCode(code));
    link = make();
    await link.load();
    expect(asked).toBe(3);
  });

  it.each([
    ['missing', { ename: 'ModuleNotFoundError', evalue: "No module named 'rnnmagic'" }, 'missing'],
    ['failed', { ename: 'ModuleNotFoundError', evalue: "No module named 'executing'" }, 'none'],
    ['failed', { ename: 'SyntaxError', evalue: 'x' }, 'none']
  ])('%s: %j', async (kind, error, state) => {
    kernel.onCode = () => ({ status: 'error', ...error });
    link = make();
    expect(await trouble()).toBe(kind);
    expect(link.state).toBe(state);
  });

  it('tells an rnnmagic that never opens a comm', async () => {
    kernel.onCode = () => ({ status: 'ok' });
    link = make();
    expect(await trouble()).toBe('other-version');
    expect(link.state).toBe('other-version');
  });

  it('tells another protocol and listens to nothing in it', async () => {
    kernel.protocol = PROTOCOL + 1;
    link = make();
    const heard = vi.fn();
    link.message.connect(heard);
    expect(await trouble()).toBe('other-version');
    kernel.tell('comm-1', { type: 'edit', client: 'me', edits: [] });
    expect(heard).not.toHaveBeenCalled();
    expect([link.state, link.kernelVersion, link.kernelState]).toEqual([
      'other-version',
      '9',
      null
    ]);
  });

  it('runs nothing in a kernel of another language', async () => {
    kernel.info = Promise.resolve({ language_info: { name: 'R' } });
    link = make();
    expect(await trouble()).toBe('not-python');
    expect(kernel.code).toEqual([]);
  });

  it('says that there is no kernel', async () => {
    session = new FakeSession(null);
    link = make();
    expect(await trouble()).toBe('no-kernel');
  });

  it('gives up on a kernel that is idle and silent, not on a busy one', async () => {
    vi.useFakeTimers();
    try {
      kernel.silent = true;
      kernel.status = 'busy';
      link = make();
      let outcome = '';
      void trouble().then(kind => (outcome = kind));
      await vi.advanceTimersByTimeAsync(3_600_000);
      expect(outcome).toBe('');
      kernel.status = 'idle';
      await vi.advanceTimersByTimeAsync(12_000);
      expect(outcome).toBe('no-answer');
    } finally {
      vi.useRealTimers();
    }
  });

  it('ends when the kernel is restarted meanwhile', async () => {
    kernel.silent = true;
    link = make();
    const kind = trouble();
    await settle();
    kernel.become('restarting');
    expect(await kind).toBe('interrupted');
    expect(link.state).toBe('none');
  });
});

describe('afterwards', () => {
  it('hears what is meant for it and for all', async () => {
    link = make();
    await link.load();
    const heard: unknown[] = [];
    link.message.connect((_, message) => heard.push(message.type));
    kernel.tell('comm-1', { type: 'said', client: 'another', text: '' });
    kernel.tell('comm-9', { type: 'said', client: 'me', text: '' });
    kernel.tell('comm-1', { type: 'said', client: 'me', text: '' });
    kernel.tell('comm-1', { type: 'report' });
    expect(heard).toEqual(['said', 'report']);
  });

  it('follows a cell of the user that loads rnnmagic, also again', async () => {
    link = make();
    await settle();
    kernel.open('comm-5');
    expect(link.state).toBe('linked');
    kernel.close('comm-5');
    expect(link.state).toBe('none');
    kernel.open('comm-6');
    expect(link.send({ type: 'undo' })).toBe(true);
    expect(kernel.sent[kernel.sent.length - 1]).toMatchObject({ comm: 'comm-6', client: 'me' });
  });

  it('is not taken from the newer comm by the end of the older', async () => {
    link = make();
    await settle();
    kernel.open('comm-5');
    kernel.open('comm-6');
    kernel.close('comm-5');
    expect(link.state).toBe('linked');
  });

  it('turns checks on again after a restart, if they were on', async () => {
    link = make();
    await link.load();
    link.check(true);
    kernel.on = false;
    kernel.comms = {};
    const reset = vi.fn();
    link.reset.connect(reset);
    kernel.become('restarting');
    expect(reset).toHaveBeenCalledTimes(1);
    expect([link.state, link.on]).toEqual(['none', false]);
    kernel.become('starting');
    kernel.become('idle');
    await settle();
    expect([link.state, link.on]).toEqual(['linked', true]);
    expect(kernel.code).toHaveLength(2);
  });

  it('does not after checks of a single cell', async () => {
    link = make();
    await link.load();
    link.check(true, true);
    expect(link.on).toBe(true);
    kernel.become('restarting');
    kernel.become('idle');
    await settle();
    expect(kernel.code).toHaveLength(1);
  });

  it('follows the notebook to another kernel', async () => {
    link = make();
    await link.load();
    link.check(true);
    const other = new FakeKernel();
    other.clientId = 'me too';
    session.session = { kernel: other };
    session.kernelChanged.emit();
    await settle();
    expect([link.state, link.on]).toEqual(['linked', true]);
    kernel.close('comm-1');
    expect(link.state).toBe('linked');
    expect(other.sent[0]).toMatchObject({ type: 'hello', client: 'me too' });
  });

  it('says hello again when the line was down', async () => {
    link = make();
    await link.load();
    kernel.connectionStatusChanged.emit('connected');
    expect(types()).toEqual(['hello', 'hello']);
  });

  it("says what the notebook's metadata hold, and again when they change", async () => {
    let policy: JSONValue = null;
    link = new KernelLink(session as unknown as ISessionContext, () => policy);
    link.tellPolicy();
    expect(kernel.sent).toEqual([]);
    await link.load();
    policy = { highest_step: 3 };
    link.tellPolicy();
    expect(kernel.sent.map(sent => sent.policy)).toEqual([null, { highest_step: 3 }]);
  });

  it('says goodbye', async () => {
    link = make();
    await link.load();
    link.dispose();
    link.dispose();
    expect(types()).toEqual(['hello', 'bye']);
    expect(link.send({ type: 'undo' })).toBe(false);
  });
});

describe('checks that are wanted from the start', () => {
  it('come on', async () => {
    link = make();
    link.wantOn();
    await settle();
    expect([link.state, link.on]).toEqual(['linked', true]);
  });

  it('come on when a kernel comes', async () => {
    session = new FakeSession(null);
    link = make();
    link.wantOn();
    session.session = { kernel };
    session.kernelChanged.emit();
    await settle();
    expect(link.on).toBe(true);
  });

  it('stay off where the user turned them off before the page was loaded again', async () => {
    kernel.comms = { 'comm-0': {} };
    link = make();
    link.wantOn();
    await settle();
    expect([link.state, link.on]).toEqual(['linked', false]);
  });
});
