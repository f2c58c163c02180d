import { ValidationError } from '../errors.js';
import type { ContinuationToken } from '../record/continuation-token.js';
import type { Labels, LabelsInput } from '../record/labels.js';
import type { ResumeValidator } from '../resume/resume-validator.js';
import type { CodexOptions } from '../options/codex-options.js';
import type { ThreadEnvironment } from '../options/thread-environment.js';
import { nearestName } from '../options/nearest-name.js';
import type { OtherForm } from '../options/option-records.js';
import { Thread } from './thread.js';
import { keyProblem } from '../turn/turn-key.js';
import { shown } from '../validation.js';
import { checkTools } from '../options/tool-check.js';
import type { ThreadBackend } from './thread-backend.js';
import type {
  ThreadApprovals,
  ThreadOptions,
  ThreadOptionsInput,
  ThreadOptionsRecord,
} from '../options/thread-options.js';

/** Options of a resume. */
export interface ResumeProof {
  /** The expected state of the thread: a token or its text. Without one, any state is accepted, with a warning. */
  readonly continuation?: ContinuationToken | string;
  /**
   * The key of the next turn. The thread is not stale if only the turn with this key was added since. `run()` with the
   * key then returns that turn.
   */
  readonly idempotencyKey?: string;
  /** Validates this resume instead of the client's validator. */
  readonly resumeValidator?: ResumeValidator;
}

/** Options of {@link ThreadBuilder.withApprovals}. @inline */
export interface AskingOptions {
  /** `'command'`: codex-rs asks before each command and patch. By default, `approvalPolicy` decides. */
  readonly every?: 'command' | undefined;
}

/** A thread that passed validation. @internal */
export interface ResumedThread {
  readonly backend: ThreadBackend;
  /** The labels that codex-rs stores for the thread. */
  readonly labels: Labels;
  /** The options that this client has for the thread, merged with those of the resume. */
  readonly options: ThreadOptions;
}

/** The part of the client that a {@link ThreadBuilder} depends on. @internal */
export interface ThreadSource {
  readonly options: CodexOptions;
  /** Creates the live side of a new thread. */
  newConversation(options: ThreadOptions): ThreadBackend;
  /** Returns the live side of an existing thread without validation, for operations that do not continue it. */
  existingConversation(threadId: string, options: ThreadOptions): ThreadBackend;
  /** Validates an existing thread and returns its live side. */
  resumeConversation(
    threadId: string,
    proof: ResumeProof,
    options: ThreadOptions,
  ): Promise<ResumedThread>;
}

interface ThreadBuilderProps {
  readonly source: ThreadSource;
  readonly options: ThreadOptions;
  readonly resumeValidator?: ResumeValidator;
}

/**
 * Describes a thread step by step. Immutable: each step returns a new builder and leaves the original unchanged, so an
 * incomplete builder may be shared.
 *
 * @example
 * ```ts
 * const payments = codex
 *   .thread()
 *   .withOptions({ workingDirectory: process.cwd(), sandboxMode: 'read-only' })
 *   .withLabels({ team: 'payments' });
 *
 * const one = payments.withLabels({ ticket: 'PAY-123' }).build();
 * const other = payments.withOptions({ model: 'gpt-5.5' }).build();
 *
 * console.log(one.labels.names.join(), other.labels.names.join()); // team,ticket team
 * console.log(one.threadOptions.model, other.threadOptions.model); // undefined gpt-5.5
 * ```
 */
export class ThreadBuilder {
  readonly #props: ThreadBuilderProps;

  /** @internal */
  constructor(props: ThreadBuilderProps) {
    this.#props = Object.freeze(props);
  }

