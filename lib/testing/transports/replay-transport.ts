import { AppServerTransport, type Handshake } from '../../transport/app-server-transport.js';
import { argumentsOf, type LaunchPlan } from '../../transport/launch-plan.js';
import { ReplayBindings } from './replay-bindings.js';
import { ReplayMismatchError } from './replay-mismatch-error.js';
import { ReplayProcess } from './replay-process.js';
import { Transcript } from './transcript.js';

/** How a {@link ReplayTransport} plays. */
export interface ReplayOptions {
  /**
   * How long a call may wait for another one that was recorded before its answer, in milliseconds: then the replay fails,
   * since the client seems to do something else. A turn that waits for an interrupt or an approval is no such call.
   *
   * @defaultValue 2000
   */
  readonly stallMs?: number;
}

/**
 * Plays a {@link Transcript} in place of codex-rs: in milliseconds, without a binary, a key or a network.
 *
 * What codex-rs said comes again as soon as the client has said all that it had said before. Requests are compared with the
 * recorded ones; calls that run side by side may come in another order. Ids that the client makes up and the directories it
 * works in may be others than in the recording; keys and logins are not compared. Any other difference ends the replay with a
 * {@link ReplayMismatchError} that shows it: the call that differs rejects with its text, all others with the error.
 *
 * @example
 * ```ts
 * const transport = await ReplayTransport.load(file);
 * await using codex = new Codex({ transport });
 *
 * const turn = await codex.startThread().run('Why is the build red?');
 *
 * console.log(turn.finalResponse); // A test fails.
 * transport.assertFinished();
 * ```
 */
export class ReplayTransport extends AppServerTransport {
  readonly #transcript: Transcript;
  readonly #stallMs: number;
  readonly #bindings: ReplayBindings;
  readonly #processes: (ReplayProcess | null)[];
  #error: ReplayMismatchError | null = null;

  constructor(transcript: Transcript, { stallMs = 2000 }: ReplayOptions = {}) {
    super();
    this.#transcript = transcript;
    this.#stallMs = stallMs;
    this.#bindings = new ReplayBindings(transcript);
    this.#processes = transcript.processes.map(() => null);
  }

  /**
   * Plays the transcript in a file.
   *
   * @throws ValidationError when it is no transcript; what the file system says when it cannot be read
   */
  static async load(file: string, options: ReplayOptions = {}): Promise<ReplayTransport> {
    return new ReplayTransport(await Transcript.load(file), options);
  }

  /**
   * Makes sure that the client did what was recorded, and all of it. Ask it at the end of a test, when the client is closed.
   *
   * @throws ReplayMismatchError with what the client did otherwise, or with the requests that it did not send
   */
  assertFinished(): void {
    if (this.#error !== null) throw this.#error;
    const unsent = this.#transcript.processes.flatMap((_, index) => this.#process(index).unsent);
    const [first, ...more] = unsent;
    if (first !== undefined) throw new ReplayMismatchError([first, ...more]);
  }

  /** @inheritDoc */
  protected override async open<T>(plan: LaunchPlan, handshake: Handshake<T>): Promise<T> {
    const index = this.#processes.indexOf(null);
    if (this.#error === null && index < 0) {
      const [process, method] = [this.#processes.length + 1, 'the start of codex-rs'];
      const what = { process, method, path: '', expected: undefined, got: argumentsOf(plan) };
      this.#fail(new ReplayMismatchError([{ kind: 'unrecorded', ...what }]));
    }
    if (this.#error !== null) throw this.#error;
    return handshake(this.#process(index).transport, plan.startupTimeoutMs);
  }

  #process(index: number): ReplayProcess {
    const recorded = this.#transcript.processes[index] ?? { messages: [], end: null };
    return (this.#processes[index] ??= new ReplayProcess({
      recorded,
      number: index + 1,
      bindings: this.#bindings,
      stallMs: this.#stallMs,
      fail: (error) => {
        this.#fail(error);
      },
      // A client that finds no login closes its first process, and starts one with another login.
      close: ({ isFresh }) => {
        if (isFresh) this.#processes[index] = null;
      },
    }));
  }

  #fail(error: ReplayMismatchError): void {
    this.#error ??= error;
    for (const process of this.#processes) process?.transport.finish(this.#error);
  }
}
