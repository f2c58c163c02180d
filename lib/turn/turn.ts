import { CodexError } from '../errors.js';
import type { ReadableStream } from 'node:stream/web';
import type { ContinuationToken } from '../record/continuation-token.js';
import { PartialOutputs, type PartialOutput } from './partial-outputs.js';
import type { StopReport } from './stop-report.js';
import type { TurnEvent } from './turn-events.js';
import type { TurnInput } from './turn-input.js';
import type { TurnResult } from './turn-result.js';
import type { TurnRun } from './turn-run.js';
import type { TurnOrigin, TurnState } from './turn-start.js';

/** What became of a steer. */
export interface SteerOutcome {
  /** `steered`: the running turn took the input in. `turnEnded`: it was over before. `unknown`: no answer came. */
  readonly status: 'steered' | 'turnEnded' | 'unknown';
  /** For `unknown`: why no answer came. */
  readonly cause?: unknown;
}

/** What a {@link Turn} needs of the conversation it belongs to. @internal */
export interface TurnDriver {
  /** Puts the turn in the thread's queue; it never rejects, the run carries the outcome. */
  enqueue(run: TurnRun): void;
  /** Adds input to the running turn. */
  steer(run: TurnRun, input: TurnInput): Promise<SteerOutcome>;
  /** Stops the turn, or takes it out of the queue; resolves once it is over. */
  interrupt(run: TurnRun): Promise<StopReport>;
  /** What to do when the reader leaves, if not to stop the turn. */
  leave?(run: TurnRun): Promise<void>;
}

/**
 * One exchange on a thread: cold until it is first read, then queued behind the thread's other turns and streamed.
 *
 * Iterating gives every event once, to one reader; leaving the loop early interrupts the turn, unless somebody else may have
 * started it (`thread.attach()`). `result()` may be asked
 * any number of times. A turn is not thenable: `await turn.result()`.
 *
 * @example
 * ```ts
 * const turn = thread.runStreamed('Fix it');
 * console.log(turn.status); // pending
 *
 * for await (const event of turn) {
 *   if (event.type === 'item.started' && event.item.type === 'fileChange')
 *     await turn.steer('Keep the public API as it is');
 * }
 * const { finalResponse } = await turn.result();
 * console.log(turn.status, finalResponse); // completed It is fixed.
 * ```
 */
export class Turn<Output = undefined> implements AsyncIterable<TurnEvent, void>, AsyncDisposable {
  readonly #run: TurnRun;
  readonly #driver: TurnDriver;
  #isRead = false;
  #stop: Promise<StopReport> | null = null;

  /** @internal */
  constructor(run: TurnRun, driver: TurnDriver) {
    this.#run = run;
    this.#driver = driver;
  }

  /** The id codex-rs gave the turn, or null before it started. */
  get turnId(): string | null {
    return #run in this ? this.#run.turnId : null;
  }

  /**
   * Resumes the thread as it stands after this turn, or null before it started: to be kept from the event `turn.started` on, so
   * that another process can go on after a crash.
   */
  get continuation(): ContinuationToken | null {
    return #run in this ? this.#run.continuation : null;
  }

  /** Where the turn stands: `pending` until it is first read, then `queued`, `running` and one of the three endings. */
  get status(): TurnState {
    return #run in this ? this.#run.state : 'pending';
  }

  /** Where the turn comes from, as its result says it; null before it started. */
  get origin(): TurnOrigin | null {
    return #run in this && this.#run.turnId !== null ? this.#run.origin : null;
  }

  /** The same stream as iterating the turn itself. */
  get events(): AsyncIterable<TurnEvent, void> {
    return this;
  }

