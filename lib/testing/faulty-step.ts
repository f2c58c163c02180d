import type {
  CodexErrorInfo,
  FileUpdateChange,
  JsonValue,
  MessagePhase,
  ThreadItem,
  TokenUsageBreakdown,
} from '../protocol/index.js';
import type { FaultyActionKinds, FaultyTagged } from './faulty-action.js';

/** When the reply to `turn/start` is sent. */
export type FaultyAcknowledgement = 'first' | 'afterStarted' | 'afterCompleted';

/** Which turns are played so. */
export interface FaultyTurnChoice {
  /** Only a turn whose text input contains this. */
  readonly input?: string;
  /** How many turns; 0 is without end. Defaults to 1. */
  readonly times?: number;
  /** Only in this process or in-memory connection, counted from 1. */
  readonly generation?: number;
}

/** One turn: its steps are played between the user's message and the end. */
export interface FaultyTurnPlan extends FaultyTurnChoice {
  /** What happens, in order. A turn whose steps are over completes. */
  readonly steps: readonly FaultyStep[];
  /** When `turn/start` is answered. Defaults to `first`. */
  readonly acknowledged?: FaultyAcknowledgement;
  /** Without any usage update; otherwise one ends the turn unless a step sends its own. Defaults to `false`. */
  readonly withoutUsage?: boolean;
}

/** An agent message. */
export interface FaultyMessage {
  /** The text of the completed item. */
  readonly text: string;
  /** What is streamed before; may differ from the text. Defaults to the text in two parts. */
  readonly deltas?: readonly string[];
  /** Defaults to none, as older models send it. */
  readonly phase?: MessagePhase;
  /** Whether `item/completed` comes, comes after `turn/completed`, or never. Defaults to `normal`. */
  readonly completion?: 'normal' | 'late' | 'missing';
}

/** A command of the agent. */
export interface FaultyCommand {
  /** As the shell gets it. */
  readonly command: string;
  /** What it prints, one output delta each. */
  readonly output?: readonly string[];
  /** Without any output delta, as codex-rs does for a command that ends at once. Defaults to `false`. */
  readonly withoutDeltas?: boolean;
  /** Defaults to 0; another code makes the item `failed`. */
  readonly exitCode?: number;
  /** Asks for approval first; an object adds to or replaces the request's params. Defaults to `false`. */
  readonly approval?: boolean | Readonly<Record<string, JsonValue>>;
  /** It goes on running after the turn, as a background terminal. Defaults to `false`. */
  readonly keepsRunning?: boolean;
}

/** A change of files by the agent. */
export interface FaultyFileChange {
  /** What changes. */
  readonly changes: readonly FileUpdateChange[];
  /** Asks for approval first; an object adds to or replaces the request's params. Defaults to `false`. */
  readonly approval?: boolean | Readonly<Record<string, JsonValue>>;
}

/** A call of one of the client's own tools. */
export interface FaultyToolCall {
  /** The tool's name. */
  readonly tool: string;
  /** The tool's namespace. Defaults to none. */
  readonly namespace?: string;
  /** What the model passes. */
  readonly arguments: JsonValue;
}

/** Any request to the client. */
export interface FaultyServerRequest {
  /** The method, known or not. */
  readonly method: string;
  /** Thread, turn and item ids are added where they are missing. */
  readonly params: Readonly<Record<string, JsonValue>>;
  /** How often the very same request is sent. Defaults to 1. */
  readonly copies?: number;
  /** A gate that resolves the request as if another client had answered; a later reply is ignored. */
  readonly resolvedBy?: string;
}

/** An error as the model provider causes it. */
export interface FaultyTurnError {
  /** For people. */
  readonly message: string;
  /** What the protocol says about it. Defaults to `other`. */
  readonly codexErrorInfo?: CodexErrorInfo;
  /** Defaults to none. */
  readonly additionalDetails?: string;
}

/** What can happen in a turn, and what each needs to know. */
export interface FaultyStepKinds extends FaultyActionKinds {
  /** An agent message. */
  message: FaultyMessage;
  /** What the model thinks. */
  reasoning: {
    /** The parts of the summary. */
    readonly summary: readonly string[];
    /** The raw content. Defaults to none. */
    readonly content?: readonly string[];
  };
  /** A command of the agent. */
  command: FaultyCommand;
  /** A change of files. */
  fileChange: FaultyFileChange;
  /** A call of one of the client's own tools. */
  toolCall: FaultyToolCall;
  /** Any item. */
  item: {
    /** The item, started and completed as given. */
    readonly item: ThreadItem;
    /** Only one of the two. */
    readonly only?: 'started' | 'completed';
  };
  /** An item of a type that no protocol knows. */
  unknownItem: unknown;
  /** A usage update for one model request. */
  usage: {
    /** What it used; what is not given is as in the default turn. */
    readonly usage: Partial<TokenUsageBreakdown>;
  };
  /** An `error` notification that says codex-rs tries again. */
  retry: FaultyTurnError;
  /** A request to the client; the turn goes on when it is answered. */
  request: FaultyServerRequest;
  /** A sub-agent's turn on a thread of its own. */
  subAgent: {
    /** What it does. */
    readonly turn: FaultyTurnPlan;
    /** The parent does not wait for its end. Defaults to `false`. */
    readonly inBackground?: boolean;
  };
  /** The model says nothing more: until an interrupt, or until a steer begins the next model request. */
  silence: unknown;
  /** The turn fails here. */
  fail: FaultyTurnError;
  /** The server interrupts the turn by itself. */
  interrupt: unknown;
  /** The turn completes here; later steps still happen. */
  complete: unknown;
}

/** One thing that happens in a turn. */
export type FaultyStep = FaultyTagged<FaultyStepKinds>;
