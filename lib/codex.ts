import { AppServer } from './app-server/app-server.js';
import type { AppServerSession } from './app-server/app-server-session.js';
import { AuthenticatedLaunch } from './account/authenticated-launch.js';
import { Conversation, type ConversationProps } from './conversation/conversation.js';
import { ConversationRegistry } from './conversation/conversation-registry.js';
import { launchPlan } from './launch.js';
import { CodexError, type CodexErrorProps } from './errors.js';
import { ContinuationToken } from './record/continuation-token.js';
import type { Redactor } from './redaction.js';
import { CodexRsResumeValidator } from './resume/codex-rs-resume-validator.js';
import { ResumeRejectedError } from './resume/resume-rejected-error.js';
import type { ResumeValidator } from './resume/resume-validator.js';
import { isVerdict, type RejectedVerdict } from './resume/resume-verdict.js';
import { CodexOptions, type CodexOptionsInput } from './thread/codex-options.js';
import type { Thread } from './thread/thread.js';
import { ThreadBuilder, type ResumeProof, type ThreadSource } from './thread/thread-builder.js';
import {
  ThreadOptions,
  type ThreadOptionsInput,
  type ThreadOptionsRecord,
} from './thread/thread-options.js';

/**
 * The client: makes threads and resumes them, over one `codex app-server` process that starts with the first call that
 * needs it and is replaced when it dies.
 *
 * The constructor validates and does nothing else: no process, no file, no network.
 *
 * @example
 * ```ts
 * await using codex = new Codex({ apiKey: process.env.OPENAI_API_KEY });
 * const turn = await codex.startThread({ workingDirectory: '/repo' }).run('Find out why the build is red');
 * console.log(turn.finalResponse);
 * ```
 */
export class Codex {
  /** The validated, frozen options. */
  readonly options: CodexOptions;
  readonly #appServer: AppServer;
  readonly #registry = new ConversationRegistry<Conversation>();
  readonly #source: ThreadSource;
  readonly #launch: AuthenticatedLaunch;
  readonly #redactor: Redactor;

