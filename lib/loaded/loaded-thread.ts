import type { AppServerSession } from '../wire/app-server-session.js';
import { paged } from '../wire/paged.js';
import { RequestError } from '../errors.js';
import { pause } from '../pause.js';
import type {
  ThreadResumeParams,
  ThreadResumeResponse,
  ThreadStartParams,
  Turn,
  TurnEnvironmentParams,
} from '../protocol/index.js';
import { meaningOf } from '../wire/refusal-meaning.js';
import type { ContinuationToken } from '../record/continuation-token.js';
import { ThreadMetadata } from '../record/thread-metadata.js';
import { refusal } from '../resume/refusal.js';
import { ResumeRejectedError } from '../resume/resume-rejected-error.js';
import { judgeTail } from '../resume/thread-tail.js';
import type { ThreadOptions } from '../options/thread-options.js';
import type { Requester } from './requester.js';
import { ThreadAttachments } from './thread-attachments.js';
import type { ThreadActivity } from './thread-activity.js';
import { ThreadHistory } from './thread-history.js';
import type { ThreadNotices } from './thread-notices.js';
import { subscribe, type ThreadListener, type ThreadSubscription } from './thread-subscription.js';
import type { McpServers } from './mcp-servers.js';
import type { ReportedSettings } from './reported-settings.js';
import { threadResume } from './thread-requests.js';
import { TurnInputs } from './turn-inputs.js';
import { TurnOverrides } from './turn-overrides.js';
import { text, decode } from '../wire/decode.js';
import { unloadThread } from './unload-thread.js';

/** A thread loaded in one app-server process. Another process must load it again. */
export class LoadedThread {
  readonly metadata: ThreadMetadata;
  /** The data that this library stores with it. */
  readonly attachments: ThreadAttachments;
  /** Its turns by the client ids of their input. */
  readonly inputs: TurnInputs;
  /** The settings that its turns have changed. */
  readonly overrides: TurnOverrides;
  /** The environments of its turns, or null if they run on the machine of codex-rs. */
  environments: TurnEnvironmentParams[] | null = null;
  readonly #listener: ThreadListener;
  #session: AppServerSession;
  #subscription: ThreadSubscription;
  #reported: ReportedSettings;
  #isClosed = false;

