import type { AuthenticatedLaunch } from '../account/authenticated-launch.js';
import type { AppServerSession } from '../wire/app-server-session.js';
import type { AppServer } from '../wire/app-server.js';
import type { WithheldVariables } from '../isolation/withheld-variables.js';
import { ValidationError } from '../errors.js';
import { currentDirectory } from '../paths.js';
import type { ContinuationToken } from '../record/continuation-token.js';
import { checkedThreadId } from '../ids.js';
import type { ThreadMetadata } from '../record/thread-metadata.js';
import { telemetry } from '../telemetry/telemetry.js';
import type { CodexOptions } from '../options/codex-options.js';
import { mergedConfig } from '../options/config-record.js';
import { effectiveSandbox } from '../options/effective-sandbox.js';
import { providerVariables, withheldProblems } from '../options/named-variables.js';
import { ThreadOptions } from '../options/thread-options.js';
import type { ResumedThread, ResumeProof, ThreadSource } from '../thread/thread-builder.js';
import { Conversation, type ConversationProps } from './conversation.js';
import type { LiveThread } from './live-thread.js';
import { ConversationRegistry } from './conversation-registry.js';
import { RequestDispatcher } from './request-dispatcher.js';
import { HistoryIndex, type IndexedThread } from './history-index.js';
import type { Environments } from '../isolation/environments.js';
import { refuseTrust } from '../isolation/isolation-guard.js';
import { isPlain, sandboxIn } from '../loaded/own-sandbox.js';
import { ResumeCheck } from './resume-check.js';
import { tellMismatch } from './resume-mismatch.js';
import { refuseOtherPlace } from './thread-place.js';
import { ThreadAttachments } from '../loaded/thread-attachments.js';
import { ThreadHistory } from '../loaded/thread-history.js';

/** Properties of {@link Conversations}. */
export interface ConversationsProps {
  readonly options: CodexOptions;
  readonly appServer: AppServer;
  readonly launch: AuthenticatedLaunch;
  readonly environments: Environments;
  /** The environment variables that are withheld from codex-rs. */
  readonly withheld?: WithheldVariables;
}

/** An open thread that is released after a check. */
export interface OpenedThread {
  readonly threadId: string;
  /** The instruction files of the model. */
  readonly instructionSources: readonly string[];
  /** Unloads the thread, with its MCP servers. */
  readonly release: () => Promise<void>;
}

/** The conversations of one `Codex`: one per thread id, each created only after the resume check. */
export class Conversations implements ThreadSource {
  readonly #props: ConversationsProps;
  readonly #registry = new ConversationRegistry<Conversation>();
  readonly #check: ResumeCheck;
  readonly #index: HistoryIndex;

