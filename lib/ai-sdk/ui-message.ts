import type { InferUIMessageChunk, UIMessage } from 'ai';
import type { FileUpdateChange, JsonValue, ThreadItem, TurnPlanStep } from '../protocol/index.js';
import type { TurnUsage } from '../turn/usage.js';

/**
 * A message of a chat about a thread: `useChat<CodexUIMessage>()`. An answer has the id of its turn. Its parts are text,
 * reasoning, the tools of {@link CodexUITools}, `dynamic-tool` for tools of MCP servers and of the thread, and the data parts
 * of {@link CodexDataParts}.
 */
export type CodexUIMessage = UIMessage<CodexMessageMetadata, CodexDataParts, CodexUITools>;

/** A chunk of the stream of a {@link CodexUIMessage}. */
export type CodexUIMessageChunk = InferUIMessageChunk<CodexUIMessage>;

/** The metadata of an answer. */
export interface CodexMessageMetadata {
  /** The thread of the turn. */
  readonly threadId?: string;
  /** The turn. */
  readonly turnId?: string;
  /** The token usage of the turn; absent while it runs, null if the provider did not report it. */
  readonly usage?: TurnUsage | null;
}

/** The data parts of a {@link CodexUIMessage}, without the prefix `data-`. */
// An interface would not be assignable to the record type of the AI SDK.
// eslint-disable-next-line @typescript-eslint/consistent-type-definitions
export type CodexDataParts = {
  /** The current plan of the model: one part, which is replaced. */
  readonly plan: {
    /** The reason for the last change, or null. */
    readonly explanation: string | null;
    /** The whole plan. */
    readonly plan: readonly TurnPlanStep[];
  };
  /** The token usage so far: one part, which is replaced. */
  readonly usage: {
    /** The usage of this turn so far. */
    readonly usage: TurnUsage;
    /** The usage of the whole thread so far. */
    readonly threadUsage: TurnUsage;
  };
  /** The file changes of the turn so far, as a unified diff: one part, which is replaced. */
  readonly diff: {
    /** The diff. */
    readonly diff: string;
  };
  /** A thread item that is neither text, reasoning nor a tool, such as a compaction. */
  readonly item: ThreadItem;
  /** A transient part, for `onData`: a retry, a warning, or a lost or restored connection. */
  readonly notice: {
    /** The kind of notice. */
    readonly kind: 'retrying' | 'warning' | 'connectionLost' | 'connectionRestored';
    /** The message of codex-rs, empty for `connectionRestored`. */
    readonly message: string;
  };
};

/** The tools of a {@link CodexUIMessage}. The part type of `command` is `tool-command`. Codex runs all of them. */
// eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- as above
export type CodexUITools = {
  /** A command in the shell of the agent. */
  readonly command: {
    /** The command. */
    readonly input: {
      /** The whole command line. */
      readonly command: string;
      /** The working directory of the command. */
      readonly workingDirectory: string;
    };
    /** The result. While the command runs, it is preliminary and contains the end of the output. */
    readonly output: {
      /** Standard output and standard error. */
      readonly output: string;
      /** The exit code; null while it runs. */
      readonly exitCode: number | null;
      /** The duration in milliseconds, or null. */
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
    /** The applied changes. */
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
    /** The result. */
    readonly output: {
      /** The search results, or null if codex-rs does not provide them. */
      readonly results: readonly JsonValue[] | null;
    };
  };
  /** A view of an image. */
  readonly imageView: {
    /** The image. */
    readonly input: {
      /** The path of the file. */
      readonly path: string;
    };
    /** No output is available. */
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
  /**
   * A request of the agent that does not belong to any tool above: for more permissions, a form, or answers of the
   * user.
   */
  readonly request: {
    /** The request, in the JSON form of an `ApprovalRequest`. */
    readonly input: Readonly<Record<string, unknown>>;
    /** The decision. */
    readonly output: {
      /** The verdict. */
      readonly decision: string;
    };
  };
};
