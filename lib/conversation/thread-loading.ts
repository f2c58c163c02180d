import type { AppServerSession } from '../wire/app-server-session.js';
import { RequestError } from '../errors.js';
import type { ContinuationToken } from '../record/continuation-token.js';
import { ResumeRejectedError } from '../resume/resume-rejected-error.js';
import { telemetry } from '../telemetry/telemetry.js';
import type { CodexOptions } from '../options/codex-options.js';
import { hidingVariables } from '../options/named-variables.js';
import type { ThreadOptions } from '../options/thread-options.js';
import { timers } from '../timers.js';
import { IsolationGuard } from '../isolation/isolation-guard.js';
import type { ThreadListener } from '../loaded/thread-subscription.js';
import { LoadedThread } from '../loaded/loaded-thread.js';
import { ThreadAttachments } from '../loaded/thread-attachments.js';
import { tellMismatch } from './resume-mismatch.js';
import { enterPlace, refuseOtherPlace } from './thread-place.js';
import { SettingsRecovery } from '../turn/settings-recovery.js';
import { SurfaceGuard } from '../isolation/surface-guard.js';
import { ThreadReport } from '../isolation/thread-report.js';
import type { ThreadDescription } from '../turn/thread-description.js';
import type { ThreadFork } from './thread-fork.js';
import { threadStart } from '../loaded/thread-requests.js';
import { checkDirectories, type DefaultDirectory } from '../turn/turn-directories.js';

/** Properties of a {@link ThreadLoading}. */
export interface ThreadLoadingProps {
  readonly session: AppServerSession;
  /** The options of the client. */
  readonly client: CodexOptions;
  readonly description: ThreadDescription;
  /** The source of a thread that has yet to begin as a fork. */
  readonly fork: ThreadFork | undefined;
  /** The parent thread of a sub-agent, if known. */
  readonly parentThreadId: string | null;
  /** Whether a caller may rely on this thread. */
  readonly isKept: boolean;
  /** Whether it may end with any turn, regardless of the token. */
  readonly isTaken: boolean;
  readonly listener: ThreadListener;
  /** The default working directory of the thread; null if unknown. */
  readonly directory: DefaultDirectory | null;
}

/** Loads a thread into an app-server: starts it, or resumes it and restores settings after a crash. */
export class ThreadLoading {
  readonly #props: ThreadLoadingProps;
  readonly #directory: string | null;
  readonly #guard: SurfaceGuard;
  readonly #isolation: IsolationGuard;

  constructor(props: ThreadLoadingProps) {
    this.#props = props;
    const { session, client, description } = props;
    const { options } = description;
    const directory = options.workingDirectory ?? props.directory?.path ?? null;
    this.#directory = directory;
    this.#guard = new SurfaceGuard({ session, options, directory });
    this.#isolation = new IsolationGuard({ session, client, options });
  }

  /** The loaded thread, and whether it differs from the previous one: codex-rs does not keep a thread without turns. */
  async load(threadId: string | null, continuation: ContinuationToken | null): Promise<Loading> {
    const { generation } = this.#props.session;
    const startedAt = timers.performance.now();
    const loading = await this.#startOrResume(threadId, continuation);
    const { loaded } = loading;
    telemetry.threadOpen.publish(() => ({
      threadId: loaded.threadId,
      isNew: loaded.threadId !== threadId,
      generation,
      durationMs: timers.performance.now() - startedAt,
    }));
    return loading;
  }

