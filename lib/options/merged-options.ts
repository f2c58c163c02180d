import type { Labels } from '../record/labels.js';
import { frozen } from '../validation.js';
import { mergedConfig, settingAt, withoutSetting } from './config-record.js';
import { settingsOfOptions, type ThreadValues } from './contradictions.js';
import { ToolSurface } from './tool-surface.js';

/** The options of a thread that merge, or give way to others. @internal */
export type MergedValues = ThreadValues & {
  readonly labels?: Labels;
  readonly tools?: readonly object[];
};

type OptionName = keyof MergedValues;

/** Options that say the same thing in two ways: a later one of them takes the place of an earlier other one. */
const alternatives: readonly (readonly [OptionName, OptionName])[] = [
  ['approvalMode', 'approvalPolicy'],
  ['approvalPolicy', 'approvalMode'],
  ['webSearchMode', 'webSearchEnabled'],
  ['webSearchEnabled', 'webSearchMode'],
];

/**
 * The values of thread options with later ones over them: labels, `config` and `toolSurface` merge, tools append, the rest
 * is replaced. What the later options make pointless goes: the other way of saying the same, and directories that
 * only the sandbox they were given with could open.
 *
 * @internal
 */
export function mergedValues(earlier: MergedValues, later: MergedValues): Record<string, unknown> {
  const base = withoutSuperseded(earlier, later);
  // A spread of an object that was made from entries takes several times as long.
  const values: Record<string, unknown> = Object.assign({}, base, later);
  if (base.labels && later.labels) values.labels = base.labels.merge(later.labels);
  if (base.tools && later.tools) values.tools = [...base.tools, ...later.tools];
  if (base.config && later.config) values.config = mergedConfig(base.config, later.config);
  if (base.toolSurface && later.toolSurface)
    values.toolSurface = frozen(
      Object.assign(new ToolSurface(), base.toolSurface, later.toolSurface),
    );
  return values;
}

function withoutSuperseded(earlier: MergedValues, later: MergedValues): MergedValues {
  const left = new Map<string, unknown>(Object.entries(earlier));
  let { config } = earlier;
  for (const [given, other] of alternatives) if (later[given] !== undefined) left.delete(other);
  if (later.sandboxMode !== undefined && later.sandboxMode !== 'workspace-write')
    left.delete('additionalDirectories');
  for (const [option, setting] of settingsOfOptions) {
    if (later[option] !== undefined && config) config = withoutSetting(config, setting);
    if (later.config && settingAt(later.config, setting) !== undefined) left.delete(option);
  }
  if (config) left.set('config', config);
  return Object.fromEntries(left);
}
