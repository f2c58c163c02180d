import { withCallLimits, type CallLimits } from '../wire/call-limits.js';
import { TransportError } from '../errors.js';
import { Labels } from '../record/labels.js';
import { messageOf } from '../shapes.js';
import { telemetry } from '../telemetry/telemetry.js';
import type { LoadedThread } from '../loaded/loaded-thread.js';
import type { OwnSandbox } from '../loaded/own-sandbox.js';
import type { ThreadTools } from './thread-tools.js';
import type { Restoration } from '../loaded/thread-attachments.js';
import { timers } from '../timers.js';

/** How long a finished turn waits for a reply to what it leaves to be done, in milliseconds. It takes some 5 ms. */
const patienceMs = 2000;

/** What a {@link PostTurnWork} is made of. */
export interface PostTurnWorkProps {
  readonly thread: LoadedThread;
  /** What puts the thread's own settings back, or null when the turn changes none. */
  readonly restoration: Restoration | null;
  /** The thread's own sandbox. */
  readonly sandbox: OwnSandbox;
}

/** What a turn leaves to be done besides running: labels to store, settings to put back. */
export class PostTurnWork {
  readonly #props: PostTurnWorkProps;
  #labels = Labels.empty;
  #tools: ThreadTools | null = null;
  readonly #lateness = new AbortController();
  #isPrepared = false;
  #started: Promise<void> | null = null;
  #secured: Promise<void> | null = null;

  constructor(props: PostTurnWorkProps) {
    this.#props = props;
  }

  /** What puts the thread's own settings back, or null when the turn changes none. */
  get restoration(): Restoration | null {
    return this.#props.restoration;
  }

  /** What a new thread is to keep once its first turn has started. */
  keep(labels: Labels, tools: ThreadTools): void {
    this.#labels = labels;
    this.#tools = tools;
  }

  /** Writes down what must be put back. */
  async prepare(): Promise<void> {
    const { thread, restoration } = this.#props;
    if (restoration === null || this.#isPrepared || thread.metadata.isEphemeral) return;
    await thread.attachments.keep('settings', restoration);
    this.#isPrepared = true;
  }

  /** The turn has started: stores what codex-rs takes from now on. Fails no turn. */
  async start(): Promise<void> {
    const { signal } = this.#lateness;
    this.#started ??= this.#held('labels', { signal }, async () => {
      const { metadata, attachments } = this.#props.thread;
      if (metadata.isEphemeral) return;
      await this.prepare();
      if (this.#labels.size > 0) await attachments.writeLabels(this.#labels);
      await this.#tools?.write(attachments);
      // codex-rs forgets some sandboxes, and a turn with another one may come to be the last before a crash.
      await attachments.keep('sandbox', this.#props.sandbox);
    });
    return this.#started;
  }

  /**
   * The turn runs with its settings: has codex-rs keep the thread's own for the next turn, in the rollout. What is stored
   * beside the rollout does not go with it to another home after a crash.
   */
  async secure(): Promise<void> {
    const { restoration, thread } = this.#props;
    const { session, threadId, metadata } = thread;
    const settings = restoration === null ? [] : Object.entries(restoration).filter(isProtective);
    if (this.#secured !== null || settings.length === 0 || metadata.isEphemeral) return;
    this.#secured = session
      .request(
        'thread/settings/update',
        { ...Object.fromEntries(settings), threadId },
        { timeoutMs: patienceMs },
      )
      .then(
        () => undefined,
        // It is done once more when the turn is over.
        () => undefined,
      );
    return this.#secured;
  }

  /**
   * The turn is over: puts the settings back, and waits for what {@link PostTurnWork.start} stores, but not long. What fails now is put
   * back when the thread is loaded again.
   */
  async settle(): Promise<void> {
    const { thread, restoration } = this.#props;
    const { session, threadId, metadata } = thread;
    const timer = timers.setTimeout(() => {
      this.#lateness.abort(late());
    }, patienceMs);
    await this.#started;
    timers.clearTimeout(timer);
    await this.#secured;
    if (restoration === null) return;
    await this.#held('settings', { timeoutMs: patienceMs }, async () => {
      await session.request('thread/settings/update', { ...restoration, threadId });
      if (!metadata.isEphemeral) await thread.attachments.keep('settings', null);
    });
  }

  async #held(during: string, limits: CallLimits, work: () => Promise<void>): Promise<void> {
    const { session, threadId } = this.#props.thread;
    const hold = session.hold();
    try {
      await withCallLimits(limits, work);
    } catch (error) {
      // Never go on with settings that are not the thread's own: it is loaded anew, which puts them back.
      if (during === 'settings') this.#props.thread.close();
      telemetry.problem.publish(() => ({
        threadId,
        during,
        message: messageOf(error),
      }));
    } finally {
      hold[Symbol.dispose]();
    }
  }
}

function late(): TransportError {
  return new TransportError(
    `codex-rs did not confirm within ${patienceMs} ms after the turn that the labels and tools of the thread are stored, so they may be missing. Call setLabels() to store the labels again.`,
    { code: 'timeout' },
  );
}

/** What decides about the damage that a command can do. */
const protective = ['sandboxPolicy', 'permissions', 'approvalPolicy', 'approvalsReviewer', 'cwd'];

function isProtective([name]: [string, unknown]): boolean {
  return protective.includes(name);
}
