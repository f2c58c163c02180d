import type { JsonValue } from '../../lib/protocol/index.js';
import { InMemoryTransport, type InMemoryServer } from '../../lib/testing/in-memory-transport.js';
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

/** What the real codex-rs once answered to a request, and all that it said before it was asked to do the next thing. */
interface Memory {
  readonly params: Params;
  readonly rest: Message[];
  readonly reply?: Message;
}

interface Exchanged {
  readonly client?: Message;
  readonly server?: Message;
}

/** Requests that make codex-rs do something: what it says belongs to the last of them. */
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
 * A codex-rs in memory that has learnt by heart what the real one said: each request gets the answer that the first of its kind
 * got then, with ids of its own. A turn waits where codex-rs waited for the client.
 */
export class RecalledServer {
  readonly #memories = new Map<string, Memory>();
  /** The turns of every thread, the newest first; those that a process did not end are cut off. */
  readonly #turns = new Map<JsonValue, Params[]>();
  #ids = 0;

  constructor({ processes }: Transcript) {
    for (const { messages } of processes) this.#learn(messages);
  }

  /** One more process. */
  connection(): InMemoryTransport {
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
      } else if (server?.method !== undefined) last.push(server);
      else if (server !== undefined) {
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
  readonly transport = new InMemoryTransport(this);
  readonly #props: RecallingProcessProps;
  /** What goes on when the client has answered a request of codex-rs. */
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

  /** The ids of the request are those that the client gave; all others are new. */
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
    this.transport.deliver(`${JSON.stringify(message)}\n`);
  }
}

/** Turns are told apart by what the user says. */
function kindOf(method: string, { input }: Params): string {
  const [first] = (input ?? []) as readonly { readonly text?: string }[];
  return method === 'turn/start' ? `${method} ${first?.text ?? ''}` : method;
}
