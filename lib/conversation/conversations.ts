import type { AuthenticatedLaunch } from '../account/authenticated-launch.js';
import type { AppServerSession } from '../wire/app-server-session.js';
import type { AppServer } from '../wire/app-server.js';
import { readOnlyMethods } from '../wire/method-kinds.js';
import type { WithheldVariables } from '../isolation/withheld-variables.js';
import { CodexError, RequestError, TransportError, ValidationError } from '../errors.js';
import { currentDirectory } from '../paths.js';
import { ContinuationToken } from '../record/continuation-token.js';
import { checkedThreadId } from '../ids.js';
import type { ThreadMetadata } from '../record/thread-metadata.js';
import { CodexRsResumeValidator } from '../resume/codex-rs-resume-validator.js';
import { ResumeRejectedError } from '../resume/resume-rejected-error.js';
import type { ResumeClaim, ResumeValidator } from '../resume/resume-validator.js';
import type { AcceptedVerdict, RejectedVerdict } from '../resume/resume-verdict.js';
import { wholeVerdict } from '../resume/whole-verdict.js';
import { telemetry } from '../telemetry/telemetry.js';
import type { CodexOptions } from '../options/codex-options.js';
import { mergedConfig } from '../options/config-record.js';
import { effectiveSandbox } from '../options/effective-sandbox.js';
import { providerVariables, withheldProblems } from '../options/named-variables.js';
import { ThreadOptions } from '../options/thread-options.js';
import type { ResumedConversation, ResumeProof, ThreadSource } from '../thread/thread-builder.js';
import { Conversation } from './conversation.js';
import type { ConversationProps } from './conversation-props.js';
import { ConversationRegistry } from './conversation-registry.js';
import { RequestDispatcher } from './request-dispatcher.js';
import { HistoryIndex, type IndexedThread } from './history-index.js';
import { refuseTrust } from '../isolation/isolation-guard.js';
import { isPlain, sandboxIn } from '../loaded/own-sandbox.js';
import { tellMismatch } from './resume-mismatch.js';
import { StoredBaseline } from '../loaded/stored-baseline.js';
import { StoredLabels } from '../loaded/stored-labels.js';
import { ThreadHistory } from '../loaded/thread-history.js';
import { ThreadLifecycle } from './thread-lifecycle.js';
import { ThreadRelease } from './thread-release.js';

/** What {@link Conversations} are made of. */
export interface ConversationsProps {
  readonly options: CodexOptions;
  readonly appServer: AppServer;
  readonly launch: AuthenticatedLaunch;
  /** What codex-rs does not get of the environment. */
  readonly withheld?: WithheldVariables;
}

/** The conversations of one `Codex`: one per thread id, whoever asks, and none that was not judged first. */
export class Conversations implements ThreadSource {
  readonly #props: ConversationsProps;
  readonly #registry = new ConversationRegistry<Conversation>();
  readonly #index: HistoryIndex;