  constructor(props: ConversationsProps) {
    this.#props = props;
    const { appServer: server, options: client } = props;
    this.#index = new HistoryIndex({
      server,
      existing: (threadId) => this.existing(threadId),
      begin: (conversation) => this.#conversation(conversation),
    });
    this.#check = new ResumeCheck({ server, client, index: this.#index });
  }

  get options(): CodexOptions {
    return this.#props.options;
  }

  /** Answers the requests of codex-rs over a new session from now on. */
  serve(session: AppServerSession): void {
    new RequestDispatcher({
      find: (threadId) => this.#find(threadId),
      approvals: this.options.approvals ?? null,
    }).serve(session);
  }

  /** Restores the own settings of all idle threads before their process ends. */
  async putBack(): Promise<void> {
    const idle = this.#registry.all.filter(({ thread }) => !thread.queue.isBusy);
    await Promise.all(idle.map(async ({ thread }) => thread.loaded?.overrides.putBack()));
  }

  newConversation(options: ThreadOptions): Conversation {
    this.#props.environments.check(options);
    return this.#newConversation(options);
  }

  #newConversation(options: ThreadOptions): Conversation {
    const isHere = (this.options.transport?.ownership ?? 'own') === 'own';
    return this.#conversation({
      threadId: null,
      options,
      // An independent server has its own directories.
      ...(isHere ? { directory: currentDirectory() } : {}),
    });
  }

  async resumeConversation(
    given: string,
    proof: ResumeProof,
    options: ThreadOptions,
  ): Promise<ResumedThread> {
    const threadId = checkedThreadId(given);
    refuseTrust(this.options, options);
    try {
      const token = this.#check.tokenOf(threadId, proof.continuation);
      const { idempotencyKey: key } = proof;
      const continuation = key === undefined ? token : (token?.allowing(key) ?? null);
      const indexed = { threadId, continuation, options };
      const placed = this.existing(threadId)?.thread.description.over(options) ?? options;
      const { appServer, environments } = this.#props;
      const attachments = new ThreadAttachments(appServer, threadId);
      const { metadata, warnings } = await this.#check.judge(indexed, proof.resumeValidator);
      const { parentThreadId } = metadata;
      const parents =
        parentThreadId === null ? [] : [new ThreadAttachments(appServer, parentThreadId)];
      const stored = [attachments, ...parents];
      await refuseOtherPlace(placed, { threadId, stored, action: 'resumeThread()' });
      environments.check(placed);
      const isSandboxKnown = await this.#knowsSandbox(indexed, attachments);
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
      const labels = await attachments.labels();
      if (placed.environments?.length === 0) await attachments.keepEnvironments([]);
      return {
        backend: conversation,
        labels,
        options: conversation.thread.description.over(options),
      };
    } catch (error) {
      tellMismatch(error);
      throw error;
    }
  }

  /** The live side of a thread without a resume check: for actions that do not continue it. */
  existingConversation(given: string, options: ThreadOptions): Conversation {
    const threadId = checkedThreadId(given);
    const living = this.#registry.find(threadId);
    if (living !== undefined) return living;
    const conversation = this.#conversation({ threadId, options });
    this.#registry.add(threadId, conversation);
    return conversation;
  }

  /**
   * The conversation of a thread that passed the resume check. The new state replaces the previous one, unless the
   * conversation holds the lock.
   */
  async #conversationOf(judged: Judged): Promise<Conversation> {
    const { threadId, metadata, continuation } = judged;
    const living = this.#registry.find(threadId);
    if (living === undefined) {
      const conversation = this.#conversation(judged);
      this.#registry.add(threadId, conversation);
      return conversation;
    }
    const { thread } = living;
    if (thread.loaded !== null || thread.isBusy) return living;
    const history = new ThreadHistory(this.#props.appServer, threadId);
    const turnId = continuation === null ? await history.lastTurnId() : continuation.turnId;
    thread.metadata = metadata;
    thread.moveTo(turnId, continuation?.baseline ?? null);
    if (continuation === null) thread.takeAsItStands();
    thread.description.renew(judged.options);
    return living;
  }

  /**
   * Opens a thread with only the settings of the client, to check whether it can be opened. Makes no changes and is not
   * listed.
   */
  async openTrial(): Promise<OpenedThread> {
    const { isolation } = this.options;
    // Starting a thread with write access makes codex-rs trust the project.
    const sandbox = { sandboxMode: 'read-only', trustProject: true } as const;
    const conversation = this.#newConversation(
      ThreadOptions.from({ ephemeral: true, ...(isolation === 'user' ? sandbox : {}) }),
    );
    return conversation.thread.exclusively(async ({ threadId, reported: { instructionSources } }) =>
      Promise.resolve({
        threadId,
        instructionSources: [...instructionSources],
        release: async () => conversation.release(),
      }),
    );
  }

  /** The live conversation of a thread, if any. */
  existing(threadId: string): Conversation | undefined {
    return this.#registry.find(threadId);
  }

  /** The thread of this client, or for a sub-agent the thread whose turn started it. */
  #find(threadId: string): LiveThread | undefined {
    const { thread } =
      this.#registry.find(threadId) ??
      this.#registry.all.find(({ thread }) => thread.exchange?.includes(threadId) === true) ??
      {};
    return thread;
  }

  #conversation(
    props: Pick<
      ConversationProps,
      'threadId' | 'metadata' | 'continuation' | 'options' | 'fork' | 'directory'
    >,
  ): Conversation {
    const { appServer, launch, options, withheld } = this.#props;
    refuseTrust(options, props.options);
    this.#refuseWithheld(props.options);
    const conversation: Conversation = new Conversation({
      ...props,
      appServer,
      client: options,
      redactor: launch.redactor,
      explain: (failure) => withheld?.explain(failure) ?? null,
      beforeTurn: async (session) => launch.requireAccount(session),
      onThreadId: (threadId) => {
        this.#registry.add(threadId, conversation);
      },
      updateTurns: async (threadId) =>
        this.#index.update({ threadId, continuation: null, options: ThreadOptions.none }),
      existing: (threadId, ownOptions) => this.existingConversation(threadId, ownOptions),
      begin: (fork, forkOptions) => {
        this.#props.environments.check(forkOptions);
        return this.#conversation({ threadId: null, fork, options: forkOptions });
      },
      another: (others) => this.newConversation(others),
    });
    return conversation;
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

  /** Whether the thread will have its own sandbox; codex-rs forgets some sandboxes, and they cannot always be set again. */
  async #knowsSandbox(
    { threadId, continuation, options }: IndexedThread,
    attachments: ThreadAttachments,
  ): Promise<boolean> {
    if (effectiveSandbox(options) !== undefined || this.existing(threadId) !== undefined)
      return true;
    if (!this.options.experimentalApi) return false;
    const told = sandboxIn(continuation?.baseline ?? null);
    if (told !== null && (continuation?.isTrusted === true || isPlain(told))) return true;
    const { sandbox, settings } = await attachments.baseline();
    return sandbox !== null || sandboxIn(settings) !== null;
  }
}

/** A thread that may be continued. */
interface Judged {
  readonly threadId: string;
  readonly metadata: ThreadMetadata;
  readonly continuation: ContinuationToken | null;
  readonly options: ThreadOptions;
}
