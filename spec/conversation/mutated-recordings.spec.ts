import { expect } from 'chai';
import { ThreadListing } from '../../lib/conversation/thread-listing.js';
import { CodexError, type Thread, type Turn } from '../../lib/index.js';
import { ThreadFilter } from '../../lib/thread/thread-filter.js';
import { collected } from '../outcomes.js';
import { scenarioNames } from '../python/fixture-folder.js';
import { WireProblems } from '../wire/wire-problems.js';
import { MemoryThreads } from './memory-threads.js';
import {
  messagesIn,
  RecordedServer,
  type Mutate,
  type RecordedStep,
  type WireMessage,
} from './recorded-server.js';

const same: Mutate = (message) => [message];

const addFields: Mutate = (message) => [
  mapped(message, (value) => ({ ...value, xNew: { deep: [1, null] } })) as WireMessage,
];

const addMethods: Mutate = (message) => [
  message,
  { method: 'x/announced', params: { threadId: threadIn(message), x: [1] } },
  { method: 'x/bare' },
  { id: 900, method: 'x/asked', params: { threadId: threadIn(message) } },
];

const renameItems: Mutate = (message) => [
  mapped(message, (value) => ({
    ...value,
    ...('item' in value ? { item: unknownItem(value.item) } : {}),
    ...('items' in value ? { items: (value.items as unknown[]).map(unknownItem) } : {}),
  })) as WireMessage,
];

/** Keys whose values belong to a closed set. */
const worded = new Set([
  'status',
  'type',
  'phase',
  'itemsView',
  'source',
  'historyMode',
  'approvalPolicy',
  'approvalsReviewer',
  'codexErrorInfo',
  'reasoningEffort',
]);

const renameWords: Mutate = (message) => [
  mapped(message, (value) =>
    Object.fromEntries(
      Object.entries(value).map(([key, member]) => [
        key,
        worded.has(key) && typeof member === 'string' ? 'x-word' : member,
      ]),
    ),
  ) as WireMessage,
];

function unknownItem(item: unknown): unknown {
  return { ...(item as object), type: 'x-item' };
}

/** Changes every object below the top level of a message; the message itself stays valid. */
function mapped(value: unknown, change: (value: object) => object): unknown {
  if (Array.isArray(value)) return value.map((member) => mapped(member, change));
  if (typeof value !== 'object' || value === null) return value;
  const inner = Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, mapped(member, change)]),
  );
  return 'method' in value || 'result' in value || 'error' in value ? inner : change(inner);
}

function threadIn({ params }: WireMessage): unknown {
  return (params as { threadId?: unknown } | undefined)?.threadId ?? null;
}

/** One call of the recording, made by our client, and its outcome. */
interface Outcome {
  readonly call: string;
  readonly value?: unknown;
  readonly error?: unknown;
}

/** Makes our client repeat the calls of the Python client, one by one. */
class Retelling {
  readonly server: RecordedServer;
  readonly #threads: MemoryThreads;
  readonly #open = new Set<string>();
  readonly outcomes: Outcome[] = [];
  /** Calls that our client did not make, whose messages were therefore sent without a request. */
  readonly unasked: string[] = [];
  readonly #problems = new WireProblems();
  #thread: Thread | null = null;
  #turn: Turn | null = null;

  constructor(scenario: string, mutate: Mutate) {
    this.server = new RecordedServer(scenario, mutate);
    this.#threads = new MemoryThreads(() => this.server.link());
  }

  /** Calls that have not settled, but should have. */
  get hanging(): string[] {
    return [...this.#open];
  }

  /** The number of errors thrown by our listeners. */
  get listenerErrors(): number {
    return this.#problems.listenerErrors;
  }

  async play(): Promise<this> {
    for (let step = this.server.next; step !== undefined; step = this.server.next) {
      this.#watch(step.method, this.#call(step));
      await this.#quiet();
      if (this.server.next !== step) continue;
      this.unasked.push(step.method);
      this.server.say(step);
      await this.#quiet();
    }
    await this.#threads[Symbol.asyncDispose]();
    await this.#quiet();
    this.#problems[Symbol.dispose]();
    return this;
  }

  async #call({ method, params }: RecordedStep): Promise<unknown> {
    const { appServer, builder } = this.#threads;
    const listing = new ThreadListing(appServer);
    const threadId = String(params.threadId);
    switch (method) {
      case 'initialize':
        await appServer.recycle('It is the next process.');
        return (await appServer.connect()).generation;
      case 'thread/start':
        this.#thread = builder.build();
        return this.#thread.open();
      case 'thread/list':
        return (await collected(listing.threads(ThreadFilter.from({})))).length;
      case 'thread/unarchive':
        return (await listing.unarchive(threadId)).threadId;
      default:
        return this.#callThread(this.#thread ?? builder.existing(threadId), { method, params });
    }
  }

