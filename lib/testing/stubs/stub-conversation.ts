import { CodexError } from '../../errors.js';
import type { ContinuationToken } from '../../record/continuation-token.js';
import type { ThreadMetadata } from '../../record/thread-metadata.js';
import { Redactor } from '../../redaction.js';
import type { ThreadConversation } from '../../thread/thread-conversation.js';
import type { ThreadOptions } from '../../options/thread-options.js';
import { nothingToStop, type StopReport } from '../../turn/stop-report.js';
import { Turn, type TurnDriver } from '../../turn/turn.js';
import { wireInput, type TurnInput } from '../../turn/turn-input.js';
import type { TurnOptions } from '../../turn/turn-options.js';
import { TurnQueue } from '../../turn/turn-queue.js';
import { TurnRun } from '../../turn/turn-run.js';
import { breakdown, type TurnUsage } from '../../turn/usage.js';
import { StubLifecycle } from './stub-lifecycle.js';
import type { StubCall, StubTurn } from './stub-turn.js';
import { StubTurnPlayer } from './stub-turn-player.js';
import { stubThreadId } from './turn-result-builder.js';

/** A call that goes on: what is noted of it still changes. */
type OpenCall = { -readonly [Name in keyof StubCall]: StubCall[Name] } & {
  readonly steered: TurnInput[];
};

/** What a {@link StubConversation} is made of. @internal */
export interface StubConversationProps {
  readonly threadId: string | null;
  readonly metadata: ThreadMetadata | null;
  readonly turns: readonly StubTurn[];
}

/** The live side of a stub thread: there is nothing alive behind it. @internal */
export class StubConversation implements ThreadConversation {
  readonly calls: StubCall[] = [];
  readonly actions: string[] = [];
  readonly lifecycle: StubLifecycle;
  readonly metadata: ThreadMetadata | null;
  readonly #turns: readonly StubTurn[];
  readonly #queue = new TurnQueue(() => undefined);
  #threadId: string | null;
  #continuation: ContinuationToken | null = null;
  #usage: TurnUsage = breakdown({});

  constructor({ threadId, metadata, turns }: StubConversationProps) {
    this.#threadId = threadId;
    this.metadata = metadata;
    this.#turns = turns;
    this.lifecycle = new StubLifecycle(this);
  }

  get threadId(): string | null {
    return this.#threadId;
  }

  get continuation(): ContinuationToken | null {
    return this.#continuation;
  }

  async open(): Promise<string> {
    this.#threadId ??= stubThreadId;
    return Promise.resolve(this.#threadId);
  }

  turn(input: TurnInput, threadOptions: ThreadOptions, options: TurnOptions): Turn {
    const parts = wireInput(input);
    const text = parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
    const call = { input, text, threadOptions, options, steered: [], wasInterrupted: false };
    return new Turn(new TurnRun(parts, options, threadOptions), this.#driver(call));
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
          threadId: this.#threadId,
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
        `The stub has ${this.#turns.length} turns, and ${JSON.stringify(call.text)} is one more: give stubThread another one.`,
        { code: 'not-stubbed' },
      );
    const isNewThread = this.#threadId === null;
    const player = new StubTurnPlayer({
      run,
      nth,
      threadId: await this.open(),
      usage: this.#usage,
    });
    this.#continuation = player.begin({
      isNewThread,
      redactor: new Redactor(),
      labels: call.threadOptions.labels.toJSON(),
      model: call.threadOptions.model ?? 'stub',
      modelProvider: call.threadOptions.modelProvider ?? 'stub',
    });
    const playing = Promise.resolve(typeof turn === 'function' ? turn(call) : turn).then(
      async (script) => player.play(script),
    );
    // A turn that was stopped waits for no script.
    await Promise.race([playing, run.settled]);
    this.#usage = player.usage;
  }
}