  /**
   * Merges options into those set before: records merge, scalars replace.
   *
   * @example
   * ```ts
   * const builder = codex.thread().withOptions({ model: 'gpt-5.5', workingDirectory: '/tmp' });
   * await builder
   *   .withOptions({ modelReasoningEffort: 'high', sandboxMode: 'read-only' })
   *   .build()
   *   .run('Find the cause');
   * ```
   *
   * Sends:
   *
   * ```json
   * { "method": "thread/start", "params": { "cwd": "/tmp", "model": "gpt-5.5" } }
   * ```
   *
   * ```json
   * {
   *   "method": "turn/start",
   *   "params": {
   *     "threadId": "…",
   *     "input": [{ "type": "text", "text": "Find the cause" }],
   *     "effort": "high",
   *     "sandboxPolicy": { "type": "readOnly", "networkAccess": false }
   *   }
   * }
   * ```
   */
  withOptions(options: ThreadOptionsRecord): ThreadBuilder;
  /** Accepts options in another form: a `Map`, entries, or names in snake_case or of the Python client. */
  withOptions<const Options extends readonly unknown[]>(
    ...options: OtherForm<Options, ThreadOptionsRecord, [options: ThreadOptionsInput]>
  ): ThreadBuilder;
  withOptions(options: ThreadOptionsInput): ThreadBuilder {
    return new ThreadBuilder({ ...this.#props, options: this.#props.options.merge(options) });
  }

  /**
   * Merges labels into those set before.
   *
   * @example
   * ```ts
   * const thread = codex.thread().withLabels({ ticket: 'PAY-123' }).build();
   * await thread.run('Write the migration');
   * ```
   *
   * Sends:
   *
   * ```json
   * {
   *   "method": "thread/attachment/add",
   *   "params": {
   *     "threadId": "…",
   *     "attachmentType": "codex-threads.label",
   *     "identityKey": "ticket=PAY-123"
   *   }
   * }
   * ```
   */
  withLabels(labels: LabelsInput): ThreadBuilder {
    return this.withOptions({ labels });
  }

  /**
   * Removes labels by name. Unknown names are ignored.
   *
   * @example
   * ```ts
   * const payments = codex.thread().withLabels({ team: 'payments', ticket: 'PAY-123' });
   * console.log(payments.withoutLabels('ticket').build().labels.names.join()); // team
   * ```
   */
  withoutLabels(...names: readonly string[]): ThreadBuilder {
    const { options } = this.#props;
    const left = options.labels.without(...names);
    return new ThreadBuilder({ ...this.#props, options: options.labelled(left) });
  }

  /**
   * Appends tools that the model can call in this process: results of {@link tool}, and objects with `@Tool` methods.
   *
   * @example
   * ```ts
   * const clock = tool({
   *   name: 'current_time',
   *   description: 'Returns the current time.',
   *   input: z.object({}),
   *   run: () => ({ time: new Date().toISOString() }),
   * });
   * await codex.thread().withTools(clock).build().run('What time is it?');
   * ```
   *
   * Sends:
   *
   * ```json
   * {
   *   "method": "thread/start",
   *   "params": {
   *     "dynamicTools": [
   *       {
   *         "type": "function",
   *         "name": "current_time",
   *         "description": "Returns the current time.",
   *         "inputSchema": { "type": "object", "properties": {} }
   *       }
   *     ]
   *   }
   * }
   * ```
   */
  withTools(...tools: readonly object[]): ThreadBuilder {
    return this.withOptions({ tools });
  }

  /**
   * Replaces the environments in which the commands of this thread run, the default one first. They are sent with the
   * thread and with every turn, and recorded with the thread. A resume without them is rejected, because the commands
   * would run on another machine.
   *
   * @example
   * ```ts
   * const thread = codex
   *   .thread()
   *   .withEnvironments({ name: 'builder', workingDirectory: directory })
   *   .build();
   * await thread.run('Build it');
   * ```
   */
  withEnvironments(...environments: readonly ThreadEnvironment[]): ThreadBuilder {
    return this.withOptions({ environments });
  }

  /**
   * Replaces the handler that answers approval requests of this thread. With `every: 'command'`, codex-rs asks it before each
   * command and patch instead of before those that need permission (`approvalPolicy: 'untrusted'`).
   *
   * @throws `ValidationError` if `every` is not `'command'`
   *
   * @example
   * ```ts
   * const approvals = new AskApprovals((request) => {
   *   const isAllowed = request.kind === 'command' && request.command?.includes('npm test') === true;
   *   return isAllowed ? request.allow() : request.deny();
   * });
   * const thread = codex.thread().withApprovals(approvals, { every: 'command' }).build();
   * for await (const event of thread.runStreamed('Publish it')) {
   *   if (event.type === 'approval.resolved') console.log(event.report.decision); // deny
   * }
   * ```
   *
   * Sends:
   *
   * ```json
   * { "method": "thread/start", "params": { "approvalPolicy": "untrusted" } }
   * ```
   */
  withApprovals(approvals: ThreadApprovals, { every }: AskingOptions = {}): ThreadBuilder {
    const given: unknown = every;
    if (given !== undefined && given !== 'command')
      throw new ValidationError('approval options', [
        { path: 'every', reason: `must be "command", got ${shown(given)}` },
      ]);
    return this.withOptions(
      given === undefined ? { approvals } : { approvals, approvalPolicy: 'untrusted' },
    );
  }

  /**
   * Replaces the validator of {@link ThreadBuilder.resume}.
   *
   * @example
   * ```ts
   * const recent = codex.thread().withResumeValidator(new RecentOnly());
   * const thread = await recent.resume(threadId);
   * console.log(thread.threadId === threadId); // true
   * ```
   */
  withResumeValidator(resumeValidator: ResumeValidator): ThreadBuilder {
    return new ThreadBuilder({ ...this.#props, resumeValidator });
  }

  /**
   * Creates a validated, frozen thread. It spawns no process and reads no file: codex-rs starts the thread with its
   * first turn.
   *
   * @throws `ValidationError` with every problem, including those of the tools
   *
   * @example
   * ```ts
   * const thread = codex.thread().withOptions({ ephemeral: true }).build();
   * console.log(thread.threadId); // null
   * await thread.run('Find the cause');
   * ```
   *
   * Sends:
   *
   * ```json
   * { "method": "thread/start", "params": { "ephemeral": true } }
   * ```
   */
  build(): Thread {
    checkTools(this.#props.options.tools);
    const { source, options } = this.#props;
    return this.#threadOver(source.newConversation(options), options);
  }

  /** Returns an existing thread without validation, for operations that do not continue it. @internal */
  existing(threadId: string): Thread {
    const { source, options } = this.#props;
    return this.#threadOver(source.existingConversation(threadId, options), options);
  }

  /**
   * Returns an existing thread with this description after validating it.
   *
   * @throws `ValidationError` if `threadId` is not a valid UUID
   * @throws `ValidationError` if the description is ephemeral: a persisted thread can be forked into memory, but not
   * resumed there
   * @throws `ResumeRejectedError` if the thread may not be continued; no other thread replaces it
   * @throws `ValidationError` if the proof has an unknown name, or a tool is not valid
   *
   * @example
   * ```ts
   * const thread = await codex
   *   .thread()
   *   .withOptions({ sandboxMode: 'workspace-write' })
   *   .resume(threadId, { continuation });
   * console.log(thread.threadId === threadId); // true
   * ```
   *
   * Sends:
   *
   * ```json
   * { "method": "thread/read", "params": { "threadId": "…" } }
   * ```
   *
   * ```json
   * { "method": "thread/turns/list", "params": { "threadId": "…", "itemsView": "notLoaded" } }
   * ```
   */
  async resume(threadId: string, proof: ResumeProof = {}): Promise<Thread> {
    checkProof(proof);
    const { source, resumeValidator, options } = this.#props;
    // codex-rs would ignore the option and record turns that were meant to stay in memory.
    if (options.ephemeral === true) throw ephemeralResume();
    checkTools(options.tools);
    const withValidator = resumeValidator === undefined ? proof : { resumeValidator, ...proof };
    const resumed = await source.resumeConversation(threadId, withValidator, options);
    const labels = resumed.labels.merge(options.labels);
    return this.#threadOver(resumed.backend, resumed.options.labelled(labels));
  }

  #threadOver(backend: ThreadBackend, threadOptions: ThreadOptions): Thread {
    return Thread.of({ codexOptions: this.#props.source.options, threadOptions, backend });
  }
}

/** A mistyped name would lose the token, and the thread would be resumed in any state. */
function checkProof(proof: ResumeProof): void {
  const known = ['continuation', 'idempotencyKey', 'resumeValidator'];
  const problems = Object.keys(proof)
    .filter((name) => !known.includes(name))
    .map((path) => {
      const meant = nearestName(path, known);
      return {
        path,
        reason: `is not a known option${meant === undefined ? '' : `; did you mean ${JSON.stringify(meant)}?`}`,
      };
    });
  const { idempotencyKey: key } = proof;
  const reason = key === undefined ? null : keyProblem(key);
  if (reason !== null) problems.push({ path: 'idempotencyKey', reason });
  if (problems.length > 0) throw new ValidationError('resume proof', problems);
}

function ephemeralResume(): ValidationError {
  return new ValidationError('options for a resumed thread', [
    {
      path: 'ephemeral',
      reason: 'cannot be true for an existing thread: fork the thread with ephemeral: true instead',
    },
  ]);
}
