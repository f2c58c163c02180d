import type { Transport, TransportHandlers } from '../../app-server/transport.js';
import { TransportError } from '../../errors.js';
import type { JsonValue } from '../../protocol/index.js';
import { isPlainObject } from '../../shapes.js';
import type { FaultyLine } from './fault-verbs.js';
import type { MessageAction } from './message-fault.js';
import type { FaultyReply, ReplyFate, RequestAction } from './request-fault.js';

type Message = Readonly<Record<string, JsonValue>>;

/** A fault that applies to a message, and when. @internal */
export interface AppliedFault<Action> {
  readonly when: 'before' | 'after';
  readonly action: Action;
}

/** What a connection asks its transport. @internal */
export interface FaultyConnectionProps {
  readonly inner: Transport;
  /** Logs a message of the client; gives the faults that apply to it. */
  readonly ofClient: (message: Message) => readonly AppliedFault<RequestAction>[];
  /** The faults that apply to a message that the server sends by itself. */
  readonly ofServer: (message: Message) => readonly AppliedFault<MessageAction>[];
}

/** A connection whose messages pass through faults. @internal */
export class FaultyConnection implements Transport, FaultyLine {
  readonly #props: FaultyConnectionProps;
  readonly #awaited = new Map<JsonValue, Awaited>();
  #handlers: TransportHandlers | null = null;
  readonly #late: (() => void)[] = [];
  #loss: TransportError | null = null;
  #newestAnswered = -1;
  #asked = 0;
  #isSilent = false;
  #isOver = false;

  constructor(props: FaultyConnectionProps) {
    this.#props = props;
  }

  /** @inheritDoc */
  get pid(): number | null {
    return this.#props.inner.pid ?? null;
  }

