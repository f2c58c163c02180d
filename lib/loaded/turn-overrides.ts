import { isDeepStrictEqual } from 'node:util';
import type { AppServerSession } from '../wire/app-server-session.js';
import { callLimits, withCallLimits } from '../wire/call-limits.js';
import type { ThreadMetadata } from '../record/thread-metadata.js';
import { reportProblem } from '../telemetry/report-problem.js';
import type { TurnEnvironmentParams } from '../protocol/index.js';
import type { KnownSettings, ReportedSettings } from './reported-settings.js';
import type { Restoration, ThreadAttachments } from './thread-attachments.js';

/** How long codex-rs may take to put settings back, in milliseconds. It takes some 5 ms. */
const patienceMs = 2000;

/** What decides about the damage that a command can do. */
const protective = [
  'sandboxPolicy',
  'permissions',
  'approvalPolicy',
  'approvalsReviewer',
  'cwd',
  'environments',
];

/** A loaded thread whose turns have settings of their own. */
export interface OverriddenThread {
  readonly session: AppServerSession;
  readonly threadId: string;
  readonly metadata: Pick<ThreadMetadata, 'isEphemeral'>;
  readonly attachments: ThreadAttachments;
  readonly reported: Pick<ReportedSettings, 'serviceTier'>;
  /** Its environments, or null: with a directory alone, codex-rs would select its own machine. */
  readonly environments: TurnEnvironmentParams[] | null;
  /** Has the next user load the thread again. */
  close(): void;
}

/**
 * The settings that turns have changed on a loaded thread, as far as they are not put back yet: codex-rs keeps the settings
 * of a turn for the turns after it. They stay in force while turns with the same settings follow each other.
 *
 * The thread's own settings are stored with it before a turn changes them, so that they are put back after a crash too. If
 * they cannot be put back here, the thread is closed: loaded again, it gets them from what is stored.
 */
export class TurnOverrides {
  readonly #thread: OverriddenThread;
  #inForce: Restoration = {};
  #known: KnownSettings | null = null;

  constructor(thread: OverriddenThread) {
    this.#thread = thread;
  }

  /** What puts the thread's own settings back, or null if they are in force. */
  get restoration(): Restoration | null {
    return isEmpty(this.#inForce) ? null : this.#inForce;
  }

  /** What is known of the thread's own settings since it was loaded. */
  get own(): KnownSettings {
    const { serviceTier } = this.#thread.reported;
    const { summary } = this.#inForce;
    return { ...(this.#known ?? { serviceTier }), ...(summary ? { summary } : {}) };
  }

  /** Takes in what codex-rs says of the settings that are in force. */
  accept(settings: KnownSettings): void {
    this.#known = settings;
  }

  /**
   * Prepares for a turn: puts back what the turn would have from an earlier one.
   *
   * @param params - the settings that go with `turn/start`
   * @param restoration - what puts back those that the turn changes
   */
  async prepare(params: object, restoration: Restoration | null): Promise<void> {
    await this.#held(async () => {
      // While what is stored is replaced, nothing may be in force.
      const isStored = await this.#isStored(restoration ?? {});
      await this.#send(isStored ? inherited(this.#inForce, params) : this.#inForce);
    });
    this.#inForce = { ...this.#inForce, ...restoration };
  }

  /** Stores what puts the thread's own settings back, or removes it if they are in force. Needs a started turn. */
  async store(): Promise<void> {
    const { attachments, metadata } = this.#thread;
    if (metadata.isEphemeral) return;
    if (isEmpty(this.#inForce)) await attachments.keep('settings', null);
    else if (!(await this.#isStored())) {
      const { settings } = await attachments.baseline();
      const all = { ...settings, ...this.#inForce };
      await attachments.ifPossible('settings', async () => attachments.keep('settings', all));
    }
  }

  /** The turn runs: of the settings that were changed before, it has only those that it changes too. */
  begin(restoration: Restoration | null): void {
    this.#inForce = restoration ?? {};
  }

  /**
   * The turn runs with its settings: puts back what decides about the damage that a command can do, for the next turn and in
   * the rollout. What is stored beside the rollout does not go with it to another home after a crash.
   *
   * @param isOver - whether the turn is over. Then it is done once more: codex-rs confirms before it has written the rollout
   */
  async secure(isOver: () => boolean): Promise<void> {
    if (this.#thread.metadata.isEphemeral) return;
    const inForce = this.#inForce;
    try {
      await withCallLimits({ timeoutMs: patienceMs }, async () =>
        this.#send(picked(inForce, (name) => protective.includes(name))),
      );
      if (isOver()) this.#inForce = inForce;
    } catch {
      // It is done once more when the turn is over.
    }
  }

  /** The turn is over: puts its settings back unless they do no damage, and a crash leaves a way back. */
  async settle(): Promise<void> {
    await this.#held(async () => {
      const isProtective = Object.keys(this.#inForce).some((name) => protective.includes(name));
      if (isProtective || !(await this.#isStored())) await this.#restore();
    });
  }

  /** Puts the thread's own settings back, which are then stored no longer. */
  async putBack(): Promise<void> {
    await this.#held(async () => this.#restore());
  }

  async #restore(): Promise<void> {
    await this.#send(this.#inForce);
    await this.store();
  }

  async #isStored(part = this.#inForce): Promise<boolean> {
    const { attachments, metadata } = this.#thread;
    if (metadata.isEphemeral) return true;
    const { settings } = await attachments.baseline();
    return isDeepStrictEqual({ ...settings, ...part }, settings ?? {});
  }

  async #send(settings: Restoration): Promise<void> {
    if (isEmpty(settings)) return;
    const { session, threadId, environments } = this.#thread;
    const place = environments === null ? {} : { environments };
    await session.request('thread/settings/update', { ...place, ...settings, threadId });
    // codex-rs says so too, but not always before the next turn.
    this.#known = this.own;
    this.#inForce = picked(this.#inForce, (name) => !(name in settings));
  }

  async #held(work: () => Promise<void>): Promise<void> {
    const { session, threadId } = this.#thread;
    const { signal, timeoutMs = patienceMs } = callLimits();
    const limits = { timeoutMs: Math.min(timeoutMs, patienceMs) };
    const hold = session.hold();
    try {
      await withCallLimits(signal === undefined ? limits : { ...limits, signal }, work);
    } catch (error) {
      if (signal?.aborted === true) throw error;
      // Never go on with settings that are not the thread's own.
      this.#thread.close();
      reportProblem(threadId, 'settings', error);
    } finally {
      hold[Symbol.dispose]();
    }
  }
}

/** What a turn with these parameters would keep of the settings in force. */
function inherited(inForce: Restoration, params: object): Restoration {
  const names: Readonly<Record<string, string>> = {
    collaborationMode: 'effort',
    permissions: 'sandboxPolicy',
  };
  return picked(inForce, (name) => !((names[name] ?? name) in params));
}

function picked(settings: Restoration, isPicked: (name: string) => boolean): Restoration {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => isPicked(name)));
}

function isEmpty(settings: Restoration): boolean {
  return Object.keys(settings).length === 0;
}
