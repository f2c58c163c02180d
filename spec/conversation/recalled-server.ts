import type { JsonValue } from '../../lib/protocol/index.js';
import {
  InMemoryConnection,
  type InMemoryServer,
} from '../../lib/testing/transports/in-memory-connection.js';
import type { Transcript } from '../../lib/testing/index.js';

type Params = Readonly<Record<string, JsonValue>>;

/** A message on the wire. */
interface Message {
  readonly id?: JsonValue;
  readonly method?: string;
  readonly params?: Params;
  readonly result?: JsonValue;
  readonly error?: JsonValue;
}

/** The recorded reply to a request, with the messages that followed until the next request that changed something. */
interface Memory {
  readonly params: Params;
  readonly rest: Message[];
  readonly reply?: Message;
}

interface Exchanged {
  readonly client?: Message;
  readonly server?: Message;
}

/** Requests that change something: the messages of codex-rs belong to the last one of them. */
const deeds = [
  'thread/start',
  'thread/resume',
  'thread/fork',
  'thread/unsubscribe',
  'thread/name/set',
  'thread/settings/update',
  'thread/compact/start',
  'turn/start',
  'turn/interrupt',
];

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/**
 * An app-server in memory that repeats a recording of the real codex-rs. Each request gets the reply and the messages that the
 * first recorded request of its kind got, with new ids. A turn waits wherever the real one waited for the client.
 */
export class RecalledServer {
  readonly #memories = new Map<string, Memory>();
  /** The turns of every thread, newest first. A turn that has not completed counts as cut off. */
  readonly #turns = new Map<JsonValue, Params[]>();
  #ids = 0;

  constructor({ processes }: Transcript) {
    for (const { messages } of processes) this.#learn(messages);
  }

  /** A connection to a new process. */
  connection(): InMemoryConnection {
    return new RecallingProcess({
      memoryOf: (method, params) => this.#memories.get(kindOf(method, params)),
      turnsOf: (threadId) => this.#turns.get(threadId) ?? [],
      see: (message) => {
        this.#see(message);
      },
      newId: () => `11111111-0000-7000-8000-${String((this.#ids += 1)).padStart(12, '0')}`,
    }).transport;
  }

  #learn(messages: Transcript['processes'][number]['messages']): void {
    const asked = new Map<JsonValue, { readonly kind: string; readonly memory: Memory }>();
    let last: Message[] = [];
    for (const { client, server } of messages as readonly Exchanged[])
      if (client?.id !== undefined && client.method !== undefined) {
        const { id, method, params = {} } = client;
        const memory = { params, rest: [] };
        asked.set(id, { kind: kindOf(method, params), memory });
        if (deeds.includes(method)) last = memory.rest;
      } else if (server?.method !== undefined) {
        // The ids of the recording mean nothing here: each answer is resolved with its own id.
        if (server.method !== 'serverRequest/resolved') last.push(server);
      } else if (server !== undefined) {
        const { kind, memory } = asked.get(server.id ?? null) ?? {};
        if (kind !== undefined && memory !== undefined && !this.#memories.has(kind))
          this.#memories.set(kind, Object.assign(memory, { reply: server }));
      }
  }

  #see({ method, params }: Message): void {
    if (method !== 'turn/started' && method !== 'turn/completed') return;
    const { threadId, turn } = params as unknown as { threadId: string; turn: Params };
    const others = (this.#turns.get(threadId) ?? []).filter(({ id }) => id !== turn.id);
    const seen = method === 'turn/completed' ? turn : { ...turn, status: 'interrupted' };
    this.#turns.set(threadId, [seen, ...others]);
  }
}

interface RecallingProcessProps {
  readonly memoryOf: (method: string, params: Params) => Memory | undefined;
  readonly turnsOf: (threadId: JsonValue) => readonly Params[];
  readonly see: (message: Message) => void;
  readonly newId: () => string;
}

class RecallingProcess implements InMemoryServer {
  readonly transport = new InMemoryConnection(this);
  readonly #props: RecallingProcessProps;
  /** Continues a turn when the client has answered a request of the server. */
  readonly #waiting = new Map<JsonValue, () => void>();
  #asked = 0;
  #isOver = false;

  constructor(props: RecallingProcessProps) {
    this.#props = props;
  }

  receive(line: string): void {
    const { id = null, method, params = {} } = JSON.parse(line) as Message;
    if (method === undefined) this.#waiting.get(id)?.();
    else if (id !== null) void this.#answer(id, method, params);
  }

  end(): void {
    this.#isOver = true;
  }

  async #answer(id: JsonValue, method: string, params: Params): Promise<void> {
    const memory = this.#props.memoryOf(method, params);
    if (method === 'thread/turns/list') {
      const data = [...this.#props.turnsOf(params.threadId ?? null)] as JsonValue[];
      this.#say({ id, result: { data, nextCursor: null } });
    } else if (memory === undefined)
      this.#say({ id, error: { code: -32600, message: `unknown variant \`${method}\`` } });
    else {
      const translated = this.#translation(memory, params);
      this.#say({ ...translated(memory.reply ?? {}), id });
      for (const message of memory.rest) await this.#go(translated(message));
    }
  }

  async #go(message: Message): Promise<void> {
    await Promise.resolve();
    if (message.id === undefined) {
      this.#say(message);
      return;
    }
    const id = (this.#asked += 1);
    const answered = new Promise<void>((resolve) => this.#waiting.set(id, resolve));
    this.#say({ ...message, id });
    await answered;
    const params = { threadId: message.params?.threadId ?? null, requestId: id };
    this.#say({ method: 'serverRequest/resolved', params });
  }

  /** Ids in the request keep their counterparts; every other id is new. */
  #translation({ params: recorded }: Memory, params: Params): (message: Message) => Message {
    const names = new Map<string, string>();
    for (const key of ['threadId', 'turnId', 'clientUserMessageId'])
      if (typeof recorded[key] === 'string' && typeof params[key] === 'string')
        names.set(recorded[key], params[key]);
    const translate = (id: string): string => {
      const known = names.get(id) ?? this.#props.newId();
      names.set(id, known);
      return known;
    };
    return (message) => JSON.parse(JSON.stringify(message).replace(uuid, translate)) as Message;
  }

  #say(message: Message): void {
    if (this.#isOver) return;
    this.#props.see(message);
    this.transport.deliver(JSON.stringify(message));
  }
}

/** The kind of a request: its method, and the user's text if it starts a turn. */
function kindOf(method: string, { input }: Params): string {
  const [first] = (input ?? []) as readonly { readonly text?: string }[];
  return method === 'turn/start' ? `${method} ${first?.text ?? ''}` : method;
}
