import { Labels } from '../record/labels.js';
import { telemetry } from '../telemetry/telemetry.js';
import type { LoadedThread } from './loaded-thread.js';
import { StoredBaseline } from './stored-baseline.js';
import { StoredLabels } from './stored-labels.js';
import type { ThreadTools } from './thread-tools.js';
import type { Restoration } from './turn-settings.js';

/** What a {@link TurnAftermath} is made of. */
export interface TurnAftermathProps {
  readonly thread: LoadedThread;
  /** What puts the thread's own settings back, or null when the turn changes none. */
  readonly restoration: Restoration | null;
}

/** What a turn leaves to be done besides running: labels to store, settings to put back. */
export class TurnAftermath {
  readonly #props: TurnAftermathProps;
  #labels = Labels.empty;
  #tools: ThreadTools | null = null;
  #isPrepared = false;
  #started: Promise<void> | null = null;

  constructor(props: TurnAftermathProps) {
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
    await new StoredBaseline(thread).write(restoration);
    this.#isPrepared = true;
  }

  /** The turn has started: stores what codex-rs takes from now on. Fails no turn. */
  async start(): Promise<void> {
    this.#started ??= this.#held('labels', async () => {
      const { session, threadId, metadata } = this.#props.thread;
      await this.prepare();
      if (this.#labels.size > 0 && !metadata.isEphemeral)
        await new StoredLabels(session, threadId).write(this.#labels);
      if (!metadata.isEphemeral) await this.#tools?.write(this.#props.thread);
    });
    return this.#started;
  }

  /** The turn is over: puts the settings back. What fails now is put back when the thread is loaded again. */
  async settle(): Promise<void> {
    const { thread, restoration } = this.#props;
    await this.#started;
    if (restoration !== null)
      await this.#held('settings', async () => new StoredBaseline(thread).restore(restoration));
  }

  async #held(during: string, work: () => Promise<void>): Promise<void> {
    const { session, threadId } = this.#props.thread;
    const hold = session.hold();
    try {
      await work();
    } catch (error) {
      // Never go on with settings that are not the thread's own: it is loaded anew, which puts them back.
      if (during === 'settings') this.#props.thread.close();
      telemetry.problem.publish(() => ({
        threadId,
        during,
        message: error instanceof Error ? error.message : String(error),
      }));
    } finally {
      hold[Symbol.dispose]();
    }
  }
}
