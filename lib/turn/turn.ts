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

/** The result of a steer. */
export interface SteerOutcome {
  /** `steered`: the input was added to the running turn. `turnEnded`: it was already over. `unknown`: no reply came. */
  readonly status: 'steered' | 'turnEnded' | 'unknown';
  /** For `unknown`: the reason why no reply came. */
  readonly cause?: unknown;
}

/** The conversation of a {@link Turn}, as the turn uses it. @internal */
export interface TurnDriver {
  /** Puts the turn in the thread's queue; it never rejects, the run carries the outcome. */
  enqueue(run: TurnRun): void;
  /** Adds input to the running turn. */
  steer(run: TurnRun, input: TurnInput): Promise<SteerOutcome>;
  /** Stops the turn, or removes it from the queue; resolves once it is over. */
  interrupt(run: TurnRun): Promise<StopReport>;
  /** Called when the reader leaves, instead of stopping the turn. */
  leave?(run: TurnRun): Promise<void>;
}

/**
 * One exchange on a thread: cold until it is first read, then queued behind the thread's other turns and streamed.
 *
 * Iterating yields every event once, to one reader; leaving the loop early interrupts the turn, unless another client may
 * have started it (`thread.attach()`). `result()` can be called any number of times. A turn is not thenable:
 * `await turn.result()`.
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

  /** The id codex-rs gave the turn, or null before it starts. */
  get turnId(): string | null {
    return #run in this ? this.#run.turnId : null;
  }

  /**
   * Resumes the thread as of the end of this turn; null before it starts. Store it on `turn.started`, so that another
   * process can continue after a crash.
   */
  get continuation(): ContinuationToken | null {
    return #run in this ? this.#run.continuation : null;
  }

  /** The state of the turn: `pending` until it is first read, then `queued`, `running` and one of the three endings. */
  get status(): TurnState {
    return #run in this ? this.#run.state : 'pending';
  }

  /** The origin of the turn, as in its result; null before it starts. */
  get origin(): TurnOrigin | null {
    return #run in this && this.#run.turnId !== null ? this.#run.origin : null;
  }

  /**
   * The same stream as iterating the turn itself.
   *
   * @example
   * ```ts
   * for await (const event of thread.runStreamed('Why is the build red?').events)
   *   if (event.type === 'turn.completed') console.log(event.usage?.outputTokens); // 5
   * ```
   */
  get events(): AsyncIterable<TurnEvent, void> {
    return this;
  }

  /**
   * The text of the turn as it arrives: the `text` of every `text.delta`. It is the same stream as `events`, with the same
   * single reader. Corrections (`text.replaced`) are only in the events.
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
   * The structured answer as it grows, for a turn with `output` or `outputSchema`: an object that is replaced by a larger
   * one. Texts grow; any other value appears once it is complete and conforms to the schema. Complete parts stay the same
   * objects. It is the same stream as `events`, with the same single reader; the whole answer, validated and converted to
   * an instance, is in `result()`.
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
            'The turn has no structured output to stream: pass output or outputSchema.',
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
   * @throws {@link CodexError} `already-read` if the events were already requested
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
      // Otherwise it would read ahead and start the turn before the first read.
      { highWaterMark: 0 },
    );
  }

  /**
   * The events of the turn, which starts when the first one is requested. Leaving the loop stops the turn and waits like
   * {@link Turn.interrupt}.
   *
   * @throws {@link CodexError} `already-read` if the events were already requested
   */
  [Symbol.asyncIterator](): AsyncIterator<TurnEvent, void> {
    return this.#read();
  }

  /**
   * The turn's result; starts the turn if necessary.
   *
   * @throws `TurnFailedError` when the turn failed
   * @throws `TurnInterruptedError` when it was stopped; `signal.reason` when its signal stopped it. Its commands have ended
   * by then
   * @throws `TurnTimeoutError` when it exceeded a time limit, `TurnBudgetError` when it exceeded its `budget`; in both
   * cases its commands have ended
   * @throws `TurnLostError` when codex-rs exited; `OutcomeUnknownError` when it is unknown whether the turn runs
   * @throws `OutputValidationError` when the answer does not match `output`
   *
   * @example
   * ```ts
   * const turn = thread.runStreamed('Why is the build red?');
   * const { status, finalResponse } = await turn.result();
   * console.log(status, finalResponse); // completed A test fails.
   * ```
   *
   * Sends:
   *
   * ```json
   * {
   *   "method": "turn/start",
   *   "params": {
   *     "threadId": "…",
   *     "input": [{ "type": "text", "text": "Why is the build red?" }]
   *   }
   * }
   * ```
   */
  async result(): Promise<TurnResult<Output>> {
    this.#begin();
    return this.#run.outcome as Promise<TurnResult<Output>>;
  }

  /**
   * Adds input to the running turn (`turn/steer`); the model sees it with its next request.
   *
   * @throws {@link CodexError} `turn-not-started` before the turn was started
   *
   * @example
   * ```ts
   * const turn = thread.runStreamed('Fix it');
   * for await (const event of turn) {
   *   if (event.type !== 'item.started' || event.item.type !== 'commandExecution') continue;
   *   console.log((await turn.steer('Keep the public API as it is')).status); // steered
   * }
   * ```
   *
   * Sends:
   *
   * ```json
   * {
   *   "method": "turn/steer",
   *   "params": {
   *     "threadId": "…",
   *     "expectedTurnId": "…",
   *     "input": [{ "type": "text", "text": "Keep the public API as it is" }]
   *   }
   * }
   * ```
   */
  async steer(input: TurnInput): Promise<SteerOutcome> {
    if (this.#run.state === 'pending' || this.#run.state === 'queued')
      throw new CodexError(
        'The turn cannot be steered before it starts: read its events or await its result first.',
        { code: 'turn-not-started' },
      );
    return this.#driver.steer(this.#run, input);
  }

  /**
   * Stops the turn (`turn/interrupt`), its sub-agents and the commands they left running, or cancels it before it was sent.
   * Resolves when they have ended; only then do `run()` and `result()` reject. A signal, a time limit and leaving the loop
   * stop a turn in the same way. A process that does not respond is replaced. Does nothing when the turn is over; a second
   * call joins the first one.
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
   *
   * Sends:
   *
   * ```json
   * { "method": "turn/interrupt", "params": { "threadId": "…", "turnId": "…" } }
   * ```
   */
  async interrupt(): Promise<StopReport> {
    this.#stop ??= this.#driver.interrupt(this.#run);
    return this.#stop;
  }

  /** The same as {@link Turn.interrupt}; an attached turn continues. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#leave();
  }

  /** Discards the events, which will not be read. @internal */
  discardEvents(): void {
    this.#isRead = true;
    this.#run.stream.discard();
    this.#run.telemetry.warnsOfRetry = true;
  }

  async #leave(): Promise<void> {
    if (this.#driver.leave === undefined) await this.interrupt();
    else await this.#driver.leave(this.#run);
  }

  #read(): TurnIterator<TurnEvent> {
    if (this.#isRead)
      throw new CodexError(
        'The events of a turn can be read only once: store them, or use result().',
        {
          code: 'already-read',
        },
      );
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

/** An iterator with `return()`. */
interface TurnIterator<T> extends AsyncIterator<T, void> {
  next(): Promise<IteratorResult<T, void>>;
  return(): Promise<IteratorResult<T, void>>;
}

function textsOf(events: TurnIterator<TurnEvent>): TurnIterator<string> {
  return mapped(events, (event) => (event.type === 'text.delta' ? event.text : undefined));
}

/** Maps the events and skips undefined. Not a generator: a generator can be left only between two values. */
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
