import { LinkTransport } from '../link-transport.js';
import { expect } from 'chai';
import fc from 'fast-check';
import { AuthenticatedLaunch } from '../../lib/account/authenticated-launch.js';
import { AppServerSession } from '../../lib/app-server/app-server-session.js';
import { AppServer } from '../../lib/app-server/app-server.js';
import { Conversations } from '../../lib/conversation/conversations.js';
import {
  CodexError,
  CodexOptions,
  ThreadBuilder,
  type Thread,
  type Turn,
} from '../../lib/index.js';
import { FaultyAppServer } from '../../lib/testing/faulty-app-server.js';
import { FaultyTurn } from '../../lib/testing/faulty-turn.js';
import { ThreadOptions } from '../../lib/thread/thread-options.js';
import { realPlan } from '../app-server/real-launch.js';
import { scaled } from '../scale.js';
import { MutatingTransport, mutationKinds, type Mutation } from './mutated-lines.js';

const seed = Number(process.env.CODEX_THREADS_SEED ?? 20_261_122);

/** A turn that says something of every kind. */
const richTurn = new FaultyTurn()
  .reasoning(['Hm.'], ['Well.'])
  .message('Let me look.', { phase: 'commentary' })
  .command('ls', { output: ['a\n', 'b\n'], approval: true })
  .fileChange([{ path: '/a', kind: { type: 'add' }, diff: 'x' }], { approval: true })
  .toolCall({ tool: 'lookup', arguments: { id: 1 } })
  .subAgent(new FaultyTurn().message('Child'))
  .retrying({ message: 'Reconnecting... 1/2' })
  .unknownItemType()
  .usage({ totalTokens: 3 })
  .message('Done.', { phase: 'final_answer' });

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

/** Resolves when nothing moves any more: in memory, everything that is going to happen happens within a few rounds. */
async function quiet(traffic: () => number): Promise<void> {
  for (let before = -1, rounds = 0; rounds < 4; rounds += 1) {
    if (traffic() !== before) rounds = 0;
    before = traffic();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function drain(turn: Turn): Promise<void> {
  const events = turn[Symbol.asyncIterator]();
  while ((await events.next()).done !== true);
}

/** One client and its conversations over a link whose lines are mutated, until the client is closed. */
class Run {
  readonly #links: MutatingTransport[] = [];
  readonly #appServer: AppServer;
  readonly #builder: ThreadBuilder;
  readonly #open = new Set<string>();
  readonly #turns: Turn[] = [];
  readonly errors: unknown[] = [];

  constructor(mutations: readonly Mutation[], spared: number) {
    const server = new FaultyAppServer()
      .plays(richTurn, { times: 0, input: 'rich' })
      .plays(new FaultyTurn().silence(), { times: 0, input: 'silent' })
      .plays(new FaultyTurn().fail({ message: 'No.' }), { times: 0, input: 'fail' });
    let next = 0;
    this.#appServer = new AppServer(async ({ generation, signal }) => {
      const link = new MutatingTransport(
        server.connection(),
        () => mutations[next++ % mutations.length]!,
        spared,
      );
      this.#links.push(link);
      return AppServerSession.open(
        { ...realPlan('/nowhere'), transport: new LinkTransport(() => link) },
        { generation, signal },
      );
    });
    const options = CodexOptions.from({ apiKey: 'spec-key-1234567890', keepLoadedMs: 0 });
    const { apiKey } = options;
    const launch = new AuthenticatedLaunch({
      plan: realPlan('/nowhere'),
      ...(apiKey === undefined ? {} : { apiKey }),
    });
    const source = new Conversations({ options, appServer: this.#appServer, launch });
    this.#builder = new ThreadBuilder({ source, options: ThreadOptions.from({}) });
  }

  get mutated(): number {
    return this.#links.reduce((sum, link) => sum + link.mutated, 0);
  }

  /** What has not come to an end, and should have. */
  readonly hanging: string[] = [];

  /** Two threads with several turns each, closed twice by the server and at last by the client. */
  async play(): Promise<void> {
    const threads = [this.#live('a'), this.#live('b')];
    for (let deaths = 0; deaths < 2; deaths += 1) {
      await this.#quiet();
      for (const { threadId } of threads)
        if (threadId !== null) this.#watch('resume', this.#builder.resume(threadId));
      const running = this.#turns.filter(({ status }) => status === 'running');
      await this.#links.at(-1)?.die();
      await this.#quiet();
      if (running.some(({ status }) => status === 'running')) this.hanging.push('a dead turn');
    }
    await this.#appServer.close();
    await this.#quiet();
    this.hanging.push(...this.#open);
  }

  /** All that can be asked of one thread, in its queue and beside it. */
  #live(name: string): Thread {
    const thread = this.#builder.withLabels({ name }).build();
    const turn = (input: string, of = thread): Turn => {
      const made = of.runStreamed(input);
      this.#turns.push(made);
      return made;
    };
    this.#watch(`${name} rich`, turn('rich').result());
    this.#watch(`${name} stream`, drain(turn('rich')));
    const other = thread.clone({ options: { modelReasoningSummary: 'concise' } });
    this.#watch(`${name} override`, turn('rich', other).result());
    const silent = turn('silent');
    this.#watch(`${name} silent`, silent.result());
    this.#watch(`${name} interrupt`, silent.interrupt());
    this.#watch(`${name} fail`, turn('fail').result());
    this.#watch(`${name} open`, thread.open());
    this.#watch(`${name} read`, thread.read());
    this.#watch(`${name} name`, thread.setName('New'));
    this.#watch(`${name} labels`, thread.setLabels({ b: 'c' }));
    this.#watch(`${name} compact`, thread.compact());
    this.#watch(`${name} fork`, thread.fork());
    return thread;
  }

  async #quiet(): Promise<void> {
    await quiet(() => this.#links.reduce((sum, link) => sum + link.traffic, 0));
  }

  #watch(name: string, work: Promise<unknown>): void {
    this.#open.add(name);
    work.catch((error: unknown) => this.errors.push(error)).finally(() => this.#open.delete(name));
  }
}

describe('Mutated lines of the server', function () {
  const least = scaled(10_000, 2500);
  this.timeout(60_000);

  it(`${least} of them and more throw nothing but a CodexError, and nothing hangs (seed ${seed})`, async () => {
    let mutated = 0;

    await fc.assert(
      fc.asyncProperty(
        fc.array(mutation, { minLength: 40, maxLength: 200 }),
        fc.constantFrom(0, 2, 2, 2, 6),
        async (mutations, spared) => {
          const run = new Run(mutations, spared);
          await run.play();
          mutated += run.mutated;
          expect(run.hanging).to.deep.equal([]);
          for (const error of run.errors)
            if (!CodexError.is(error))
              throw error instanceof Error ? error : new Error(String(error));
        },
      ),
      // Without shrinking, which takes minutes: the seed gives the same failure again.
      { seed, numRuns: scaled(160, 40), endOnFailure: true },
    );

    expect(mutated).to.be.at.least(least);
  });
});
