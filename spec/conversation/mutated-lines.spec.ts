import { expect } from 'chai';
import fc from 'fast-check';
import { setTimeout as wait } from 'node:timers/promises';
import {
  Codex,
  CodexError,
  type AppServerTransport,
  type Thread,
  type Turn,
} from '../../lib/index.js';
import type { Transcript } from '../../lib/testing/index.js';
import { LinkTransport } from '../link-transport.js';
import { noProcessLeft } from '../root-hooks.js';
import { scaled } from '../scale.js';
import { MutatingConnection, mutationKinds, type Mutation } from './mutated-lines.js';
import { MutatingListener } from './mutating-listener.js';
import { RecalledServer } from './recalled-server.js';
import { richRecording } from './rich-recording.js';

const seed = Number(process.env.CODEX_THREADS_SEED ?? 20_261_122);

const values = [null, true, -1, 1e308, '', 'faulty', '\u0000', [], {}, [[{}]], { type: 'faulty' }];

const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.oneof(
    { weight: 4, arbitrary: fc.constant('keep' as const) },
    { weight: 6, arbitrary: fc.constantFrom(...mutationKinds) },
  ),
  at: fc.nat(100_000),
  other: fc.nat(100_000),
  value: fc.constantFrom<unknown>(...values),
});

/** Resolves when nothing is pending: in memory, everything happens within a few rounds of the event loop. */
async function quiet(
  traffic: () => number,
  settled: () => Promise<void> | undefined,
): Promise<void> {
  for (let before = -1, rounds = 0; rounds < 4; rounds += 1) {
    if (traffic() !== before) rounds = 0;
    before = traffic();
    await settled();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function drain(turn: Turn): Promise<void> {
  const events = turn[Symbol.asyncIterator]();
  while ((await events.next()).done !== true);
}

/** A server, the mutations of its lines, and the number of unchanged lines of each link. */
interface MutatedServer {
  readonly server: RecalledServer;
  readonly mutations: readonly Mutation[];
  readonly spared: number;
}

function linkMaker(
  { server, mutations, spared }: MutatedServer,
  links: MutatingConnection[],
): () => MutatingConnection {
  let next = 0;
  const mutate = (): Mutation => mutations[next++ % mutations.length]!;
  return () => {
    const link = new MutatingConnection(server.connection(), mutate, spared);
    links.push(link);
    return link;
  };
}

/** One client and its conversations over a link whose lines are mutated, until the client is closed. */
class Run {
  readonly #links: MutatingConnection[] = [];
  readonly #listener: MutatingListener | null;
  readonly #codex: Codex;
  readonly #open = new Set<string>();
  readonly #ends: Promise<unknown>[] = [];
  readonly #turns: Turn[] = [];
  readonly errors: unknown[] = [];

  private constructor(links: MutatingConnection[], way: AppServerTransport | MutatingListener) {
    this.#links = links;
    this.#listener = way instanceof MutatingListener ? way : null;
    this.#codex =
      way instanceof MutatingListener
        ? new Codex({ keepLoadedMs: 0, transport: way.transport() })
        : new Codex({ apiKey: 'spec-key-1234567890', keepLoadedMs: 0, transport: way });
  }

  static inMemory(mutated: MutatedServer): Run {
    const links: MutatingConnection[] = [];
    return new Run(links, new LinkTransport(linkMaker(mutated, links)));
  }

  static async overWebSocket(mutated: MutatedServer): Promise<Run> {
    const links: MutatingConnection[] = [];
    return new Run(links, await MutatingListener.start(linkMaker(mutated, links)));
  }

  get mutated(): number {
    return this.#links.reduce((sum, link) => sum + link.mutated, 0);
  }

  /** Calls that have not settled, but should have. */
  readonly hanging: string[] = [];

  /** Two threads with several turns each, closed twice by the server and at last by the client. */
  async play(): Promise<void> {
    const threads = [this.#live('a'), this.#live('b')];
    for (let deaths = 0; deaths < 2; deaths += 1) {
      await this.#quiet();
      const silent = threads.map((thread) => this.#use(thread));
      await this.#quiet();
      // The other silent turn is still running when the server exits.
      this.#watch('late interrupt', silent[0]!.interrupt());
      await this.#quiet();
      for (const { threadId } of threads)
        if (threadId !== null) this.#watch('resume', this.#codex.resumeThread(threadId));
      const running = this.#turns.filter(({ status }) => status === 'running');
      await this.#links.at(-1)?.die();
      await this.#quiet();
      // Over a socket, the client looks the turn up again.
      const isLost = this.#listener === null;
      if (isLost && running.some(({ status }) => status === 'running'))
        this.hanging.push('a dead turn');
    }
    await this.#codex.close();
    await this.#quiet();
    // File access takes additional time.
    await Promise.race([Promise.all(this.#ends), wait(8000, undefined, { ref: false })]);
    await this.#listener?.close();
    this.hanging.push(...this.#open);
  }

  /** All calls of one thread, with and without its queue. */
  #live(name: string): Thread {
    const thread = this.#codex.startThread({ labels: { name } });
    this.#watch(`${name} rich`, this.#turn(thread, 'rich').result());
    this.#watch(`${name} stream`, drain(this.#turn(thread, 'rich')));
    const other = thread.clone({ options: { modelReasoningSummary: 'concise' } });
    this.#watch(`${name} override`, this.#turn(other, 'rich').result());
    const silent = this.#turn(thread, 'silent');
    this.#watch(`${name} silent`, silent.result());
    this.#watch(`${name} interrupt`, silent.interrupt());
    this.#watch(`${name} fail`, this.#turn(thread, 'fail').result());
    this.#watch(`${name} open`, thread.open());
    this.#watch(`${name} read`, thread.read());
    this.#watch(`${name} name`, thread.setName('New'));
    this.#watch(`${name} labels`, thread.setLabels({ b: 'c' }));
    this.#watch(`${name} compact`, thread.compact());
    this.#watch(`${name} fork`, thread.fork());
    return thread;
  }

  /** All calls that need a thread with an id, and a silent turn. */
  #use(thread: Thread): Turn {
    this.#watch('read', thread.read());
    this.#watch('name', thread.setName('Newer'));
    this.#watch('labels', thread.setLabels({ c: 'd' }));
    this.#watch('fork', thread.fork());
    this.#watch('compact', thread.compact());
    const silent = this.#turn(thread, 'silent');
    this.#watch('silent', silent.result());
    return silent;
  }

  #turn(thread: Thread, input: string): Turn {
    const turn = thread.runStreamed(input);
    this.#turns.push(turn);
    return turn;
  }

  async #quiet(): Promise<void> {
    await quiet(
      () => this.#links.reduce((sum, link) => sum + link.traffic, 0),
      async () => this.#listener?.settled(),
    );
  }

  #watch(name: string, work: Promise<unknown>): void {
    this.#open.add(name);
    this.#ends.push(
      work
        .catch((error: unknown) => this.errors.push(error))
        .finally(() => this.#open.delete(name)),
    );
  }
}

describe('Mutated lines of the server', function () {
  const least = scaled(10_000, 1200);
  this.timeout(60_000);
  let transcript: Transcript;

  before(async () => {
    transcript = await richRecording();
    await noProcessLeft();
  });

  it('are valid before the mutation', async () => {
    const keep = { kind: 'keep', at: 0, other: 0, value: null } as const;
    const server = new RecalledServer(transcript);
    const run = Run.inMemory({ server, mutations: [keep], spared: 0 });

    await run.play();

    expect(run.hanging).to.deep.equal([]);
    expect(new Set(run.errors.map((error) => (error as CodexError).code))).to.deep.equal(
      new Set([
        'thread-not-open',
        'turn-interrupted',
        'turn-failed',
        'turn-lost',
        'resume-rejected',
      ]),
    );
  });

  it(`${least} or more of them cause only CodexErrors, and nothing hangs (seed ${seed})`, async () => {
    const mutated = await mutate(scaled(160, 20), (server) => Run.inMemory(server));

    expect(mutated).to.be.at.least(least);
  });

  it(`have the same effect over a WebSocket (seed ${seed})`, async () => {
    const mutated = await mutate(scaled(40, 5), async (server) => Run.overWebSocket(server));

    expect(mutated).to.be.at.least(scaled(500, 50));
  });

  /** Performs runs, and returns the number of mutated lines. */
  async function mutate(
    numRuns: number,
    runOf: (server: MutatedServer) => Run | Promise<Run>,
  ): Promise<number> {
    let mutated = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(mutation, { minLength: 40, maxLength: 200 }),
        fc.constantFrom(0, 2, 2, 2, 6),
        async (mutations, spared) => {
          const run = await runOf({ server: new RecalledServer(transcript), mutations, spared });
          await run.play();
          mutated += run.mutated;
          expect(run.hanging).to.deep.equal([]);
          for (const error of run.errors)
            if (!CodexError.is(error))
              throw error instanceof Error ? error : new Error(String(error));
        },
      ),
      // Without shrinking, which takes minutes: the seed reproduces the failure.
      { seed, numRuns, endOnFailure: true },
    );
    return mutated;
  }
});
