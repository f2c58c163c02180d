import { withCallLimits } from '../wire/call-limits.js';
import { TransportError } from '../errors.js';
import { Labels } from '../record/labels.js';
import { reportProblem } from '../telemetry/report-problem.js';
import type { LoadedThread } from '../loaded/loaded-thread.js';
import type { OwnSandbox } from '../loaded/own-sandbox.js';
import type { ThreadTools } from './thread-tools.js';
import type { Restoration } from '../loaded/thread-attachments.js';
import { timers } from '../timers.js';

/** How long a finished turn waits for each reply to its remaining requests, in milliseconds. It takes some 5 ms. */
const patienceMs = 2000;

/** Properties of a {@link PostTurnWork}. */
export interface PostTurnWorkProps {
  readonly thread: LoadedThread;
  /** Restores the thread's own settings; null if the turn changes none. */
  readonly restoration: Restoration | null;
  /** The thread's own sandbox. */
  readonly sandbox: OwnSandbox;
  /** Whether other clients use the same codex-rs and may load the thread at any time. */
  readonly isShared: boolean;
}

/** The work after a turn: storing labels, restoring settings. */
export class PostTurnWork {
  readonly #props: PostTurnWorkProps;
  #labels = Labels.empty;
  #tools: ThreadTools | null = null;
  readonly #lateness = new AbortController();
  #started: Promise<void> | null = null;
  #secured: Promise<void> | null = null;
  #isOver = false;

  constructor(props: PostTurnWorkProps) {
    this.#props = props;
  }

  /** Restores the thread's own settings; null if the turn changes none. */
  get restoration(): Restoration | null {
    return this.#props.restoration;
  }

  /** The data that a new thread stores once its first turn has started. */
  keep(labels: Labels, tools: ThreadTools): void {
    this.#labels = labels;
    this.#tools = tools;
  }

  /** The turn has started: stores the data that codex-rs accepts from now on. A failure does not fail the turn. */
  async start(): Promise<void> {
    this.#started ??= this.#store();
    return this.#started;
  }

  /** The turn has its settings, so the thread's own can be restored for the next one. */
  async secure(): Promise<void> {
    this.#secured ??= this.#props.thread.overrides.secure(() => this.#isOver);
    return this.#secured;
  }

  /**
   * The turn is over: waits briefly for the data that {@link PostTurnWork.start} stores, and restores settings that must
   * not stay in force.
   */
  async settle(): Promise<void> {
    const { overrides, activity } = this.#props.thread;
    this.#isOver = true;
    const timer = timers.setTimeout(() => {
      this.#lateness.abort(late());
    }, patienceMs);
    await this.#started;
    timers.clearTimeout(timer);
    await this.#secured;
    // Another client may run the next turn, or codex-rs itself, for example for a goal.
    await (this.#props.isShared || activity.isActive ? overrides.putBack() : overrides.settle());
  }

  async #store(): Promise<void> {
    const { restoration, sandbox, thread } = this.#props;
    const { attachments, metadata, overrides, session, threadId } = thread;
    overrides.begin(restoration);
    if (metadata.isEphemeral) return;
    const hold = session.hold();
    try {
      await withCallLimits({ signal: this.#lateness.signal }, async () => {
        await overrides.store();
        const labels = this.#labels;
        if (labels.size > 0)
          await attachments.ifPossible('labels', async () => attachments.writeLabels(labels));
        await this.#tools?.write(attachments);
        // codex-rs forgets some sandboxes, and a turn with another sandbox may be the last one before a crash.
        await attachments.ifPossible('sandbox', async () => attachments.keep('sandbox', sandbox));
      });
    } catch (error) {
      reportProblem(threadId, 'labels', error);
    } finally {
      hold[Symbol.dispose]();
    }
  }
}

function late(): TransportError {
  return new TransportError(
    `codex-rs did not confirm within ${patienceMs} ms after the turn that it stored the labels and tools of the thread, so they may be missing. Call setLabels() to store the labels again.`,
    { code: 'timeout' },
  );
}
