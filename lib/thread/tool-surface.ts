import { flag, texts } from './option-rules.js';

/** Which of codex-rs's own tools the model is offered. What is absent stays as codex-rs has it. */
export class ToolSurface {
  /** Whether the model may run commands. */
  @flag()
  readonly shell?: boolean;

  /** Whether the model may search the web. */
  @flag()
  readonly webSearch?: boolean;

  /** The names of the only MCP servers that are offered; an empty list offers none. */
  @texts()
  readonly mcpServers?: readonly string[];

  /** Whether the apps of the account are offered. */
  @flag()
  readonly apps?: boolean;
}