  /**
   * @throws `ValidationError` with everything that is wrong with the options
   * @throws `MissingApiKeyError` when `auth` is `"apiKey"` and there is no key
   */
  constructor(options: CodexOptionsInput = {}) {
    this.options = CodexOptions.from(options);
    const launch = launchPlan(this.options, process.env);
    this.#redactor = launch.plan.redactor;
    this.#launch = new AuthenticatedLaunch(launch);
    this.#appServer = new AppServer(async (context) => this.#launch.open(context));
    this.#source = {
      options: this.options,
      newConversation: () => this.#conversation({ threadId: null }),
      resumeConversation: async (threadId, proof) => this.#resume(threadId, proof),
    };
  }

  /** A builder for a thread; nothing happens until the thread is run. */
  thread(): ThreadBuilder {
    return new ThreadBuilder({
      source: this.#source,
      options: ThreadOptions.from({}),
    });
  }

  /**
   * A new thread. Synchronous and pure: codex-rs gives it its id with the first turn.
   *
   * @throws `ValidationError` with everything that is wrong with the options
   */
  startThread(options: ThreadOptionsInput = {}): Thread {
    return this.thread().withOptions(options).build();
  }

  /**
   * An existing thread, judged before it is handed out (`thread/read` and `thread/turns/list` by default).
   *
   * @throws `ResumeRejectedError` when it may not be continued; no new thread takes its place
   */
  async resumeThread(threadId: string, options: ResumeOptions = {}): Promise<Thread> {
    const given = new Map<string, unknown>(
      Symbol.iterator in options ? options : Object.entries(options),
    );
    const proof: Record<string, unknown> = {};
    for (const name of ['continuation', 'resumeValidator']) {
      if (given.get(name) !== undefined) proof[name] = given.get(name);
      given.delete(name);
    }
    return this.thread().withOptions(given).resume(threadId, proof);
  }

  /** Starts codex-rs and logs in now, so that the first turn need not wait for it. */
  async warmUp(): Promise<void> {
    await this.#appServer.connect();
  }

  /** What codex-rs says about itself; starts it when it does not run. */
  async serverInfo(): Promise<ServerInfo> {
    const session = await this.#appServer.connect();
    const { userAgent, codexHome, platformOs } = session.serverInfo;
    return Object.freeze({
      version: /\/(\d+\.\d+\.\d+\S*)/.exec(userAgent)?.[1] ?? null,
      userAgent,
      codexHome,
      platform: platformOs,
      processId: session.processId,
      generation: session.generation,
    });
  }

  /** Ends the process and everything it started; pending calls reject. Idempotent. */
  async close(): Promise<void> {
    await this.#appServer.close();
  }

  /** The same as {@link Codex.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #conversation(
    props: Pick<ConversationProps, 'threadId' | 'metadata' | 'continuation'>,
  ): Conversation {
    const { continuationSecret } = this.options;
    return new Conversation({
      appServer: this.#appServer,
      onThreadId: (threadId, conversation) => {
        this.#registry.add(threadId, conversation);
      },
      redactor: this.#redactor,
      beforeTurn: async (session: AppServerSession) => this.#launch.requireAccount(session),
      ...(continuationSecret === undefined ? {} : { continuationSecret }),
      ...props,
    });
  }

  async #resume(threadId: string, proof: ResumeProof): Promise<Conversation> {
    const continuation = this.#checkForm(threadId, proof.continuation);
    const validator = (proof.resumeValidator ??
      this.options.resumeValidator ??
      new CodexRsResumeValidator()) as ResumeValidator;
    const verdict: unknown = await validator.validate({
      threadId,
      continuation,
      request: async (method, params) => this.#appServer.request(method, params),
    });
    // A stub without a configured answer gives undefined: what is no verdict is a refusal.
    if (!isVerdict(verdict))
      throw rejected(threadId, 'unknown', 'The resume validator gave no verdict.');
    if (!verdict.accepted) throw new ResumeRejectedError(threadId, verdict);
    const living = this.#registry.find(threadId);
    if (living !== undefined) return living;
    const conversation = this.#conversation({ threadId, metadata: verdict.metadata, continuation });
    this.#registry.add(threadId, conversation);
    return conversation;
  }

  /** What can be refused without asking anybody. */
  #checkForm(
    threadId: string,
    given: ContinuationToken | string | undefined,
  ): ContinuationToken | null {
    if (typeof threadId !== 'string' || !uuid.test(threadId))
      throw rejected(
        threadId,
        'malformed-id',
        `A thread id is a UUID, got ${JSON.stringify(threadId)}.`,
      );
    if (given === undefined) return null;
    const token = this.#decode(threadId, String(given));
    if (token.threadId !== threadId)
      throw rejected(
        threadId,
        'foreign',
        `The continuation token belongs to thread ${token.threadId}.`,
      );
    return token;
  }

  #decode(threadId: string, text: string): ContinuationToken {
    try {
      return ContinuationToken.decode(text, this.options.continuationSecret);
    } catch (error) {
      if (!CodexError.is(error)) throw error;
      const { code, message } = error as CodexErrorProps & { message: string };
      throw rejected(
        threadId,
        code === 'tampered' ? 'tampered' : 'malformed-token',
        message,
        error,
      );
    }
  }
}

/** What codex-rs says about itself. */
export interface ServerInfo {
  /** The version of codex-rs, or null when it cannot be told. */
  readonly version: string | null;
  /** How codex-rs names itself to model providers. */
  readonly userAgent: string;
  /** The directory codex-rs works with. */
  readonly codexHome: string;
  /** The operating system it runs on. */
  readonly platform: string;
  /** Its process id. */
  readonly processId: number | null;
  /** Which process of this client it is: 1 for the first, one more after each crash. */
  readonly generation: number;
}

/** What {@link Codex.resumeThread} takes: the proof and the thread's options in one flat object, `Map` or entries. */
export type ResumeOptions =
  (ThreadOptionsRecord & ResumeProof) | Iterable<readonly [name: string, value: unknown]>;

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

function rejected(
  threadId: string,
  reason: RejectedVerdict['reason'],
  message: string,
  cause?: unknown,
): ResumeRejectedError {
  return new ResumeRejectedError(threadId, { accepted: false, reason, message }, cause);
}
