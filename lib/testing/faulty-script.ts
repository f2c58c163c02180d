import type {
  Account,
  CodexErrorInfo,
  FileUpdateChange,
  JsonValue,
  MessagePhase,
  Model,
  ThreadItem,
  TokenUsageBreakdown,
} from '../protocol/index.js';

/** Everything a faulty app-server is told, as plain JSON: what {@link FaultyAppServer.toJSON} gives and the program reads. */
export interface FaultyScript {
  /** The turns to play instead of the default one; the first that fits a `turn/start` is taken. */
  readonly turns?: readonly FaultyTurnPlan[];
  /** The misbehaviour, each tied to a request or a notification. */
  readonly faults?: readonly FaultyFault[];
  /** How the server as a whole behaves. */
  readonly server?: FaultyServerBehaviour;
  /** An absolute folder for history, transcript and gates, shared by all processes that name it. */
  readonly directory?: string;
}

/** What holds for the whole life of the server. */
export interface FaultyServerBehaviour {
  /** SIGTERM is ignored. Has no meaning in memory. Defaults to `false`. */
  readonly ignoresSigterm?: boolean;
  /** The end of standard input is ignored: only a signal ends the program. Defaults to `false`. */
  readonly ignoresStdinEnd?: boolean;
  /** Every byte is written on its own. Defaults to `false`. */
  readonly splitsUtf8?: boolean;
  /** Objects carry keys that no protocol type knows. Defaults to `false`. */
  readonly addsFields?: boolean;
  /** Every notification is sent twice. Defaults to `false`. */
  readonly duplicatesNotifications?: boolean;
  /** Who is logged in at the start. Defaults to nobody. */
  readonly account?: Account | null;
  /** Whether the provider needs an OpenAI login. Defaults to `false`. */
  readonly requiresOpenaiAuth?: boolean;
  /** What `model/list` answers. Defaults to one model. */
  readonly models?: readonly Model[];
  /** What `--version` prints. Defaults to `codex-cli 0.169.0`. */
  readonly version?: string;
  /** After this many milliseconds the program ends by itself, whatever it ignores. Defaults to 600,000. */
  readonly lifetimeMs?: number;
}

/** Which of several equal messages a fault is for; both counts begin anew in each process. */
export interface FaultyOccurrence {
  /** The first one meant, counted from 1. Without it and without `times`: every one. */
  readonly nth?: number;
  /** How many, from `nth` on. Defaults to 1 with `nth`, to all without. */
  readonly times?: number;
  /** Only in this process or in-memory connection, counted from 1. The program needs a directory to count. */
  readonly generation?: number;
  /** Whether the fault comes before the message or after it. Defaults to `before`. */
  readonly when?: 'before' | 'after';
}

/** One misbehaviour, tied to a request that arrives or to a notification that is sent. */
export type FaultyFault = FaultyRequestFault | FaultyNotificationFault;

/** A misbehaviour at a client's request; `before` means before it is carried out, `after` when its reply has been sent. */
export interface FaultyRequestFault extends FaultyOccurrence {
  /** The method, such as `turn/start`. */
  readonly request: string;
  /** What happens. */
  readonly do: FaultyRequestAction;
}

/** A misbehaviour at one of the server's own notifications. */
export interface FaultyNotificationFault extends FaultyOccurrence {
  /** The method, such as `turn/started`. */
  readonly notification: string;
  /** What happens. */
  readonly do: FaultyNotificationAction;
}

/** What can happen anywhere: at a message or as a step of a turn. */
export type FaultyAction =
  /** The process ends by itself. */
  | { readonly type: 'exit'; readonly code: number }
  /** The process ends by SIGKILL. */
  | { readonly type: 'kill' }
  /** A line that is no message. */
  | { readonly type: 'garbage'; readonly text: string }
  /** Text without a line end: the beginning of the next line, or of none. */
  | { readonly type: 'raw'; readonly text: string }
  /** Empty lines. */
  | { readonly type: 'blankLines'; readonly count: number }
  /** One valid `warning` notification of exactly this many bytes. */
  | { readonly type: 'hugeFrame'; readonly bytes: number }
  /** Lines on standard error. */
  | { readonly type: 'floodStderr'; readonly bytes: number }
  /** A notification whose method no protocol knows. */
  | { readonly type: 'unknownNotification' }
  /** A server request whose method no protocol knows; its reply is not awaited. */
  | { readonly type: 'unknownServerRequest' }
  /** Any notification, as given. */
  | { readonly type: 'notify'; readonly method: string; readonly params: JsonValue }
  /** Waits until a gate is opened. */
  | { readonly type: 'waitFor'; readonly gate: string }
  /** Standard output ends; the process lives on. */
  | { readonly type: 'closeStdout' }
  /** Nothing is read any more, so that the client's writes fill the pipe. */
  | { readonly type: 'stopReadingStdin' }
  /** The server reads on, and neither does nor says anything more. */
  | { readonly type: 'freeze' };

