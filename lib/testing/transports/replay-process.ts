import { TransportError } from '../../errors.js';
import type { JsonValue } from '../../protocol/index.js';
import { timers } from '../../timers.js';
import { InMemoryConnection, type InMemoryServer } from './in-memory-connection.js';
import type { ReplayBindings } from './replay-bindings.js';
import { isLogin, unrecordedLogin } from './replay-login.js';
import { ReplayMismatchError, type ReplayDifference } from './replay-mismatch-error.js';
import type { TranscriptProcess } from './transcript.js';
import type { WireMessage as Message } from './wire-message.js';

/** A message of the client in the recording. */
interface Expected {
  readonly from: 'client';
  readonly message: Message;
  /** Whether it is optional. */
  readonly isLogin: boolean;
  /** The reply of codex-rs, if it was a request with a reply. */
  readonly reply: Message | undefined;
  /** The id of the received message, once it has arrived. */
  cameAs: JsonValue | undefined;
  hasCome: boolean;
  isAnswered: boolean;
}

type Entry = Expected | { readonly from: 'server'; readonly message: Message };

/** Properties of a {@link ReplayProcess}. @internal */
export interface ReplayProcessProps {
  readonly recorded: TranscriptProcess;
  /** The number of the process, starting at 1. */
  readonly number: number;
  readonly bindings: ReplayBindings;
  /** How long a request may wait for another one that was recorded before its reply. */
  readonly stallMs: number;
  /** Called if the client deviates from the recording. */
  readonly fail: (error: ReplayMismatchError) => void;
  /** Called when the client has closed the connection. */
  readonly close: (process: ReplayProcess) => void;
}

/**
 * One process of codex-rs, replayed: its messages are sent when everything that the client had sent before them has
 * arrived. The order of the client's messages may differ, because calls run concurrently.
 *
 * @internal
 */
export class ReplayProcess implements InMemoryServer {
  readonly transport: InMemoryConnection = new InMemoryConnection(this);
  readonly #props: ReplayProcessProps;
  readonly #entries: readonly Entry[];
  readonly #expected: readonly Expected[];
  #next = 0;
  #stall: NodeJS.Timeout | undefined;

  constructor(props: ReplayProcessProps) {
    this.#props = props;
    this.#entries = entriesOf(props.recorded);
    this.#expected = this.#entries.filter((entry) => entry.from === 'client');
  }

  /** Whether only login messages have arrived; the process can then be replayed again. */
  get isFresh(): boolean {
    return !this.#expected.some(({ hasCome, isLogin }) => hasCome && !isLogin);
  }

  /** The recorded messages that have not arrived. */
  get unsent(): readonly ReplayDifference[] {
    return this.#expected
      .filter(({ hasCome, isLogin }) => !hasCome && !isLogin)
      .map(({ message }) => this.#difference('unsent', message));
  }

  receive(line: string): void {
    const message = JSON.parse(line) as Message;
    if (isLogin(message)) this.#acceptLogin(message);
    else this.#accept(message);
    this.#play();
  }

  end(): void {
    timers.clearTimeout(this.#stall);
    this.#props.close(this);
  }

  #acceptLogin(message: Message): void {
    const expected = this.#expected.find(
      (entry) => entry.isLogin && !entry.hasCome && entry.message.method === message.method,
    );
    if (expected !== undefined) expected.hasCome = true;
    const { id, method } = message;
    if (id === undefined || typeof method !== 'string') return;
    this.#say({ ...(expected?.reply ?? { result: unrecordedLogin[method] ?? {} }), id });
  }

