import { flag, texts } from './option-rules.js';

/**
 * Which of codex-rs's own tools the model is offered. It narrows: what is absent or true stays as codex-rs has it.
 *
 * codex-rs does not keep it with the thread: it holds for threads that are started, resumed or forked with it. What could
 * not be enforced is a `ValidationError` of the first `run` or `open`, and nothing runs.
 *
 * @example
 * ```ts
 * const thread = codex.startThread({
 *   toolSurface: { shell: false, webSearch: false, mcpServers: [], apps: false },
 * });
 * await thread.run('What does this sentence say?');
 * ```
 */
export class ToolSurface {
  /** Whether the model may run commands. Without them it may still change files by patches, within the sandbox. */
  @flag()
  readonly shell?: boolean;

  /** Whether the model may search the web. */
  @flag()
  readonly webSearch?: boolean;

  /** The names of the only MCP servers that are offered, all of which exist; an empty list offers none. */
  @texts()
  readonly mcpServers?: readonly string[];

  /** Whether the apps of the account are offered. */
  @flag()
  readonly apps?: boolean;
}
