import { isDeepStrictEqual } from 'node:util';
import type { AppServerSession } from '../wire/app-server-session.js';
import { callLimits, withCallLimits } from '../wire/call-limits.js';
import type { ThreadMetadata } from '../record/thread-metadata.js';
import { reportProblem } from '../telemetry/report-problem.js';
import type { TurnEnvironmentParams } from '../protocol/index.js';
import type { KnownSettings, ReportedSettings } from './reported-settings.js';
import type { Restoration, ThreadAttachments } from './thread-attachments.js';

/** The time limit for restoring settings, in milliseconds. It takes about 5 ms. */
const patienceMs = 2000;

/** The settings that limit the damage of a command. */
const protective = [
  'sandboxPolicy',
  'permissions',
  'approvalPolicy',
  'approvalsReviewer',
  'cwd',
  'environments',
];

/** A loaded thread whose turns have their own settings. */
export interface OverriddenThread {
  readonly session: AppServerSession;
  readonly threadId: string;
  readonly metadata: Pick<ThreadMetadata, 'isEphemeral'>;
  readonly attachments: ThreadAttachments;
  readonly reported: Pick<ReportedSettings, 'serviceTier'>;
  /** Its environments, or null: given only a directory, codex-rs would select its own machine. */
  readonly environments: TurnEnvironmentParams[] | null;
  /** Makes the next use load the thread again. */
  close(): void;
}

/**
 * The settings that turns have changed on a loaded thread and that are not yet restored: codex-rs keeps the settings of a
 * turn for later turns. They stay in force across consecutive turns with the same settings.
 *
 * The thread's own settings are stored with it before a turn changes them, so that they are restored after a crash too. If
 * they cannot be restored here, the thread is closed: loading it again restores them from the stored copy.
 */
export class TurnOverrides {
  readonly #thread: OverriddenThread;
  #inForce: Restoration = {};
  #known: KnownSettings | null = null;

  constructor(thread: OverriddenThread) {
    this.#thread = thread;
  }

  /** The settings to restore, or null if the thread's own are in force. */
  get restoration(): Restoration | null {
    return isEmpty(this.#inForce) ? null : this.#inForce;
  }

  /** The known own settings of the thread since it was loaded. */
  get own(): KnownSettings {
    const { serviceTier } = this.#thread.reported;
    const { summary } = this.#inForce;
    return { ...(this.#known ?? { serviceTier }), ...(summary ? { summary } : {}) };
  }

  /** Accepts the settings in force as reported by codex-rs. */
  accept(settings: KnownSettings): void {
    this.#known = settings;
  }

  /**
   * Prepares for a turn: restores settings that the turn would inherit from an earlier one.
   *
   * @param params - the settings sent with `turn/start`
   * @param restoration - the settings that restore those the turn changes
   */
  async prepare(params: object, restoration: Restoration | null): Promise<void> {
    await this.#held(async () => {
      // While the stored copy is replaced, no changed settings may be in force.
      const isStored = await this.#isStored(restoration ?? {});
      await this.#send(isStored ? inherited(this.#inForce, params) : this.#inForce);
    });
    this.#inForce = { ...this.#inForce, ...restoration };
  }

  /** Stores the settings to restore, or removes them if the thread's own are in force. Requires a started turn. */
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

  /** The turn runs: of the settings changed before, only those that it changes too remain. */
  begin(restoration: Restoration | null): void {
    this.#inForce = restoration ?? {};
  }

  /**
   * The turn runs with its settings: restores those that limit the damage of a command, for the next turn and in the
   * rollout. Data stored outside the rollout does not move with it to another home after a crash.
   *
   * @param isOver - whether the turn is over. Then it is repeated: codex-rs confirms before it has written the rollout
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
      // It is repeated when the turn is over.
    }
  }

  /** The turn is over: restores the settings unless they are harmless and can be restored after a crash. */
  async settle(): Promise<void> {
    await this.#held(async () => {
      const isProtective = Object.keys(this.#inForce).some((name) => protective.includes(name));
      if (isProtective || !(await this.#isStored())) await this.#restore();
    });
  }

  /** Restores the thread's own settings and removes the stored copy. */
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
    // codex-rs reports it too, but not always before the next turn.
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
      // Never continue with settings that are not the thread's own.
      this.#thread.close();
      reportProblem(threadId, 'settings', error);
    } finally {
      hold[Symbol.dispose]();
    }
  }
}

/** The settings in force that a turn with these parameters would keep. */
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
