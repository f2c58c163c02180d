import type { ContinuationToken } from '../record/continuation-token.js';
import { isDeepStrictEqual } from 'node:util';
import type { ReportedSettings } from '../loaded/reported-settings.js';
import { telemetry } from '../telemetry/telemetry.js';
import type { ThreadOptions } from '../options/thread-options.js';
import type { LoadedThread } from '../loaded/loaded-thread.js';
import {
  isInForce,
  isPlain,
  isUnconfined,
  narrowestSandbox,
  reportedSandbox,
  sandboxIn,
  withoutSandbox,
  type OwnSandbox,
} from '../loaded/own-sandbox.js';
import { firstSettings } from '../loaded/first-settings.js';
import { approvalSettings, present, sandboxPolicy } from '../loaded/thread-requests.js';
import type { Baseline, Restoration } from '../loaded/thread-attachments.js';

/** Properties of a {@link SettingsRecovery}. */
export interface SettingsRecoveryProps {
  readonly thread: LoadedThread;
  /** The options that the thread is loaded with. */
  readonly options: ThreadOptions;
  readonly continuation: ContinuationToken | null;
  /** Whether codex-rs accepts `thread/settings/update` from this client. */
  readonly canUpdate: boolean;
}

/**
 * Restores a thread's own settings when it is loaded: settings that a crash left changed, and the sandbox, which codex-rs
 * forgets or keeps from a turn with another sandbox.
 */
export class SettingsRecovery {
  readonly #props: SettingsRecoveryProps;

  constructor(props: SettingsRecoveryProps) {
    this.#props = props;
  }

  /** Restores the settings before anything runs, and makes the thread report its settings again. */
  async recover(): Promise<void> {
    const { thread } = this.#props;
    const { session, threadId, attachments } = thread;
    const baseline = await attachments.baseline();
    const settings = await this.#lost(baseline);
    if (settings === null) return;
    const { environments } = thread;
    const place = environments === null ? {} : { environments };
    await session.request('thread/settings/update', { ...settings, ...place, threadId });
    await attachments.keep('settings', null);
    await thread.refresh();
  }

  /** The settings to restore, or null. */
  async #lost(baseline: Baseline): Promise<Restoration | null> {
    const { thread, options, continuation, canUpdate } = this.#props;
    // Settings stored in this home before a crash are newer than any token.
    const left: Restoration = baseline.settings ?? continuation?.baseline ?? {};
    const isRecorded = baseline.settings !== null || baseline.sandbox !== null;
    const first = isRecorded ? null : await firstSettings(thread);
    const others = chosenOver(
      { ...differing(withoutSandbox(first ?? {}), thread.reported), ...withoutSandbox(left) },
      options,
    );
    const isChosen = sandboxPolicy(options) !== undefined;
    const sandbox =
      sandboxIn(baseline.settings) ??
      (isChosen ? null : await this.#lostSandbox(baseline.sandbox, sandboxIn(first)));
    const settings = { ...others, ...sandbox };
    if (Object.keys(settings).length === 0) return null;
    // If it cannot be restored, a sandbox narrower than the thread's own is acceptable; a wider one is not.
    const isNeeded =
      Object.keys({ ...left, ...others }).length > 0 ||
      isUnconfined(reportedSandbox(thread.reported));
    return canUpdate || isNeeded ? settings : null;
  }

  async #lostSandbox(
    stored: OwnSandbox | null,
    first: OwnSandbox | null,
  ): Promise<OwnSandbox | null> {
    const { thread, continuation } = this.#props;
    const { reported } = thread;
    const told = sandboxIn(continuation?.baseline ?? null);
    const isWide = isUnconfined(reportedSandbox(reported));
    const records = [told, stored].filter((each) => each !== null);
    const reliable = continuation?.isTrusted === true ? records : [stored];
    if (isWide && records.some((each) => reliable.includes(each) && isInForce(each, reported)))
      return null;
    // Full access is kept but never restored; an unsigned token widens access at most to the workspace.
    const own = records.find(
      (each) => !isUnconfined(each) && (isWide || isPlain(each) || reliable.includes(each)),
    );
    if (own !== undefined) return isInForce(own, reported) ? null : own;
    if (!isWide || !(await this.#isDoubtful(first))) return null;
    telemetry.problem.publish(() => ({
      threadId: thread.threadId,
      during: 'settings',
      message: narrowed,
    }));
    return first === null || isUnconfined(first) ? narrowestSandbox : first;
  }

  /** Whether the thread's full access may not be its own: it may belong to a single turn. */
  async #isDoubtful(first: OwnSandbox | null): Promise<boolean> {
    const { session } = this.#props.thread;
    // An independent server keeps the permissions of its threads.
    if (first === null ? session.ownership === 'own' : !isUnconfined(first)) return true;
    return this.#isInterrupted();
  }

  async #isInterrupted(): Promise<boolean> {
    for await (const { status } of this.#props.thread.turns()) return status === 'interrupted';
    return false;
  }
}

/** The initial settings that differ from the ones codex-rs reports now. */
function differing(first: Restoration, reported: ReportedSettings): Restoration {
  const now: object = reported;
  return Object.fromEntries(
    Object.entries(first).filter(
      ([name, value]) => !isDeepStrictEqual(value, (now as Record<string, unknown>)[name]),
    ),
  );
}

/** The stored settings, overridden by the options. */
function chosenOver(left: Restoration, options: ThreadOptions): Restoration {
  const chosen = present<Restoration>({
    model: options.model,
    cwd: options.workingDirectory,
    ...approvalSettings(options),
  });
  const settings = Object.fromEntries(
    Object.entries({ ...left, ...chosen }).filter(([name]) => name in left),
  ) as Restoration;
  const { collaborationMode: mode } = settings;
  if (mode === undefined || mode === null || options.model === undefined) return settings;
  const { model } = options;
  return { ...settings, collaborationMode: { ...mode, settings: { ...mode.settings, model } } };
}

const narrowed =
  'The last turn had full access, but no record on this machine shows that the thread had it before that turn. The thread continues in the sandbox of its first turn, or in the read-only sandbox: pass sandboxMode to choose another one.';
