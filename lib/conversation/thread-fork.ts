import type { AppServerSession } from '../wire/app-server-session.js';
import type { ThreadForkParams } from '../protocol/index.js';
import type { ThreadMetadata } from '../record/thread-metadata.js';
import type { ForkPoint } from '../thread/thread-backend.js';
import type { ThreadOptions } from '../options/thread-options.js';
import type { ThreadListener } from '../loaded/thread-subscription.js';
import { LoadedThread } from '../loaded/loaded-thread.js';
import type { KnownSettings } from '../loaded/reported-settings.js';
import type { ThreadAttachments } from '../loaded/thread-attachments.js';
import { ThreadCalls } from '../loaded/thread-calls.js';
import { threadResume } from '../loaded/thread-requests.js';

/** Properties of a {@link ThreadFork}. */
export interface ThreadForkProps {
  readonly source: ThreadMetadata;
  readonly sourceAttachments: ThreadAttachments;
  readonly known: KnownSettings;
  readonly point: ForkPoint;
}

/**
 * Begins a thread as a fork of another one. codex-rs copies history, name, labels, directory, approvals and instructions,
 * but reads model, provider, effort, summary, service tier and source from its configuration, so they are sent.
 */
export class ThreadFork {
  readonly #props: ThreadForkProps;

  constructor(props: ThreadForkProps) {
    this.#props = props;
  }

  /** The attachments of the source thread. */
  get sourceAttachments(): ThreadAttachments {
    return this.#props.sourceAttachments;
  }

  /** The source thread. */
  get sourceId(): string {
    return this.#props.source.threadId;
  }

  /** The working directory of the source thread. */
  get directory(): string {
    return this.#props.source.workingDirectory;
  }

  /** Forks the thread (`thread/fork`); the fork is then loaded. */
  async begin(
    session: AppServerSession,
    options: ThreadOptions,
    listener: ThreadListener,
  ): Promise<LoadedThread> {
    const calls = new ThreadCalls(session, this.#props.source.threadId);
    const reported = await calls.send('fork()', 'thread/fork', this.params(options));
    return LoadedThread.adopt(session, reported, listener);
  }

  /** The parameters of `thread/fork`: from the options, else from the source. */
  params(options: ThreadOptions): ThreadForkParams {
    const { source, known, point } = this.#props;
    const { config, ...resume } = threadResume(source.threadId, options);
    const settings = {
      model: source.model,
      modelProvider: source.modelProvider,
      serviceTier: known.serviceTier,
      threadSource: options.threadSource ?? source.threadSource,
      ephemeral: options.ephemeral,
      lastTurnId: point.at,
      beforeTurnId: point.before,
      ...resume,
      config: this.#config(options, config),
    };
    return {
      threadId: source.threadId,
      ...Object.fromEntries(
        Object.entries(settings).filter(
          // `thread/fork` does not have a parameter for the personality.
          ([name, value]) => (value ?? null) !== null && name !== 'personality',
        ),
      ),
    };
  }

  #config(options: ThreadOptions, given: ThreadForkParams['config']): ThreadForkParams['config'] {
    const { source, known } = this.#props;
    const effort = options.modelReasoningEffort ?? source.modelReasoningEffort;
    const summary = options.modelReasoningSummary ?? known.summary ?? null;
    const config = {
      ...(effort === null ? {} : { model_reasoning_effort: effort }),
      ...(summary === null ? {} : { model_reasoning_summary: summary }),
      ...given,
    };
    return Object.keys(config).length === 0 ? null : config;
  }
}