  async #callThread(
    thread: Thread,
    { method, params }: Pick<RecordedStep, 'method' | 'params'>,
  ): Promise<unknown> {
    switch (method) {
      case 'turn/start':
        return this.#run(thread);
      case 'turn/steer':
        return this.#turn?.steer('More');
      case 'turn/interrupt':
        return this.#turn?.interrupt();
      case 'thread/read':
        return (await thread.read()).threadId;
      case 'thread/resume':
        return thread.open();
      case 'thread/archive':
        return thread.archive();
      case 'thread/fork':
        return (await thread.fork()).threadId;
      case 'thread/revert':
        return String(await thread.revert({ before: String(params.beforeTurnId) })) !== '';
      case 'thread/compact/start':
        return (await thread.compact()).turnId;
      case 'thread/name/set':
        return thread.setName(String(params.name));
      default:
        return undefined;
    }
  }

  async #run(thread: Thread): Promise<unknown> {
    this.#turn = thread.runStreamed('Again');
    const { finalResponse, status, usage } = await this.#turn.result();
    return { finalResponse, status, usage };
  }

  #watch(call: string, work: Promise<unknown>): void {
    const name = `${this.#open.size} ${call}`;
    this.#open.add(name);
    work
      .then(
        (value) => this.outcomes.push({ call, value }),
        (error: unknown) => this.outcomes.push({ call, error }),
      )
      .finally(() => this.#open.delete(name));
  }

  /** In memory, everything happens within a few rounds of the event loop. */
  async #quiet(): Promise<void> {
    for (let before = -1, rounds = 0; rounds < 4; rounds += 1) {
      if (this.server.traffic !== before) rounds = 0;
      before = this.server.traffic;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

/** The outcome of every call, with errors by their codes. */
function told({ outcomes }: Retelling): unknown[] {
  return outcomes.map(({ call, value, error }) => [
    call,
    CodexError.is(error) ? error.code : (error ?? value),
  ]);
}

/** The same without the content of the items. */
function gist(retelling: Retelling): unknown[] {
  return retelling.outcomes.map(({ call, value, error }) => {
    const { status } = (value ?? {}) as { readonly status?: string };
    return [call, CodexError.is(error) ? error.code : (error ?? status)];
  });
}

describe('The messages of codex-rs to the Python client', function () {
  this.timeout(20_000);

  for (const scenario of scenarioNames())
    describe(`in ${scenario}, replayed`, () => {
      let original: Retelling;

      before(async () => {
        original = await new Retelling(scenario, same).play();
      });

      async function retold(mutate: Mutate): Promise<Retelling> {
        const retelling = await new Retelling(scenario, mutate).play();
        expect(retelling.server.said).to.equal(messagesIn(scenario));
        expect(retelling.hanging).to.deep.equal([]);
        expect(retelling.listenerErrors).to.equal(0);
        return retelling;
      }

      it('are all used as replies to our client', async () => {
        const retelling = await retold(same);

        // An archived thread is no longer loaded: our client does not try to run it.
        const untold = scenario === 'archive-and-unarchive' ? ['turn/start'] : [];
        expect(retelling.unasked).to.deep.equal(untold);
        expect(told(retelling)).to.deep.equal(told(original));
      });

      it('have the same result with an extra field in every object', async () => {
        expect(told(await retold(addFields))).to.deep.equal(told(original));
      });

      it('have the same result with a message of an unknown method after each one, and its requests are declined', async () => {
        const changed = await retold(addMethods);

        expect(told(changed)).to.deep.equal(told(original));
        expect(changed.server.replies).to.have.length.above(0);
        expect(changed.server.replies.every(({ error }) => error !== undefined)).to.equal(true);
      });

      it('end every turn in the same way with items of an unknown type', async () => {
        expect(gist(await retold(renameItems))).to.deep.equal(gist(original));
      });

      it('cause only typed errors with unknown values in place of the known ones', async () => {
        const { outcomes } = await retold(renameWords);

        for (const { error } of outcomes)
          if (error !== undefined && !CodexError.is(error)) throw error as Error;
      });
    });
});
