import type { ScriptedRequest } from '../../lib/testing/index.js';

/** The settings of a turn in its model request. */
export function settingsOf(request: ScriptedRequest | undefined): Record<string, unknown> {
  const reasoning = request?.body.reasoning as { effort?: string; summary?: string } | undefined;
  const permissions = request?.instructionsTexts.findLast((text) =>
    text.startsWith('<permissions instructions>'),
  );
  return {
    model: request?.model,
    effort: reasoning?.effort,
    summary: reasoning?.summary,
    sandbox: /`sandbox_mode` is `([a-z-]+)`|Filesystem sandboxing.*?`([a-z-]+)`/s
      .exec(permissions ?? '')
      ?.slice(1)
      .join(''),
  };
}
