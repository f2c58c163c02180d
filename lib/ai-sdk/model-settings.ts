import type { LanguageModelV4CallOptions, SharedV4Warning } from '@ai-sdk/provider';

/** The call settings that a turn does not support, each with an alternative. */
const unsupported: Readonly<Partial<Record<keyof LanguageModelV4CallOptions, string>>> = {
  temperature: 'codex-rs does not support it.',
  topP: 'codex-rs does not support it.',
  topK: 'codex-rs does not support it.',
  presencePenalty: 'codex-rs does not support it.',
  frequencyPenalty: 'codex-rs does not support it.',
  seed: 'codex-rs does not support it.',
  stopSequences: 'codex-rs does not support them.',
  maxOutputTokens: 'Use the option budget of codexModel() to limit the turn.',
  includeRawChunks: 'The events of the turn are not forwarded.',
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
      details: 'Codex runs its own tools: add tools to the thread with tool() or an MCP server.',
    });
  else if (call.toolChoice !== undefined && call.toolChoice.type !== 'auto')
    warnings.push({ type: 'unsupported', feature: 'toolChoice' });
  if (call.responseFormat?.type === 'json' && call.responseFormat.schema === undefined)
    warnings.push({
      type: 'unsupported',
      feature: 'responseFormat',
      details: 'JSON requires a schema: without one, the answer is unconstrained text.',
    });
  return warnings;
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);
}