  /**
   * The text of the turn as it comes: the `text` of every `text.delta`. It is the same stream as `events`, for the same one
   * reader. Corrections (`text.replaced`) are only in the events.
   *
   * @example
   * ```ts
   * let text = '';
   * for await (const part of thread.runStreamed('Why is the build red?').textStream) text += part;
   * console.log(text); // A test fails.
   * ```
   */
  get textStream(): AsyncIterable<string, void> {
    return { [Symbol.asyncIterator]: () => textsOf(this.#read()) };
  }

  /**
   * The structured answer as it grows, for a turn with `output` or `outputSchema`: an object that is replaced by a larger one.
   * Texts grow; any other value is there once it is complete and keeps to the schema. Complete parts stay the same objects. It is
   * the same stream as `events`, for the same one reader; the whole answer, validated and made an instance, is in `result()`.
   *
   * @example
   * ```ts
   * const report = z.object({ title: z.string(), risk: z.enum(['low', 'high']) });
   * const turn = thread.runStreamed('Assess the risk', { output: report });
   * for await (const { title = '', risk } of turn.partialOutput)
   *   process.stdout.write(`\r${title} ${risk ?? '…'}`);
   * const { output } = await turn.result();
   * console.log(output.title, output.risk); // A test fails high
   * ```
   *
   * @throws {@link CodexError} `no-output` for a turn without `output` and `outputSchema`
   */
  get partialOutput(): AsyncIterable<PartialOutput<Output>, void> {
    return {
      [Symbol.asyncIterator]: () => {
        const { output, outputSchema } = this.#run.options;
        if (output === undefined && outputSchema === undefined)
          throw new CodexError(
            'The turn has no output that could grow: pass output or outputSchema.',
            {
              code: 'no-output',
            },
          );
        const partials = new PartialOutputs(() => this.#run.format);
        return mapped(this.#read(), async (event) => partials.take(event)) as TurnIterator<
          PartialOutput<Output>
        >;
      },
    };
  }

  /**
   * {@link Turn.textStream} as a Web stream. Nothing starts before it is read; cancelling it interrupts the turn.
   *
   * @example
   * ```ts
   * const stream = thread.runStreamed('Why is the build red?').toReadableStream();
   * const response = new Response(stream.pipeThrough(new TextEncoderStream()));
   * console.log(await response.text()); // A test fails.
   * ```
   *
   * @throws {@link CodexError} `already-read` when the events were asked for before
   */
  toReadableStream(): ReadableStream<string> {
    const texts = textsOf(this.#read());
    return new globalThis.ReadableStream<string>(
      {
        async pull(controller) {
          const { done, value } = await texts.next();
          if (done === true) controller.close();
          else controller.enqueue(value);
        },
        async cancel() {
          await texts.return();
        },
      },
      // Else it would read ahead, and thereby start the turn, before anybody reads.
      { highWaterMark: 0 },
    );
  }

  /**
   * The events of the turn, which starts when the first one is asked for. Leaving the loop stops the turn, and waits for that
   * as {@link Turn.interrupt} does.
   *
   * @throws {@link CodexError} `already-read` when the events were asked for before
   */
  [Symbol.asyncIterator](): AsyncIterator<TurnEvent, void> {
    return this.#read();
  }

  /**
   * The turn's result; starts the turn if nothing has.
   *
   * @throws `TurnFailedError` when the turn failed
   * @throws `TurnInterruptedError` when it was stopped; `signal.reason` when its signal stopped it. Its commands are gone then
   * @throws `TurnTimeoutError` when it used up a time budget, `TurnBudgetError` when it spent more than its `budget`, also after
   * its commands are gone
   * @throws `TurnLostError` when codex-rs went away; `OutcomeUnknownError` when nobody knows whether the turn runs
   * @throws `OutputValidationError` when the answer does not fit `output`
   */
  async result(): Promise<TurnResult<Output>> {
    this.#begin();
    return this.#run.outcome as Promise<TurnResult<Output>>;
  }

  /**
   * Adds input to the running turn (`turn/steer`); the model sees it with its next request.
   *
   * @throws {@link CodexError} `turn-not-started` before the turn was started
   */
  async steer(input: TurnInput): Promise<SteerOutcome> {
    if (this.#run.state === 'pending' || this.#run.state === 'queued')
      throw new CodexError(
        'The turn has not started yet, so there is nothing to steer: read its events first.',
        { code: 'turn-not-started' },
      );
    return this.#driver.steer(this.#run, input);
  }

  /**
   * Stops the turn (`turn/interrupt`), its sub-agents and the commands they left running, or cancels it before it was sent. Resolves when that
   * is done; only then do `run()` and `result()` reject. A signal, a time limit and leaving the loop stop a turn in the same
   * way. A process that does not respond is replaced. Does nothing when the turn is over; a second call joins the first one.
   *
   * @example
   * ```ts
   * const turn = thread.runStreamed('Rewrite everything');
   * for await (const event of turn) {
   *   if (event.type !== 'text.delta') continue;
   *   const { acknowledged, commandsEnded } = await turn.interrupt();
   *   console.log(acknowledged, commandsEnded); // true 0
   * }
   * console.log(turn.status); // interrupted
   * ```
   */
  async interrupt(): Promise<StopReport> {
    this.#stop ??= this.#driver.interrupt(this.#run);
    return this.#stop;
  }

  /** The same as {@link Turn.interrupt}; a turn that was attached to goes on. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#leave();
  }

  /** Nobody will read the events: none are kept. @internal */
  discardEvents(): void {
    this.#isRead = true;
    this.#run.stream.discard();
  }

  async #leave(): Promise<void> {
    if (this.#driver.leave === undefined) await this.interrupt();
    else await this.#driver.leave(this.#run);
  }

  #read(): TurnIterator<TurnEvent> {
    if (this.#isRead)
      throw new CodexError('The events of a turn can be read once: keep them, or use result().', {
        code: 'already-read',
      });
    this.#isRead = true;
    return {
      next: async () => {
        this.#begin();
        return this.#run.stream.next();
      },
      return: async () => {
        this.#run.stream.discard();
        await this.#leave();
        return { done: true, value: undefined };
      },
    };
  }

  #begin(): void {
    if (this.#run.state === 'pending') this.#driver.enqueue(this.#run);
  }
}

/** An iterator that can be left. */
interface TurnIterator<T> extends AsyncIterator<T, void> {
  next(): Promise<IteratorResult<T, void>>;
  return(): Promise<IteratorResult<T, void>>;
}

function textsOf(events: TurnIterator<TurnEvent>): TurnIterator<string> {
  return mapped(events, (event) => (event.type === 'text.delta' ? event.text : undefined));
}

/** What is made of the events, undefined left out. No generator: that could only be left between two values. */
function mapped<T>(
  events: TurnIterator<TurnEvent>,
  make: (event: TurnEvent) => T | undefined | Promise<T | undefined>,
): TurnIterator<T> {
  return {
    next: async () => {
      for (;;) {
        const { done, value } = await events.next();
        if (done === true) return { done, value: undefined };
        const made = await make(value);
        if (made !== undefined) return { done: false, value: made };
      }
    },
    return: async () => {
      await events.return();
      return { done: true, value: undefined };
    },
  };
}