  constructor(props: ConversationsProps) {
    this.#props = props;
    this.#index = new HistoryIndex({
      server: props.appServer,
      existing: (threadId) => this.existing(threadId),
      begin: (conversation) => this.#conversation(conversation),
    });
  }

  get options(): CodexOptions {
    return this.#props.options;
  }

  /** Answers what codex-rs asks over a new session from now on. */
  serve(session: AppServerSession): void {
    new RequestDispatcher({
      find: (threadId) => this.#find(threadId),
      approvals: this.options.approvals ?? null,
    }).serve(session);
  }

  newConversation(options: ThreadOptions): Conversation {
    return this.#conversation({ threadId: null, options, directory: currentDirectory() });
  }

  async resumeConversation(
    given: string,
    proof: ResumeProof,
    options: ThreadOptions,
  ): Promise<ResumedConversation> {
    const threadId = checkedThreadId(given);
    refuseTrust(this.options, options);
    try {
      const continuation = this.#tokenOf(threadId, proof.continuation);
      const indexed = { threadId, continuation, options };
      const { metadata, warnings } = await this.#judge(indexed, proof.resumeValidator);
      const isSandboxKnown = await this.#knowsSandbox(indexed);
      telemetry.resumeAccept.publish(() => ({
        threadId,
        warnings: isSandboxKnown ? [...warnings] : [...warnings, 'sandbox-unknown'],
      }));
      const conversation = await this.#conversationOf({
        threadId,
        metadata,
        continuation,
        options,
      });
      const labels = await new StoredLabels(this.#props.appServer, threadId).read();
      return { conversation, labels, options: conversation.description.over(options) };
    } catch (error) {
      tellMismatch(error);
      throw error;
    }
  }

  /** The live side of a thread that nobody judged: for what does not continue it. */
  existingConversation(given: string, options: ThreadOptions): Conversation {
    const threadId = checkedThreadId(given);
    const living = this.#registry.find(threadId);
    if (living !== undefined) return living;
    const conversation = this.#conversation({ threadId, options });
    this.#registry.add(threadId, conversation);
    return conversation;
  }

  /** The one conversation of a thread that was judged: what it knew before gives way, unless it holds the lock. */
  async #conversationOf(judged: Judged): Promise<Conversation> {
    const { threadId, metadata, continuation } = judged;
    const living = this.#registry.find(threadId);
    if (living === undefined) {
      const conversation = this.#conversation(judged);
      this.#registry.add(threadId, conversation);
      return conversation;
    }
    if (living.loaded !== null || living.isBusy) return living;
    const history = new ThreadHistory(this.#props.appServer, threadId);
    const turnId = continuation === null ? await history.lastTurnId() : continuation.turnId;
    living.update(metadata);
    living.moveTo(turnId, continuation?.baseline ?? null);
    living.description.renew(judged.options);
    return living;
  }

  /** Opens a thread with only the settings of the client, to see whether it can be opened. It changes nothing and is in no list. */
  async openTrial(): Promise<Trial> {
    const { isolation } = this.options;
    // A thread that may write from its start makes codex-rs trust the project.
    const sandbox = { sandboxMode: 'read-only', trustProject: true } as const;
    const conversation = this.newConversation(
      ThreadOptions.from({ ephemeral: true, ...(isolation === 'user' ? sandbox : {}) }),
    );
    return conversation.exclusively(async ({ threadId, reported: { instructionSources } }) =>
      Promise.resolve({
        threadId,
        instructionSources: [...instructionSources],
        release: async () => conversation.lifecycle.release(),
      }),
    );
  }

  /** The conversation that lives for a thread, if any. */
  existing(threadId: string): Conversation | undefined {
    return this.#registry.find(threadId);
  }

  /** The conversation of a thread, or that whose turn has started the thread's sub-agent. */
  #find(threadId: string): Conversation | undefined {
    return (
      this.#registry.find(threadId) ??
      this.#registry.all.find(({ exchange }) => exchange?.includes(threadId) === true)
    );
  }

  #lifecycleOf(conversation: Conversation, isNew: boolean): ThreadLifecycle {
    const { appServer, launch, options } = this.#props;
    const { keepLoadedMs } = options;
    return new ThreadLifecycle({
      thread: conversation,
      server: appServer,
      isNew,
      release: new ThreadRelease({
        thread: conversation,
        session: () => appServer.session,
        keepLoadedMs,
      }),
      begin: (fork, forkOptions) =>
        this.#conversation({ threadId: null, fork, options: forkOptions }),
      beforeTurn: async (session) => launch.requireAccount(session),
    });
  }

  #conversation(
    props: Pick<
      ConversationProps,
      'threadId' | 'metadata' | 'continuation' | 'options' | 'fork' | 'directory'
    >,
  ): Conversation {
    const { appServer, launch, options, withheld } = this.#props;
    const { continuationSecret, labelsToProvider } = options;
    refuseTrust(options, props.options);
    this.#refuseWithheld(props.options);
    return new Conversation({
      client: options,
      explain: (failure) => withheld?.explain(failure) ?? null,
      lifecycle: (conversation) => this.#lifecycleOf(conversation, props.threadId === null),
      appServer,
      onThreadId: (threadId, conversation) => {
        this.#registry.add(threadId, conversation);
      },
      redactor: launch.redactor,
      labelsToProvider,
      beforeTurn: async (session) => launch.requireAccount(session),
      ...(continuationSecret === undefined ? {} : { continuationSecret }),
      ...props,
    });
  }

  #refuseWithheld({ config = {}, modelProvider }: ThreadOptions): void {
    const { launch, options, withheld } = this.#props;
    if (withheld === undefined) return;
    const provider = modelProvider ?? options.modelProvider;
    const naming = {
      config: mergedConfig(options.config ?? {}, config),
      ...(provider === undefined ? {} : { modelProvider: provider }),
    };
    const problems = withheldProblems(naming, withheld);
    if (problems.length > 0) throw new ValidationError('thread options', problems);
    for (const name of providerVariables({ config })) {
      const key = withheld.secretAt(name);
      if (key !== null) launch.redactor.learn(key);
    }
  }

  /** The token, if it is one of this thread: that is refused without asking anybody. */
  #tokenOf(
    threadId: string,
    given: ContinuationToken | string | undefined,
  ): ContinuationToken | null {
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
      const reason = error.code === 'tampered' ? 'tampered' : 'malformed-token';
      throw rejected(threadId, reason, error.message, error);
    }
  }

  /** Whether the sandbox will be the thread's own; codex-rs forgets some, and cannot always be told. */
  async #knowsSandbox({ threadId, continuation, options }: IndexedThread): Promise<boolean> {
    if (effectiveSandbox(options) !== undefined || this.existing(threadId) !== undefined)
      return true;
    if (!this.options.experimentalApi) return false;
    const told = sandboxIn(continuation?.baseline ?? null);
    if (told !== null && (continuation?.isTrusted === true || isPlain(told))) return true;
    const { sandbox, settings } = await new StoredBaseline(this.#props.appServer, threadId).read();
    return sandbox !== null || sandboxIn(settings) !== null;
  }

  async #judge(
    indexed: IndexedThread,
    validator: ResumeValidator = this.options.resumeValidator ?? new CodexRsResumeValidator(),
  ): Promise<AcceptedVerdict> {
    const { threadId, continuation } = indexed;
    let obstacle: unknown;
    const claim: ResumeClaim = {
      threadId,
      continuation,
      request: async (method, params) => {
        if (!readOnlyMethods.has(method))
          throw new CodexError(`A resume validator only reads: it may not send ${method}.`, {
            code: 'not-read-only',
          });
        return this.#props.appServer.request(method, params);
      },
      updateTurns: async () => {
        try {
          await this.#index.update(indexed);
        } catch (error) {
          obstacle = error;
          throw error;
        }
      },
    };
    let given: unknown;
    try {
      given = await validator.validate(claim);
    } catch (error) {
      // Ours never do, but a stub or a class of one's own may.
      throw rejected(threadId, 'unknown', `The resume validator failed: ${String(error)}`, error);
    }
    // A stub without a configured answer gives undefined, which is a rejection.
    const verdict = await wholeVerdict(given, claim);
    // An error that forbids this client to load the thread at all, such as its isolation, is not a judgement on the thread.
    if (!verdict.accepted && forbidsLoading(obstacle)) throw obstacle;
    if (!verdict.accepted) throw new ResumeRejectedError(threadId, verdict, obstacle);
    if (verdict.metadata.threadId !== threadId)
      throw rejected(
        threadId,
        'metadata-mismatch',
        `The resume validator accepted it on the metadata of thread ${verdict.metadata.threadId}.`,
      );
    return verdict;
  }
}

/** An open thread that is released after a check. */
interface Trial {
  readonly threadId: string;
  /** The files that the model gets instructions from. */
  readonly instructionSources: readonly string[];
  readonly release: () => Promise<void>;
}

/** Whether an error says something about this client instead of the thread or its server. */
function forbidsLoading(error: unknown): error is CodexError {
  if (RequestError.is(error) || TransportError.is(error)) return false;
  return CodexError.is(error) && !ResumeRejectedError.is(error);
}

/** A thread that may be continued. */
interface Judged {
  readonly threadId: string;
  readonly metadata: ThreadMetadata;
  readonly continuation: ContinuationToken | null;
  readonly options: ThreadOptions;
}

function rejected(
  threadId: string,
  reason: RejectedVerdict['reason'],
  message: string,
  cause?: unknown,
): ResumeRejectedError {
  return new ResumeRejectedError(threadId, { accepted: false, reason, message }, cause);
}
