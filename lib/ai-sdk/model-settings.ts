import type { LanguageModelV4CallOptions, SharedV4Warning } from '@ai-sdk/provider';

/** The call settings that a turn does not support, each with an alternative. */
const unsupported: Readonly<Partial<Record<keyof LanguageModelV4CallOptions, string>>> = {
  temperature: 'codex-rs does not take it.',
  topP: 'codex-rs does not take it.',
  topK: 'codex-rs does not take it.',
  presencePenalty: 'codex-rs does not take it.',
  frequencyPenalty: 'codex-rs does not take it.',
  seed: 'codex-rs does not take it.',
  stopSequences: 'codex-rs does not take them.',
  maxOutputTokens: 'Limit the turn with the option budget of codexModel().',
  includeRawChunks: 'The events of the turn are not passed on.',
};

/** Returns warnings about ignored settings of a call. */
export function settingWarnings(call: LanguageModelV4CallOptions): readonly SharedV4Warning[] {
  const warnings: SharedV4Warning[] = Object.entries(unsupported)
    .filter(([feature]) => isGiven(call[feature as keyof LanguageModelV4CallOptions]))
    .map(([feature, details]) => ({ type: 'unsupported', feature, details }));
  if (isGiven(call.tools))
    warnings.push({
      type: 'unsupported',
      feature: 'tools',
      details: 'Codex runs its own tools: give the thread more with tool() or an MCP server.',
    });
  else if (call.toolChoice !== undefined && call.toolChoice.type !== 'auto')
    warnings.push({ type: 'unsupported', feature: 'toolChoice' });
  if (call.responseFormat?.type === 'json' && call.responseFormat.schema === undefined)
    warnings.push({
      type: 'unsupported',
      feature: 'responseFormat',
      details: 'JSON needs a schema: without one, the answer is whatever the model writes.',
    });
  return warnings;
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);
}
