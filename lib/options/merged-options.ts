import type { Labels } from '../record/labels.js';
import { frozen } from '../validation.js';
import { mergedConfig, settingAt, withoutSetting } from './config-record.js';
import { settingsOfOptions, type ThreadValues } from './contradictions.js';
import { ToolSurface } from './tool-surface.js';

/** The options of a thread that merge with or replace others. @internal */
export type MergedValues = ThreadValues & {
  readonly labels?: Labels;
  readonly tools?: readonly object[];
};

type OptionName = keyof MergedValues;

/** Pairs of options with the same meaning: the later one replaces the earlier one. */
const alternatives: readonly (readonly [OptionName, OptionName])[] = [
  ['approvalMode', 'approvalPolicy'],
  ['approvalPolicy', 'approvalMode'],
  ['webSearchMode', 'webSearchEnabled'],
  ['webSearchEnabled', 'webSearchMode'],
];

/**
 * Merges later values into the values of thread options: labels, `config` and `toolSurface` merge, tools append, the
 * rest is replaced. Values that the later options make obsolete are dropped: an alternative option with the same
 * meaning, and directories that only the earlier sandbox could open.
 *
 * @internal
 */
export function mergedValues(earlier: MergedValues, later: MergedValues): Record<string, unknown> {
  const base = withoutSuperseded(earlier, later);
  // Spreading an object that was created from entries takes several times as long.
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
