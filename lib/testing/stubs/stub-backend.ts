import { CodexError } from '../../errors.js';
import type { ContinuationToken } from '../../record/continuation-token.js';
import type { ThreadMetadata } from '../../record/thread-metadata.js';
import { Redactor } from '../../redaction.js';
import type { ThreadBackend, ThreadDurability } from '../../thread/thread-backend.js';
import type { ThreadOptions } from '../../options/thread-options.js';
import { nothingToStop, type StopReport } from '../../turn/stop-report.js';
import { Turn, type TurnDriver } from '../../turn/turn.js';
import { wireInput, type TurnInput } from '../../turn/turn-input.js';
import type { TurnOptions } from '../../turn/turn-options.js';
import { TurnQueue } from '../../turn/turn-queue.js';
import { TurnRun } from '../../turn/turn-run.js';
import { breakdown, type TurnUsage } from '../../turn/usage.js';
import type { StubCall, StubTurn } from './stub-turn.js';
import { StubTurnPlayer } from './stub-turn-player.js';
import { stubThreadId } from './turn-result-builder.js';

/** A running call, still mutable. */
type OpenCall = { -readonly [Name in keyof StubCall]: StubCall[Name] } & {
  readonly steered: TurnInput[];
};

/** Properties of a {@link StubBackend}. @internal */
export interface StubBackendProps {
  readonly threadId: string | null;
  readonly metadata: ThreadMetadata | null;
  readonly turns: readonly StubTurn[];
}

/**
 * The backend of a stubbed thread: its turns are scripted; unsupported calls reject instead of pretending to work.
 *
 * @internal
 */
export class StubBackend implements ThreadBackend {
  readonly calls: StubCall[] = [];
  readonly actions: string[] = [];
  readonly metadata: ThreadMetadata | null;
  threadId: string | null;
  continuation: ContinuationToken | null = null;
  readonly contextWindow = null;
  readonly setName = this.#noting('setName');
  readonly setLabels = this.#noting('setLabels');
  readonly archive = this.#noting('archive');
  readonly delete = this.#noting('delete');
  readonly release = this.#noting('release');
  readonly pursue = refusingAtOnce('pursue');
  readonly compact = refusing('compact');
  readonly fork = refusing('fork');
  readonly review = refusingAtOnce('review');
  readonly another = refusingAtOnce('review');
  readonly revert = refusing('revert');
  readonly changes = refusing('changes');
  readonly findTurn = refusing('findTurn');
  readonly turns = refusingList('turns');
  readonly items = refusingList('items');
  readonly attachments = refusingList('attachments');
  readonly #turns: readonly StubTurn[];
  readonly #queue = new TurnQueue();
  #usage: TurnUsage = breakdown({});

  constructor({ threadId, metadata, turns }: StubBackendProps) {
    this.threadId = threadId;
    this.metadata = metadata;
    this.#turns = turns;
  }

  get durability(): ThreadDurability {
    if (this.continuation !== null || this.metadata !== null) return 'persisted';
    return this.threadId === null ? 'none' : 'memory';
  }

  async open(): Promise<string> {
    this.threadId ??= stubThreadId;
    return Promise.resolve(this.threadId);
  }

  turn(input: TurnInput, threadOptions: ThreadOptions, options: TurnOptions): Turn {
    const parts = wireInput(input);
    const text = parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
    const call = { input, text, threadOptions, options, steered: [], wasInterrupted: false };
    return new Turn(new TurnRun(parts, options, threadOptions), this.#driver(call));
  }

  async attach(): Promise<Turn | null> {
    return Promise.resolve(null);
  }

  async read(): Promise<ThreadMetadata> {
    return this.metadata ?? refusing('read')();
  }

  #driver(call: OpenCall): TurnDriver {
    const interrupt = (run: TurnRun): StopReport => {
      if (!run.isOver) call.wasInterrupted = true;
      const acknowledged = run.state === 'running';
      run.interrupt();
      return { ...nothingToStop, acknowledged };
    };
    return {
      enqueue: (run) => {
        this.#queue.addTurn(run, {
          threadId: this.threadId,
          isBusy: this.#queue.isBusy,
          perform: async () => this.#perform(run, call),
          interrupt: () => interrupt(run),
        });
      },
      steer: async (run, input) => {
        wireInput(input);
        if (!run.isOver) call.steered.push(input);
        return Promise.resolve({ status: run.isOver ? 'turnEnded' : 'steered' });
      },
      interrupt: async (run) => Promise.resolve(interrupt(run)),
    };
  }

  async #perform(run: TurnRun, call: OpenCall): Promise<void> {
    if (run.isOver) return;
    await run.prepareOutput();
    const turn = this.#turns[this.calls.length];
    const nth = this.calls.push(call);
    if (turn === undefined)
      throw new CodexError(
        `The stub has ${this.#turns.length} turns, but another one was started with ${JSON.stringify(call.text)}: add a turn to stubThread.`,
        { code: 'not-stubbed' },
      );
    const isNewThread = this.threadId === null;
    const threadId = await this.open();
    const player = new StubTurnPlayer({ run, nth, threadId, usage: this.#usage });
    this.continuation = player.begin({
      isNewThread,
      redactor: new Redactor(),
      labels: call.threadOptions.labels.toJSON(),
      model: call.threadOptions.model ?? 'stub',
      modelProvider: call.threadOptions.modelProvider ?? 'stub',
    });
    const playing = Promise.resolve(typeof turn === 'function' ? turn(call) : turn).then(
      async (script) => player.play(script),
    );
    // An interrupted turn does not wait for its script.
    await Promise.race([playing, run.settled]);
    this.#usage = player.usage;
  }

  #noting(action: string): () => Promise<void> {
    return async () => {
      this.actions.push(action);
      return Promise.resolve();
    };
  }
}

function refusing(action: string): () => Promise<never> {
  return async () => Promise.reject(notStubbed(action));
}

function refusingAtOnce(action: string): () => never {
  return () => {
    throw notStubbed(action);
  };
}

function notStubbed(action: string): CodexError {
  const message = `A stub thread cannot ${action}(): use a ScriptedModel or a ReplayTransport for that.`;
  return new CodexError(message, { code: 'not-stubbed' });
}

function refusingList(action: string): () => AsyncIterable<never> {
  return () => ({ [Symbol.asyncIterator]: () => ({ next: refusing(action) }) });
}