  private constructor(
    session: AppServerSession,
    reported: ReportedSettings,
    subscription: ThreadSubscription,
    listener: ThreadListener,
  ) {
    this.#session = session;
    this.#reported = reported;
    this.#subscription = subscription;
    this.#listener = listener;
    this.metadata = ThreadMetadata.fromJSON(reported.thread);
    this.attachments = new ThreadAttachments(this.#requester(), this.metadata.threadId);
    this.inputs = new TurnInputs(this.#requester(), this.metadata.threadId);
    this.overrides = new TurnOverrides(this);
    this.activity.update(reported.thread.status);
  }

  /** Starts a new thread (`thread/start`). */
  static async start(
    session: AppServerSession,
    params: ThreadStartParams,
    listener: ThreadListener,
  ): Promise<LoadedThread> {
    const reported = await session.request('thread/start', params);
    const loaded = LoadedThread.adopt(session, reported, listener);
    loaded.attachments.expectNone();
    return loaded;
  }

  /** Wraps a thread that codex-rs has just loaded. */
  static adopt(
    session: AppServerSession,
    reported: ReportedSettings,
    listener: ThreadListener,
  ): LoadedThread {
    const threadId = decode('thread/start', () => text(reported.thread.id), session);
    return decode(
      'thread/start',
      () => new LoadedThread(session, reported, subscribe(session, threadId, listener), listener),
      session,
    );
  }

  /**
   * Loads an existing thread (`thread/resume`), which acquires its writer lock, and checks its end again.
   *
   * @throws {@link ResumeRejectedError} if it cannot be loaded or does not end with the expected turn; the lock is released
   */
  static async resume(
    session: AppServerSession,
    threadId: string,
    options: ThreadOptions,
    continuation: ContinuationToken | null,
    listener: ThreadListener,
  ): Promise<LoadedThread> {
    // Before the request, since the thread's usage so far is reported immediately after the response.
    const subscription = subscribe(session, threadId, listener);
    try {
      const reported = await resumed(session, threadResume(threadId, options));
      const loaded = decode(
        'thread/resume',
        () => {
          if (reported.thread.id !== threadId) throw new TypeError(`Expected thread ${threadId}.`);
          return new LoadedThread(session, reported, subscription, listener);
        },
        session,
      );
      // It was already loaded here by a raw request that runs a turn: another turn would steer that one.
      await loaded.activity.quiet();
      await loaded.#checkEnd(continuation);
      return loaded;
    } catch (error) {
      subscription.unsubscribe();
      if (!RequestError.is(error)) throw error;
      const verdict = refusal(error);
      const known = verdict.reason === 'busy' ? await knownOf(session, threadId) : {};
      const evidence = { ...verdict.evidence, ...known };
      throw new ResumeRejectedError(threadId, { ...verdict, evidence }, error);
    }
  }

  /**
   * Loads a thread (`thread/resume`) that may have a running turn, without changing it.
   *
   * @throws {@link ResumeRejectedError} if it cannot be loaded
   */
  static async join(
    session: AppServerSession,
    threadId: string,
    listener: ThreadListener,
  ): Promise<LoadedThread> {
    const subscription = subscribe(session, threadId, listener);
    try {
      const reported = await resumed(session, { threadId });
      return decode(
        'thread/resume',
        () => new LoadedThread(session, reported, subscription, listener),
        session,
      );
    } catch (error) {
      subscription.unsubscribe();
      if (!RequestError.is(error)) throw error;
      throw new ResumeRejectedError(threadId, refusal(error), error);
    }
  }

  /** The connection used for it. */
  get session(): AppServerSession {
    return this.#session;
  }

  get threadId(): string {
    return this.metadata.threadId;
  }

  /** Whether a turn runs on it. */
  get activity(): ThreadActivity {
    return this.#subscription.activity;
  }

  /** The start of its MCP servers. */
  get servers(): McpServers {
    return this.#subscription.servers;
  }

  /** Its warnings and the states of its MCP servers, for its turns. */
  get notices(): ThreadNotices {
    return this.#subscription.notices;
  }

  /** The settings that codex-rs reported when it loaded the thread, or at the last {@link LoadedThread.refresh}. */
  get reported(): ReportedSettings {
    return this.#reported;
  }

  /** Makes codex-rs report the settings again after they were restored; resuming a loaded thread does not change it. */
  async refresh(): Promise<void> {
    const { threadId } = this;
    const reported = await this.session.request('thread/resume', { threadId, excludeTurns: true });
    this.#reported = decode(
      'thread/resume',
      () => {
        ThreadMetadata.fromJSON(reported.thread);
        return reported;
      },
      this.session,
    );
  }

  /** Continues over another connection (`thread/resume`), while a turn may run. Missed notifications are not repeated. */
  async rejoin(session: AppServerSession): Promise<void> {
    const { threadId, notices } = this;
    const subscription = subscribe(session, threadId, this.#listener, notices);
    try {
      // With its turns: without them, codex-rs does not report the usage of the thread meanwhile.
      const reported = await resumed(session, { threadId });
      const { status } = decode('thread/resume', () => reported.thread, session);
      subscription.activity.update(status);
      this.#reported = reported;
    } catch (error) {
      subscription.unsubscribe();
      throw error;
    }
    this.#subscription.unsubscribe();
    this.#subscription = subscription;
    this.#session = session;
  }

  /** The current session. */
  #requester(): Requester {
    const session = (): AppServerSession => this.#session;
    return {
      get codexVersion() {
        return session().codexVersion;
      },
      get recordsRoot() {
        return session().recordsRoot;
      },
      request: async (...args) => this.#session.request(...args),
    };
  }

  /** Whether this object can still be used. */
  get isUsable(): boolean {
    return !this.#isClosed && this.session.closeReason === null;
  }

  /** The thread was unloaded. */
  close(): void {
    this.#isClosed = true;
    this.#subscription.unsubscribe();
  }

  /** The thread's turns, newest first. */
  turns(itemsView: 'summary' | 'full' = 'summary'): AsyncIterable<Turn> {
    return paged(this.session, async (cursor) =>
      this.session.request('thread/turns/list', {
        threadId: this.threadId,
        cursor,
        limit: 20,
        itemsView,
      }),
    );
  }

  /** No other process can continue the thread now: if its end matches, it stays valid. */
  async #checkEnd(continuation: ContinuationToken | null): Promise<void> {
    if (continuation === null) return;
    const verdict = await judgeTail(this.metadata, continuation, {
      server: this.session,
      turns: async (params) => this.session.request('thread/turns/list', params),
    });
    if (verdict.accepted) return;
    // Even if that takes long, the verdict is the relevant result for the caller.
    await unloadThread(this.session, this.threadId).catch(() => undefined);
    throw new ResumeRejectedError(this.threadId, verdict);
  }
}

/** An unused thread may be in the process of unloading: soon after, it can be loaded again. */
async function resumed(
  session: AppServerSession,
  params: ThreadResumeParams,
  triesLeft = 20,
): Promise<ThreadResumeResponse> {
  try {
    return await session.request('thread/resume', params);
  } catch (error) {
    if (meaningOf(error) !== 'closing' || triesLeft === 0) throw error;
    await pause(50);
    return resumed(session, params, triesLeft - 1);
  }
}

/** Reads a thread that another process has loaded. codex-rs does not report which one. */
async function knownOf(session: AppServerSession, threadId: string): Promise<object> {
  const history = new ThreadHistory(session, threadId);
  try {
    const { originator, updatedAt } = await history.read();
    return {
      originator,
      updatedAt: updatedAt.toISOString(),
      lastTurnId: await history.lastTurnId(),
    };
  } catch {
    // The refusal itself is what matters.
    return {};
  }
}
