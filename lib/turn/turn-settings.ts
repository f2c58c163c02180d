import { ValidationError } from '../errors.js';
import type { TurnStartParams } from '../protocol/index.js';
import type { CodexOptions } from '../options/codex-options.js';
import { effectiveSandbox } from '../options/effective-sandbox.js';
import { wireEnvironments } from '../options/thread-environment.js';
import type { ThreadOptions } from '../options/thread-options.js';
import { refuseMove } from '../isolation/isolation-guard.js';
import type { LoadedThread } from '../loaded/loaded-thread.js';
import { ownSandbox } from '../loaded/own-sandbox.js';
import type { Restoration } from '../loaded/thread-attachments.js';
import { approvalSettings, present, sandboxPolicy } from '../loaded/thread-requests.js';
import { changesOf, type OptionName } from './turn-changes.js';
import { DefaultSummary } from './default-summary.js';

/** The settings of one turn. */
export interface TurnSettings {
  /** The parameters of `turn/start`. */
  readonly params: Omit<TurnStartParams, 'threadId' | 'input'>;
  /** Restores the thread's own settings afterwards; null if the turn changes none. */
  readonly restoration: Restoration | null;
}

/** Properties of {@link turnSettings}. */
export interface TurnSettingsProps {
  /** The options of the client. */
  readonly client: CodexOptions;
  /** The thread's own options. */
  readonly base: ThreadOptions;
  /** The options of the turn. */
  readonly options: ThreadOptions;
  readonly thread: LoadedThread;
}

/**
 * The settings that a turn with these options sends, and those to restore after it.
 *
 * @throws {@link ValidationError} for an option that cannot be changed for a single turn
 */
export async function turnSettings(props: TurnSettingsProps): Promise<TurnSettings> {
  const { client, base, options, thread } = props;
  const changed = changesOf(base, options);
  const has = (...names: OptionName[]): boolean => names.some((name) => changed.includes(name));
  if (has('workingDirectory')) refuseMove(client, options, thread);
  const approvals = has('approvalPolicy', 'approvalMode');
  const restoration = await restorationOf(has, props);
  if (restoration !== null && !client.experimentalApi) throw cannotPutBack(changed);
  return {
    params: present({
      effort: options.modelReasoningEffort,
      summary: options.modelReasoningSummary,
      sandboxPolicy: sandboxPolicy(options),
      model: has('model') ? options.model : undefined,
      cwd: has('workingDirectory') ? options.workingDirectory : undefined,
      // Sent with each turn: codex-rs forgets them when the thread is unloaded.
      environments: wireEnvironments(options.environments),
      ...(approvals ? approvalSettings(options) : {}),
      serviceTierForTurn: has('serviceTier') ? options.serviceTier : undefined,
    }),
    restoration,
  };
}

async function restorationOf(
  has: (...names: OptionName[]) => boolean,
  { base, options, thread }: TurnSettingsProps,
): Promise<Restoration | null> {
  const { reported } = thread;
  const effort = base.modelReasoningEffort ?? reported.reasoningEffort;
  const model = base.model ?? reported.model;
  const restoration = present<Restoration>({
    model: has('model') ? model : undefined,
    cwd: has('workingDirectory') ? reported.cwd : undefined,
    environments: has('environments') ? wireEnvironments(base.environments) : undefined,
    summary: has('modelReasoningSummary')
      ? await new DefaultSummary(thread, base).find(thread.overrides.own.summary ?? null)
      : undefined,
    ...(has('approvalPolicy', 'approvalMode')
      ? { approvalPolicy: reported.approvalPolicy, approvalsReviewer: reported.approvalsReviewer }
      : {}),
    ...(has('networkAccessEnabled', 'additionalDirectories') ||
    effectiveSandbox(options) !== effectiveSandbox(base)
      ? ownSandbox(base, reported)
      : {}),
    ...(has('modelReasoningEffort') ? effortOf(effort, model) : {}),
  });
  return Object.keys(restoration).length === 0 ? null : restoration;
}

function cannotPutBack(changed: readonly OptionName[]): ValidationError {
  const reason =
    'cannot be changed for a single turn with experimentalApi: false, because codex-rs would keep the value for later turns: set it on the thread';
  return new ValidationError(
    'turn options',
    changed.map((path) => ({ path, reason })),
  );
}

/** `effort: null` changes nothing; only a whole collaboration mode unsets it. */
function effortOf(effort: string | null, model: string): Restoration {
  if (effort !== null) return { effort };
  return {
    collaborationMode: {
      mode: 'default',
      settings: { model, reasoning_effort: null, developer_instructions: '' },
    },
  };
}
