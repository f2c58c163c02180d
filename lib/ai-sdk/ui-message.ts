import type { InferUIMessageChunk, UIMessage } from 'ai';
import type { FileUpdateChange, JsonValue, ThreadItem, TurnPlanStep } from '../protocol/index.js';
import type { TurnUsage } from '../turn/usage.js';

/**
 * A message of a chat about a thread: `useChat<CodexUIMessage>()`. An answer has the id of its turn. Its parts are text,
 * reasoning, the tools of {@link CodexUITools}, `dynamic-tool` for tools of MCP servers and of the thread, and the data parts
 * of {@link CodexDataParts}.
 */
export type CodexUIMessage = UIMessage<CodexMessageMetadata, CodexDataParts, CodexUITools>;

/** A piece of the stream that makes a {@link CodexUIMessage}. */
export type CodexUIMessageChunk = InferUIMessageChunk<CodexUIMessage>;

/** What an answer carries besides its parts. */
export interface CodexMessageMetadata {
  /** The thread the turn ran on. */
  readonly threadId?: string;
  /** The turn. */
  readonly turnId?: string;
  /** What the turn spent; absent while it runs, null when the provider reported nothing. */
  readonly usage?: TurnUsage | null;
}

/** The data parts of a {@link CodexUIMessage}, without the prefix `data-`. */
// An interface would not be assignable to the record that the AI SDK wants.
// eslint-disable-next-line @typescript-eslint/consistent-type-definitions
export type CodexDataParts = {
  /** The model's plan as it stands: one part, which is replaced. */
  readonly plan: {
    /** The reason for the last change, or null. */
    readonly explanation: string | null;
    /** The whole plan. */
    readonly plan: readonly TurnPlanStep[];
  };
  /** What the turn spent so far: one part, which is replaced. */
  readonly usage: {
    /** What this turn spent so far. */
    readonly usage: TurnUsage;
    /** What the whole thread spent so far. */
    readonly threadUsage: TurnUsage;
  };
  /** The file changes of the turn so far, as a unified diff: one part, which is replaced. */
  readonly diff: {
    /** The diff. */
    readonly diff: string;
  };
  /** A thread item that is neither text, reasoning nor a tool, such as a compaction. */
  readonly item: ThreadItem;
  /** A transient part, for `onData`: the provider is asked again, or the connection was lost and found. */
  readonly notice: {
    /** What happened. */
    readonly kind: 'retrying' | 'warning' | 'connectionLost' | 'connectionRestored';
    /** The message of codex-rs, empty for `connectionRestored`. */
    readonly message: string;
  };
};

/** The tools of a {@link CodexUIMessage}: the part of `command` is `tool-command`. Codex runs all of them. */
// eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- as above
export type CodexUITools = {
  /** A command in the shell of the agent. */
  readonly command: {
    /** The command. */
    readonly input: {
      /** The whole command line. */
      readonly command: string;
      /** Where it runs. */
      readonly workingDirectory: string;
    };
    /** The result; while the command runs, a preliminary one with the end of its output. */
    readonly output: {
      /** Standard output and standard error. */
      readonly output: string;
      /** The exit code; null while it runs. */
      readonly exitCode: number | null;
      /** How long it ran, in milliseconds, or null. */
      readonly durationMs: number | null;
    };
  };
  /** A change of files. */
  readonly fileChange: {
    /** The proposal. */
    readonly input: {
      /** Each file with its diff. */
      readonly changes: readonly FileUpdateChange[];
    };
    /** The changes that were made. */
    readonly output: {
      /** Each file with its diff. */
      readonly changes: readonly FileUpdateChange[];
    };
  };
  /** A search of the web. */
  readonly webSearch: {
    /** The search. */
    readonly input: {
      /** The query. */
      readonly query: string;
    };
    /** What came of it. */
    readonly output: {
      /** The search results, or null where codex-rs gives none. */
      readonly results: readonly JsonValue[] | null;
    };
  };
  /** A look at an image. */
  readonly imageView: {
    /** The image. */
    readonly input: {
      /** The path of the file. */
      readonly path: string;
    };
    /** Nothing more is known. */
    readonly output: null;
  };
  /** Work with sub-agents. */
  readonly subagent: {
    /** The call. */
    readonly input: {
      /** The verb, such as `spawnAgent`. */
      readonly verb: string;
      /** The text for the sub-agent, or null. */
      readonly prompt: string | null;
      /** The threads of the sub-agents. */
      readonly threadIds: readonly string[];
    };
    /** The outcome. */
    readonly output: {
      /** The state of each sub-agent, by its thread id. */
      readonly agents: Readonly<Record<string, unknown>>;
    };
  };
  /** A question of the agent that belongs to none of the tools above: more permissions, a form, or questions to the user. */
  readonly request: {
    /** The request, as `JSON.stringify` gives an `ApprovalRequest`. */
    readonly input: Readonly<Record<string, unknown>>;
    /** The decision. */
    readonly output: {
      /** The word for it. */
      readonly decision: string;
    };
  };
};
