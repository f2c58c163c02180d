import { flag, texts } from './option-rules.js';

/**
 * The tools of codex-rs that are offered to the model. It only removes tools: for absent or true, codex-rs decides.
 *
 * codex-rs does not store it with the thread. It applies to threads that are started, resumed or forked with it. If a
 * part of it cannot be enforced, the first `run` or `open` rejects with a `ValidationError`, and nothing runs.
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

  /** The names of the MCP servers to offer, which all must exist. An empty list offers none. */
  @texts()
  readonly mcpServers?: readonly string[];

  /** Whether the apps of the account are offered. */
  @flag()
  readonly apps?: boolean;
}