/** What can happen anywhere without waiting. */
export type FaultyImmediateAction = Exclude<FaultyAction, { readonly type: 'waitFor' }>;

/** What can happen to a client's request. */
export type FaultyRequestAction =
  | FaultyAction
  /** It is carried out; its reply never comes. */
  | { readonly type: 'dropReply' }
  /** It is neither carried out nor answered. */
  | { readonly type: 'stall' }
  /** It is carried out at once; its reply comes when the gate opens. */
  | { readonly type: 'delayReply'; readonly gate: string }
  /** The same reply comes twice. */
  | { readonly type: 'replyTwice' }
  /** Its reply comes right after the reply to the next request. */
  | { readonly type: 'replyOutOfOrder' }
  /** It is refused and not carried out. */
  | {
      readonly type: 'reject';
      readonly code: number;
      readonly message: string;
      readonly data?: JsonValue;
    }
  /** It is not carried out; this is the answer. */
  | { readonly type: 'answer'; readonly result: JsonValue }
  /** Its reply carries keys that no protocol type knows. */
  | { readonly type: 'addFields' };

/** What can happen to a notification. */
export type FaultyNotificationAction =
  | FaultyImmediateAction
  /** It is not sent. */
  | { readonly type: 'drop' }
  /** It is sent twice. */
  | { readonly type: 'duplicate' }
  /** It is sent when the gate opens; later ones overtake it. */
  | { readonly type: 'hold'; readonly gate: string }
  /** It carries keys that no protocol type knows. */
  | { readonly type: 'addFields' };

/** When the reply to `turn/start` is sent. */
export type FaultyAcknowledgement = 'first' | 'afterStarted' | 'afterCompleted';

/** One turn: its steps are played between the user's message and the end. */
export interface FaultyTurnPlan {
  /** What happens, in order. A turn whose steps are over completes. */
  readonly steps: readonly FaultyStep[];
  /** When `turn/start` is answered. Defaults to `first`. */
  readonly acknowledged?: FaultyAcknowledgement;
  /** Only for a turn whose text input contains this. */
  readonly input?: string;
  /** How many turns are played so; 0 is without end. Defaults to 1. */
  readonly times?: number;
  /** Only in this process or in-memory connection, counted from 1. */
  readonly generation?: number;
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

/** One thing that happens in a turn. */
export type FaultyStep =
  | FaultyAction
  | ({ readonly type: 'message' } & FaultyMessage)
  | {
      readonly type: 'reasoning';
      readonly summary: readonly string[];
      readonly content?: readonly string[];
    }
  | ({ readonly type: 'command' } & FaultyCommand)
  | ({ readonly type: 'fileChange' } & FaultyFileChange)
  | ({ readonly type: 'toolCall' } & FaultyToolCall)
  /** Any item, started and completed as given, or one of the two. */
  | { readonly type: 'item'; readonly item: ThreadItem; readonly only?: 'started' | 'completed' }
  /** An item of a type that no protocol knows. */
  | { readonly type: 'unknownItem' }
  /** A usage update for one model request; what is not given is as in the default turn. */
  | { readonly type: 'usage'; readonly usage: Partial<TokenUsageBreakdown> }
  /** An `error` notification that says codex-rs tries again. */
  | ({ readonly type: 'retry' } & FaultyTurnError)
  /** A request to the client; the turn goes on when it is answered. */
  | ({ readonly type: 'request' } & FaultyServerRequest)
  /** A sub-agent's turn on a thread of its own; the parent waits for its end unless `inBackground`. */
  | { readonly type: 'subAgent'; readonly turn: FaultyTurnPlan; readonly inBackground?: boolean }
  /** The model says nothing more: until an interrupt, or until a steer begins the next model request. */
  | { readonly type: 'silence' }
  /** The turn fails here. */
  | ({ readonly type: 'fail' } & FaultyTurnError)
  /** The server interrupts the turn by itself. */
  | { readonly type: 'interrupt' }
  /** The turn completes here; later steps still happen. */
  | { readonly type: 'complete' };
