import { isDeepStrictEqual } from 'node:util';
import { ValidationError, type ValidationProblem } from '../errors.js';
import { settingAt, withoutSetting, type ConfigRecord } from '../options/config-record.js';
import { settingsOfOptions } from '../options/contradictions.js';
import { effectiveSandbox } from '../options/effective-sandbox.js';
import type { ThreadOptions } from '../options/thread-options.js';

/** The name of an option of a thread. */
export type OptionName = Exclude<
  keyof ThreadOptions & string,
  'labelled' | 'merge' | 'equals' | 'toJSON'
>;

/** A turn may override only the options that can be restored afterwards. */
const changeable: readonly OptionName[] = [
  'model',
  'modelReasoningEffort',
  'modelReasoningSummary',
  'sandboxMode',
  'networkAccessEnabled',
  'additionalDirectories',
  'approvalPolicy',
  'approvalMode',
  'workingDirectory',
  'environments',
  'serviceTier',
];

/** These need no restoring: they are not sent to codex-rs with a turn. */
const local: readonly OptionName[] = ['labels', 'approvals', 'tools', 'skipGitRepoCheck'];

/** Omitting one of these means false. */
const offByDefault: readonly OptionName[] = ['ephemeral', 'trustProject'];

/**
 * The options in which a turn differs from its thread.
 *
 * @throws {@link ValidationError} for options that cannot be changed for a single turn
 */
export function changesOf(base: ThreadOptions, options: ThreadOptions): readonly OptionName[] {
  const changed = (Object.keys(options) as OptionName[]).filter(
    (name) =>
      !local.includes(name) &&
      options[name] !== undefined &&
      !isDeepStrictEqual(options[name], ownValue(base, options, name)),
  );
  const problems = changed
    .filter((name) => !changeable.includes(name))
    .flatMap((name) => (name === 'config' ? configProblems(base, options) : [problem(name)]));
  // Otherwise the turn would run without the sandbox that its approval mode requires.
  if (effectiveSandbox(base) !== undefined && effectiveSandbox(options) === undefined)
    problems.push({
      path: 'approvalMode',
      reason:
        'cannot replace "dangerouslyBypassApprovalsAndSandbox" for a single turn without a sandbox: pass sandboxMode for the turn too',
    });
  if (options.environments?.length === 0 && (base.environments ?? []).length > 0)
    problems.push(problem('environments'));
  if (problems.length > 0) throw new ValidationError('turn options', problems);
  return changed;
}

function ownValue(base: ThreadOptions, options: ThreadOptions, name: OptionName): unknown {
  if (name === 'config') return configLeft(base, options);
  return base[name] ?? (offByDefault.includes(name) ? false : undefined);
}

/** The thread's configuration without the values that the turn's options override. */
function configLeft(base: ThreadOptions, options: ThreadOptions): ConfigRecord {
  return settingsOfOptions
    .filter(([option]) => differs(base, options, option as OptionName))
    .reduce<ConfigRecord>(
      (config, [, setting]) => withoutSetting(config, setting),
      base.config ?? {},
    );
}

function differs(base: ThreadOptions, options: ThreadOptions, name: OptionName): boolean {
  return !isDeepStrictEqual(options[name], base[name]);
}

/** If a setting has its own option, the option can be changed for a turn, and is often the intended one. */
function configProblems(base: ThreadOptions, options: ThreadOptions): readonly ValidationProblem[] {
  const [before, after] = [base.config ?? {}, options.config ?? {}];
  const named = settingsOfOptions
    .filter(([option]) => changeable.includes(option as OptionName))
    .filter(([, setting]) => settingAt(after, setting) !== undefined)
    .filter(
      ([, setting]) => !isDeepStrictEqual(settingAt(after, setting), settingAt(before, setting)),
    )
    .map(([option, setting]) => ({
      path: `config.${setting}`,
      reason: `cannot be changed for a single turn through config: pass ${option} for the turn instead`,
    }));
  return named.length === 0 ? [problem('config')] : named;
}

function problem(path: OptionName): ValidationProblem {
  return {
    path,
    reason: 'cannot be changed for a single turn: set it on the thread',
  };
}
