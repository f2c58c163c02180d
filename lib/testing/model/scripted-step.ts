import type { Gate } from './gate.js';

/** What the model says it used. Cached and cache-write tokens are parts of input; reasoning is a part of output. */
export interface ScriptedUsage {
  /** All tokens of the request. Defaults to 10. */
  readonly inputTokens: number;
  /** Those of the input that came from the cache. Defaults to 0. */
  readonly cachedInputTokens: number;
  /** Those of the input that were written to the cache. Defaults to 0. */
  readonly cacheWriteInputTokens: number;
  /** All tokens of the answer. Defaults to 5. */
  readonly outputTokens: number;
  /** Those of the answer that were reasoning. Defaults to 0. */
  readonly reasoningOutputTokens: number;
}

/** How a text is streamed. */
export interface ScriptedPieces {
  /**
   * The pieces that are streamed before the whole text is sent: without any, the provider is one that sends nothing but
   * whole items. Defaults to the text.
   */
  readonly deltas?: readonly string[];
}

/** Details of a message. */
export interface ScriptedMessageOptions extends ScriptedPieces {
  /** Whether the text is said on the way or is the answer; without it codex is told nothing. */
  readonly phase?: 'commentary' | 'final_answer';
  /** The id of the item; without it one is made up. */
  readonly id?: string;
}

/** Details of a shell command. */
export interface ScriptedShellOptions {
  /** Where it runs; without it, in the thread's working directory. */
  readonly workdir?: string;
  /** After how long codex stops waiting and leaves it running, in milliseconds. */
  readonly yieldTimeMs?: number;
  /** Whether the model asks to leave the sandbox. Defaults to `false`. */
  readonly escalated?: boolean;
  /** The model's reason for leaving the sandbox. */
  readonly justification?: string;
}

/** Details of a usage limit. */
export interface ScriptedUsageLimitOptions {
  /** When codex may be used again. */
  readonly resetsAt: Date;
}

/** Details of a function call. */
export interface ScriptedCallOptions {
  /** The namespace of the tool, such as `mcp__demo`. */
  readonly namespace?: string;
}

/** The body of an HTTP error: text as it is, anything else as JSON. */
export type ScriptedBody = string | Readonly<Record<string, unknown>>;

/** A tool call as it goes over the wire, without its ids. @internal */
export type ScriptedCall =
  | {
      readonly type: 'function_call';
      readonly name: string;
      readonly arguments: string;
      readonly namespace?: string;
    }
  | { readonly type: 'custom_tool_call'; readonly name: string; readonly input: string };

/** One part of a reply. @internal */
export type ScriptedStep =
  | ({ readonly type: 'message'; readonly text: string } & ScriptedMessageOptions &
      Required<ScriptedPieces>)
  | { readonly type: 'deltas'; readonly texts: readonly string[] }
  | ({ readonly type: 'reasoning'; readonly summary: string } & Required<ScriptedPieces>)
  | { readonly type: 'compaction'; readonly summary: string }
  | { readonly type: 'call'; readonly call: ScriptedCall }
  | { readonly type: 'delay'; readonly milliseconds: number }
  | { readonly type: 'gate'; readonly gate: Gate }
  | { readonly type: 'failed'; readonly code: string; readonly message: string }
  | { readonly type: 'cut' }
  | {
      readonly type: 'status';
      readonly code: number;
      readonly body: ScriptedBody;
      readonly headers: Readonly<Record<string, string>>;
    };
