import type { Connection, ConnectionHandlers } from '../../transport/connection.js';
import { TransportError } from '../../errors.js';
import type { JsonValue } from '../../protocol/index.js';
import { changed, untouched, type Fault, type FaultyLine, type Passage } from './passage.js';
import { messageIn, type WireMessage } from './wire-message.js';

/** Properties of a {@link FaultyConnection}. @internal */
export interface FaultyConnectionProps {
  readonly inner: Connection;
  /** Logs a message of the client. */
  readonly log: (message: WireMessage) => void;
  /** The faults that apply to a message of either side. */
  readonly faultsOf: (message: WireMessage) => readonly Fault[];
}

/** A connection whose messages pass through faults. @internal */
export class FaultyConnection implements Connection, FaultyLine {
  readonly #props: FaultyConnectionProps;
  readonly #awaited = new Map<JsonValue, { request: WireMessage; reply: Passage }>();
  #handlers: ConnectionHandlers | null = null;
  readonly #late: (() => void)[] = [];
  #loss: TransportError | null = null;
  #newestAnswered = -1;
  #asked = 0;
  #isSilent = false;
  #isOver = false;

  constructor(props: FaultyConnectionProps) {
    this.#props = props;
  }

  get pid(): number | null {
    return this.#props.inner.pid ?? null;
  }

  start(handlers: ConnectionHandlers): void {
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

  async send(line: string): Promise<void> {
    const message = JSON.parse(line) as WireMessage;
    const { id = null, method } = message;
    this.#props.log(message);
    const faults = this.#props.faultsOf(message);
    const passage = faults.reduce((so, fault) => changed(so, fault.message), untouched);
    const reply = faults.reduce((so, fault) => changed(so, fault.reply), untouched);
    if (method === undefined && typeof id === 'string' && id.startsWith(askedPrefix)) return;
    for (const act of passage.before) act(this, message.params as never);
    if (this.#isSilent) return;
    if (id !== null && method !== undefined) this.#awaited.set(id, { request: message, reply });
    const { answer, edits, gate, isLost } = passage;
    if (isLost) return;
    const passed = edits.length === 0 ? line : JSON.stringify(edited(message, passage));
    if (answer !== null)
      void Promise.resolve().then(() => {
        this.#reply({ id, ...answer });
      });
    else if (gate === null) await this.#props.inner.send(passed);
    else void gate.pass().then(async () => this.#props.inner.send(passed).catch(() => undefined));
  }

  setReferenced(isReferenced: boolean): void {
    this.#props.inner.setReferenced(isReferenced);
  }

  async close(): Promise<void> {
    return this.#props.inner.close();
  }

  say(line: string): void {
    if (!this.#isSilent && !this.#isOver) this.#handlers?.onLine(line);
  }

  ask(method: string, params: JsonValue): void {
    const id = `${askedPrefix}${++this.#asked}`;
    this.say(JSON.stringify({ id, method, params }));
  }

  kill(): void {
    this.#isSilent = true;
    const { inner } = this.#props;
    if (typeof inner.pid === 'number') process.kill(inner.pid, 'SIGKILL');
    else {
      const code = 'process-exited';
      this.#lose(new TransportError('The server was killed.', { code, signal: 'SIGKILL' }));
    }
  }

  freeze(): void {
    this.#isSilent = true;
  }

  cut(): void {
    this.#lose(new TransportError('The connection was cut.', { code: 'connection-lost' }));
  }

  #lose(error: TransportError): void {
    this.#isSilent = true;
    this.#loss = error;
    // As with a real connection: the sender returns before the close is reported.
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

  #receive(line: string): void {
    const message = messageIn(line);
    if (message === null) this.say(line);
    else if (message.method === undefined) this.#reply(message);
    else {
      const changes = this.#props
        .faultsOf(message)
        .flatMap(({ message, reply }) => [message, reply]);
      const passage = changes.reduce<Passage>(changed, untouched);
      for (const act of passage.before) act(this, message.params as never);
      this.#deliver(message, passage, message);
    }
  }

  #reply(message: WireMessage): void {
    const { id = null } = message;
    const { request, reply } = this.#awaited.get(id) ?? { request: message, reply: untouched };
    this.#awaited.delete(id);
    const deliver = (): void => {
      this.#deliver(message, reply, request);
    };
    if (reply.isLost) return;
    if (reply.isLate && !(Number(id) < this.#newestAnswered)) {
      this.#late.push(deliver);
      return;
    }
    this.#newestAnswered = Math.max(this.#newestAnswered, Number(id));
    deliver();
    for (const late of this.#late.splice(0)) late();
  }

  #deliver(message: WireMessage, passage: Passage, at: WireMessage): void {
    const { after, repeats, gate, isLost } = passage;
    if (isLost) return;
    const line = JSON.stringify(edited(message, passage));
    const deliver = (): void => {
      for (let copy = 0; copy <= repeats; copy += 1) this.say(line);
      for (const act of after) act(this, at.params as never);
    };
    if (gate === null) deliver();
    else void gate.pass().then(deliver);
  }
}

const askedPrefix = 'faulty-';

function edited(message: WireMessage, { edits }: Passage): WireMessage {
  const key = message.method === undefined ? 'result' : 'params';
  if (edits.length === 0 || message.error !== undefined) return message;
  const content = edits.reduce<unknown>((value, edit) => edit(value as never), message[key]);
  return { ...message, [key]: content as JsonValue };
}
