import { IsInstance } from 'class-validator';
import type { ContinuationToken } from '../record/continuation-token.js';
import { Labels, type LabelsInput } from '../record/labels.js';
import { ThreadSnapshot } from '../record/thread-snapshot.js';
import type { ThreadMetadata } from '../record/thread-metadata.js';
import { OutputValidationError } from '../turn/output-validation-error.js';
import type { Turn } from '../turn/turn.js';
import type { TurnInput } from '../turn/turn-input.js';
import type { TurnResult } from '../turn/turn-result.js';
import { validated } from '../validation.js';
import { CodexOptions } from './codex-options.js';
import type { OutputFor, RunOptions, StreamOptions } from './run-options.js';
import type { ThreadConversation } from './thread-conversation.js';
import { ThreadOptions, type ThreadOptionsInput } from './thread-options.js';

/** Classes with a private constructor are none that the decorator's type accepts. */
function constructible(type: { readonly prototype: object }): new () => object {
  return type as unknown as new () => object;
}

/** What a {@link Thread} is made of. @internal */
export interface ThreadProps {
  readonly codexOptions: CodexOptions;
  readonly threadOptions: ThreadOptions;
  readonly conversation: ThreadConversation;
}

/** What {@link Thread.clone} may change. */
export interface ThreadChanges {
  /** Options laid over the thread's own: records merge, scalars replace. */
  readonly options?: ThreadOptionsInput;
  /** Labels laid over the thread's own. */
  readonly labels?: LabelsInput;
}

/**
 * A conversation with Codex: described by its options, run turn by turn. Frozen; made by `codex.startThread`,
 * `codex.resumeThread` or a `ThreadBuilder`.
 *
 * Nothing happens before the first turn: codex-rs gives the thread its id then. Turns of one thread queue, also over
 * clones and over several `resumeThread` of the same id.
 */
export class Thread {
  /** The options of the client it belongs to. */
  @IsInstance(constructible(CodexOptions))
  readonly codexOptions!: CodexOptions;

  /** The options its turns run with. */
  @IsInstance(constructible(ThreadOptions))
  readonly threadOptions!: ThreadOptions;

  /** The labels it carries. */
  @IsInstance(constructible(Labels))
  readonly labels!: Labels;

  readonly #conversation: ThreadConversation;

  private constructor({ conversation, ...fields }: ThreadProps) {
    Object.assign(this, fields, { labels: fields.threadOptions.labels });
    this.#conversation = conversation;
  }

  /** Makes a validated, frozen thread. @internal */
  static of(props: ThreadProps): Thread {
    return validated(new Thread(props), 'The thread');
  }

  /** The id codex-rs gave the thread, or null before its first turn or `open()`. */
  get threadId(): string | null {
    return #conversation in this ? this.#conversation.threadId : null;
  }

  /** What codex-rs said of the thread when it was last opened or read, or null before. */
  get metadata(): ThreadMetadata | null {
    return #conversation in this ? this.#conversation.metadata : null;
  }

  /** Resumes the thread as it stands now: set from the moment its first turn starts, new with every turn; null before. */
  get continuation(): ContinuationToken | null {
    return #conversation in this ? this.#conversation.continuation : null;
  }

  /**
   * Runs one turn to its end (`turn/start`), behind the turns that are already waiting.
   *
   * @throws `TurnFailedError` when the turn failed; its `retryable` says whether trying again may help
   * @throws `TurnInterruptedError` when it was stopped; `signal.reason` when its signal stopped it
   * @throws `TurnTimeoutError` when it used up a time budget
   * @throws `OutputValidationError` when the answer does not fit `output`, also after its `repairs`
   * @throws `ResumeRejectedError` when the thread moved on since it was resumed
   * @throws `OutcomeUnknownError` when nobody knows whether it runs; `TurnLostError` when codex-rs went away in its middle
   */
  async run<const O extends RunOptions = RunOptions>(
    input: TurnInput,
    options?: O,
  ): Promise<TurnResult<OutputFor<O>>> {
    const { repairs = 0, ...rest } = options ?? ({} as RunOptions);
    try {
      const turn = this.runStreamed(input, rest);
      turn.discardEvents();
      return (await turn.result()) as TurnResult<OutputFor<O>>;
    } catch (error) {
      if (repairs < 1 || !OutputValidationError.is(error)) throw error;
      const again = { ...rest, repairs: repairs - 1 } as unknown as O;
      return this.run(repairRequest(error), again);
    }
  }

  /**
   * Describes one turn to be streamed; it starts when it is first read.
   *
   * @throws `ValidationError` for an input or options that cannot be sent
   */
  runStreamed<const O extends StreamOptions = StreamOptions>(
    input: TurnInput,
    options?: O,
  ): Turn<OutputFor<O>> {
    const { options: changes = {}, ...turnOptions } = options ?? ({} as StreamOptions);
    const settings = this.threadOptions.merge(changes);
    return this.#conversation.turn(input, settings, turnOptions) as Turn<unknown> as Turn<
      OutputFor<O>
    >;
  }

  /** Starts (`thread/start`) or loads (`thread/resume`) the thread without running a turn; gives its id. */
  async open(): Promise<string> {
    return this.#conversation.open();
  }

  /** The same conversation with other settings or labels; this thread stays as it is. */
  clone({ options = {}, labels = {} }: ThreadChanges = {}): Thread {
    return Thread.of({
      codexOptions: this.codexOptions,
      threadOptions: this.threadOptions.merge(options).merge({ labels }),
      conversation: this.#conversation,
    });
  }

  /** The thread as JSON, for `codex.restoreThread`: token, labels, options and metadata, and never a secret. */
  toJSON(): ThreadSnapshot {
    return ThreadSnapshot.fromJSON({
      version: 1,
      threadId: this.threadId,
      continuation: this.continuation === null ? null : String(this.continuation),
      labels: this.labels.toJSON(),
      options: this.threadOptions.toJSON(),
      metadata: this.metadata?.toJSON() ?? null,
    });
  }

  /** Whether the other is the same thread or conversation, with equal options and labels. */
  equals(other: Thread): boolean {
    const isSameThread =
      this.#conversation === other.#conversation ||
      (this.threadId !== null && this.threadId === other.threadId);
    return isSameThread && this.threadOptions.equals(other.threadOptions);
  }
}

function repairRequest({ problems }: OutputValidationError): string {
  const lines = problems.map(({ path, reason }) => `- ${path === '' ? '' : `${path}: `}${reason}`);
  return `Your last answer does not have the required form:\n${lines.join('\n')}\nGive the whole answer again, corrected.`;
}