  async #startOrResume(
    threadId: string | null,
    continuation: ContinuationToken | null,
  ): Promise<Loading> {
    const { session, description, listener, fork, isKept, isTaken } = this.#props;
    const end = isTaken ? null : continuation;
    const { tools } = description;
    if (threadId === null)
      await checkDirectories(session, description.options, this.#props.directory);
    const options = await this.#narrowed(threadId);
    if (threadId === null) {
      const loaded = await (fork === undefined ? this.#start(options) : this.#fork(fork, options));
      await this.#verify(loaded);
      return { loaded, isAnew: false };
    }
    try {
      await this.#guard.requireUnloaded(threadId);
      await this.#refuseOtherPlace(threadId);
      const loaded = await LoadedThread.resume(session, threadId, options, end, listener);
      await enterPlace(loaded, options, false);
      await this.#recover(loaded, options, continuation);
      await tools.check(loaded.attachments);
      await this.#verify(loaded);
      return { loaded, isAnew: false };
    } catch (error) {
      if (isKept || !neverWas(error)) {
        tellMismatch(error);
        throw error;
      }
      // It is gone with its process, and only its id is lost.
      const loaded = await this.#start(await this.#narrowed(null));
      await this.#verify(loaded);
      return { loaded, isAnew: true };
    }
  }

  /** A fork inherits the tools of its source: they are checked before forking. */
  async #fork(fork: ThreadFork, options: ThreadOptions): Promise<LoadedThread> {
    const { session, description, listener } = this.#props;
    await description.tools.check(fork.sourceAttachments);
    await refuseOtherPlace(options, {
      threadId: fork.sourceId,
      stored: [fork.sourceAttachments],
      action: 'fork()',
    });
    const loaded = await fork.begin(session, options, listener);
    await enterPlace(loaded, options, false);
    if (options.environments?.length === 0 && !loaded.metadata.isEphemeral)
      await loaded.attachments.keepEnvironments([]);
    // If a turn with its own settings runs meanwhile, its stored settings are copied too.
    if (!loaded.metadata.isEphemeral) await this.#recover(loaded, options, null);
    return loaded;
  }

  async #recover(
    thread: LoadedThread,
    options: ThreadOptions,
    continuation: ContinuationToken | null,
  ): Promise<void> {
    const { experimentalApi: canUpdate } = this.#props.client;
    await new SettingsRecovery({ thread, options, continuation, canUpdate }).recover();
  }

  async #narrowed(threadId: string | null): Promise<ThreadOptions> {
    const options = this.#hiding(await this.#guard.narrowed());
    const { client, fork } = this.#props;
    if (client.isolation === 'user') return options;
    const directory = this.#directory ?? (await this.#directoryOf(threadId));
    const isNew = threadId === null && fork === undefined;
    return this.#isolation.narrowed(
      isNew ? options.merge({ workingDirectory: directory }) : options,
      directory,
      isNew ? 'anew' : 'kept',
    );
  }

  /** The configuration of a thread may name other variables, or override the setting that hides the client's variables. */
  #hiding(options: ThreadOptions): ThreadOptions {
    const { config } = options;
    if (config === undefined) return options;
    return options.merge({ config: hidingVariables(this.#props.client, config) });
  }

  async #directoryOf(threadId: string | null): Promise<string> {
    const { session } = this.#props;
    const { codexHome } = session.serverInfo;
    if (threadId === null) return codexHome;
    try {
      const { thread } = await session.request('thread/read', { threadId });
      return thread.cwd;
    } catch (error) {
      // It cannot be resumed either, and that error gives the reason.
      if (RequestError.is(error)) return codexHome;
      throw error;
    }
  }

  /** Without local execution in codex-rs, commands run only in environments. */
  async #refuseOtherPlace(threadId: string): Promise<void> {
    const { client, description, session, parentThreadId } = this.#props;
    if (client.environments !== undefined) return;
    const stored = [threadId, parentThreadId]
      .filter((id) => id !== null)
      .map((id) => new ThreadAttachments(session, id));
    await refuseOtherPlace(description.options, { threadId, stored, action: 'A turn' });
  }

  async #verify(loaded: LoadedThread): Promise<void> {
    const report = new ThreadReport(loaded);
    await this.#isolation.verify(report);
    await this.#guard.verify(report);
  }

  async #start(options: ThreadOptions): Promise<LoadedThread> {
    const { session, description, listener } = this.#props;
    const dynamicTools = description.tools.specs();
    const params = {
      ...threadStart(options),
      // Otherwise codex-rs uses its own directory, which is not the caller's.
      cwd: this.#directory,
      ...(dynamicTools.length === 0 ? {} : { dynamicTools }),
    };
    const loaded = await LoadedThread.start(session, params, listener);
    await enterPlace(loaded, options, true);
    return loaded;
  }
}

interface Loading {
  readonly loaded: LoadedThread;
  readonly isAnew: boolean;
}

/** Whether codex-rs has no data of a thread: its process died before it recorded a turn. */
function neverWas(error: unknown): boolean {
  if (!ResumeRejectedError.is(error)) return false;
  return ['unknown-thread', 'never-ran', 'unreadable-history'].includes(error.reason);
}