  /** @inheritDoc */
  start(handlers: TransportHandlers): void {
    this.#handlers = handlers;
    this.#props.inner.start({
      onLine: (line) => {
        this.#receive(line);
      },
      onClose: (error) => {
        this.#end(this.#loss ?? error);
      },
    });
  }

  /** @inheritDoc */
  async send(line: string): Promise<void> {
    const message = parsed(line);
    const faults = message === null ? [] : this.#props.ofClient(message);
    const { id = null, method, params } = message ?? {};
    if (method === undefined && typeof id === 'string' && id.startsWith(askedPrefix)) return;
    for (const { when, action } of faults)
      if (action.type === 'act' && when === 'before') action.act(this, params as never);
    if (this.#isSilent) return;
    const actions = faults.map(({ action }) => action);
    const fates = actions.flatMap((action) => (action.type === 'reply' ? [action.fate] : []));
    const after = faults.flatMap(({ when, action }) =>
      action.type === 'act' && when === 'after'
        ? [
            () => {
              action.act(this, params as never);
            },
          ]
        : [],
    );
    if (id !== null && fates.length + after.length > 0) this.#awaited.set(id, { fates, after });
    if (actions.some(({ type }) => type === 'stall')) return;
    const answer = actions.find((action) => action.type === 'answer');
    if (answer !== undefined) {
      this.#answer(id, answer.reply);
      return;
    }
    const passed = message === null ? line : JSON.stringify(withEditedParams(message, actions));
    const delay = actions.find((action) => action.type === 'delay');
    if (delay === undefined) return this.#props.inner.send(passed);
    void delay.gate.pass().then(async () => this.#props.inner.send(passed).catch(() => undefined));
  }

  /** @inheritDoc */
  setReferenced(isReferenced: boolean): void {
    this.#props.inner.setReferenced(isReferenced);
  }

  /** @inheritDoc */
  async close(): Promise<void> {
    return this.#props.inner.close();
  }

  /** @inheritDoc */
  say(line: string): void {
    if (!this.#isSilent && !this.#isOver) this.#handlers?.onLine(line);
  }

  /** @inheritDoc */
  ask(method: string, params: JsonValue): void {
    this.#asked += 1;
    this.say(JSON.stringify({ id: `${askedPrefix}${this.#asked}`, method, params }));
  }

  /** @inheritDoc */
  kill(): void {
    this.#isSilent = true;
    const { inner } = this.#props;
    if (typeof inner.pid === 'number') process.kill(inner.pid, 'SIGKILL');
    else {
      const code = 'process-exited';
      this.#lose(new TransportError('The server was killed.', { code, signal: 'SIGKILL' }));
    }
  }

  /** @inheritDoc */
  freeze(): void {
    this.#isSilent = true;
  }

  /** @inheritDoc */
  cut(): void {
    this.#lose(new TransportError('The connection was cut.', { code: 'connection-lost' }));
  }

  #lose(error: TransportError): void {
    this.#isSilent = true;
    this.#loss = error;
    // As a real one: whoever sends has returned before it hears of the end.
    void Promise.resolve().then(() => {
      this.#end(error);
    });
    void this.#props.inner.close();
  }

  #end(error: TransportError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#handlers?.onClose(error);
  }

  #answer(id: JsonValue, reply: FaultyReply): void {
    void Promise.resolve().then(() => {
      this.#reply({ id, ...reply });
    });
  }

  #receive(line: string): void {
    const message = parsed(line);
    if (message === null) this.say(line);
    else if (message.method === undefined) this.#reply(message);
    else this.#announce(message);
  }

  #announce(message: Message): void {
    const faults = this.#props.ofServer(message);
    const act = (at: AppliedFault<MessageAction>['when']): void => {
      for (const { when, action } of faults)
        if (action.type === 'act' && when === at) action.act(this, message.params as never);
    };
    act('before');
    const actions = faults.map(({ action }) => action);
    const said = JSON.stringify(withEditedParams(message, actions));
    const send = (): void => {
      this.say(said);
      for (const { type } of actions) if (type === 'repeat') this.say(said);
      act('after');
    };
    if (actions.some(({ type }) => type === 'drop')) return;
    const hold = actions.find((action) => action.type === 'hold');
    if (hold === undefined) send();
    else void hold.gate.pass().then(send);
  }

  #reply(message: Message): void {
    const { fates, after } = this.#awaited.get(message.id ?? null) ?? { fates: [], after: [] };
    this.#awaited.delete(message.id ?? null);
    const send = (): void => {
      this.say(JSON.stringify(edited(message, fates)));
      if (fates.includes('twice')) this.say(JSON.stringify(edited(message, fates)));
      for (const act of after) act();
    };
    const gate = fates.flatMap((fate) => (isGated(fate) ? [fate.gate] : []))[0];
    if (fates.includes('drop')) return;
    if (fates.includes('late') && !(Number(message.id) < this.#newestAnswered)) {
      this.#late.push(send);
      return;
    }
    this.#newestAnswered = Math.max(this.#newestAnswered, Number(message.id));
    if (gate !== undefined) void gate.pass().then(send);
    else send();
    for (const late of this.#late.splice(0)) late();
  }
}

interface Awaited {
  readonly fates: readonly ReplyFate[];
  readonly after: readonly (() => void)[];
}

const askedPrefix = 'faulty-';

function isGated(fate: ReplyFate): fate is Extract<ReplyFate, { readonly gate: unknown }> {
  return typeof fate === 'object' && 'gate' in fate;
}

function withEditedParams(
  message: Message,
  actions: readonly (MessageAction | RequestAction)[],
): Message {
  return actions.reduce(
    (whole, action) =>
      action.type === 'edit'
        ? { ...whole, params: action.edit(whole.params as never) as JsonValue }
        : whole,
    message,
  );
}

function edited(message: Message, fates: readonly ReplyFate[]): object {
  return fates.reduce<Message>(
    (whole, fate) =>
      typeof fate === 'object' && 'edit' in fate && whole.error === undefined
        ? { ...whole, result: fate.edit(whole.result as never) as JsonValue }
        : whole,
    message,
  );
}

function parsed(line: string): Message | null {
  try {
    const message: unknown = JSON.parse(line);
    return isPlainObject(message) ? (message as Message) : null;
  } catch {
    return null;
  }
}