  #accept(message: Message): void {
    const { bindings } = this.#props;
    const open = this.#expected.filter(
      (entry) => !entry.hasCome && !entry.isLogin && isCounterpart(entry.message, message),
    );
    const tried: (readonly ReplayDifference[])[] = [];
    for (const entry of open) {
      const differences = bindings.match(contentOf(entry.message), contentOf(message));
      if (differences.length === 0) {
        entry.hasCome = true;
        entry.cameAs = message.id;
        return;
      }
      const { number: process } = this.#props;
      const method = this.#methodOf(message);
      tried.push(differences.map((one) => ({ kind: 'changed', process, method, ...one })));
    }
    // The closest one was probably meant.
    const [nearest] = tried.sort((one, other) => one.length - other.length);
    this.#refuse(message, nearest ?? [this.#difference('unrecorded', message)]);
  }

  /** The deviating call gets the error first; the others right after. */
  #refuse(message: Message, [first, ...more]: readonly ReplayDifference[]): void {
    const error = new ReplayMismatchError([
      first ?? this.#difference('unrecorded', message),
      ...more,
    ]);
    const { id, method } = message;
    if (id !== undefined && method !== undefined)
      this.#say({ id, error: { code: -32600, message: error.message } });
    this.#props.fail(error);
  }

  #play(): void {
    const before = this.#next;
    for (let entry = this.#entries[this.#next]; entry; entry = this.#entries[this.#next]) {
      if (entry.from === 'client') {
        if (!entry.hasCome && !entry.isLogin) break;
      } else this.#repeat(entry.message);
      this.#next += 1;
    }
    const { end } = this.#props.recorded;
    if (this.#next === this.#entries.length && end !== null)
      this.transport.finish(new TransportError('The recorded codex-rs ended here.', end));
    this.#watch(this.#next > before);
  }

  #repeat(message: Message): void {
    if (message.method !== undefined) {
      this.#say(message);
      return;
    }
    const request = this.#expected.find(({ reply }) => reply === message);
    // Login requests were answered when they arrived.
    if (request === undefined || request.isLogin) return;
    request.isAnswered = true;
    this.#say({ ...message, id: request.cameAs ?? null });
  }

  #say(message: Message): void {
    this.transport.deliver(this.#props.bindings.apply(JSON.stringify(message)));
  }

  /** Without this, a call whose reply depends on a message that never arrives would wait indefinitely. */
  #watch(hasMoved: boolean): void {
    const waiting = this.#expected.find(
      ({ hasCome, isAnswered, isLogin, reply }) =>
        hasCome && !isAnswered && !isLogin && reply !== undefined,
    );
    if (!hasMoved && waiting !== undefined && this.#stall !== undefined) return;
    timers.clearTimeout(this.#stall);
    this.#stall = undefined;
    if (waiting !== undefined)
      this.#stall = timers
        .setTimeout(() => {
          const blocking = this.#entries[this.#next];
          if (blocking !== undefined)
            this.#props.fail(
              new ReplayMismatchError([this.#difference('unsent', blocking.message)]),
            );
        }, this.#props.stallMs)
        .unref();
  }

  #difference(kind: 'unsent' | 'unrecorded', message: Message): ReplayDifference {
    const { number: process } = this.#props;
    const content = message.params ?? message.result ?? message.error;
    const [expected, got] = kind === 'unsent' ? [content, undefined] : [undefined, content];
    return { kind, process, method: this.#methodOf(message), path: '', expected, got };
  }

  /** The method of a request, or of the codex-rs request that the message answers. */
  #methodOf({ id, method }: Message): string {
    if (typeof method === 'string') return method;
    const asked = this.#entries.find(
      ({ from, message }) => from === 'server' && message.id === id && message.method !== undefined,
    );
    return typeof asked?.message.method === 'string' ? asked.message.method : 'an answer';
  }
}

function contentOf({ params, result, error }: Message): object {
  return { params, result, error };
}

/** Ids of requests are chosen by the client; those of replies match their requests. */
function isCounterpart(recorded: Message, message: Message): boolean {
  if (recorded.method !== message.method) return false;
  return message.method !== undefined || recorded.id === message.id;
}

function entriesOf({ messages }: TranscriptProcess): readonly Entry[] {
  const replies = new Map<JsonValue, Message>();
  for (const { server } of messages)
    if (server?.id !== undefined && server.method === undefined) replies.set(server.id, server);
  return messages.map(({ client, server }): Entry => {
    if (client === undefined) return { from: 'server', message: server ?? {} };
    const isRequest = client.id !== undefined && client.method !== undefined;
    return {
      from: 'client',
      message: client,
      isLogin: isLogin(client),
      reply: isRequest ? replies.get(client.id ?? null) : undefined,
      cameAs: undefined,
      hasCome: false,
      isAnswered: false,
    };
  });
}
