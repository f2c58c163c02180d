import type { JsonValue } from '../protocol/index.js';

/** One of several kinds of thing, told apart by its `type`; the fields of each kind stand in an interface. */
export type FaultyTagged<Kinds> = {
  [Kind in keyof Kinds]: {
    /** Which kind it is. */
    readonly type: Kind;
  } & Kinds[Kind];
}[keyof Kinds];

/** What can happen anywhere without waiting, and what each needs to know. */
export interface FaultyImmediateActions {
  /** The process ends by itself. */
  exit: {
    /** Its exit code. */
    readonly code: number;
  };
  /** The process ends by SIGKILL. */
  kill: unknown;
  /** A line that is no message. */
  garbage: {
    /** The line, without its end. */
    readonly text: string;
  };
  /** Text without a line end: the beginning of the next line, or of none. */
  raw: {
    /** The text. */
    readonly text: string;
  };
  /** Empty lines. */
  blankLines: {
    /** How many. */
    readonly count: number;
  };
  /** One valid `warning` notification. */
  hugeFrame: {
    /** The length of its line without the line end; at least 200. */
    readonly bytes: number;
  };
  /** Lines on standard error. */
  floodStderr: {
    /** How much. */
    readonly bytes: number;
  };
  /** A notification whose method no protocol knows. */
  unknownNotification: unknown;
  /** A server request whose method no protocol knows; its reply is not awaited. */
  unknownServerRequest: unknown;
  /** Any notification, as given. */
  notify: {
    /** Its method. */
    readonly method: string;
    /** Its params. */
    readonly params: JsonValue;
  };
  /** Standard output ends; the process lives on. */
  closeStdout: unknown;
  /** Nothing is read any more, so that the client's writes fill the pipe. */
  stopReadingStdin: unknown;
  /** The server reads on, and neither does nor says anything more. */
  freeze: unknown;
}

/** Something waits. */
export interface FaultyWaiting {
  /** The name of the gate that ends the wait. */
  readonly gate: string;
}

/** What can happen anywhere: at a request or as a step of a turn. */
export interface FaultyActionKinds extends FaultyImmediateActions {
  /** Waits until a gate is opened. */
  waitFor: FaultyWaiting;
}

/** What can happen to a client's request, and what each needs to know. */
export interface FaultyRequestActionKinds extends FaultyActionKinds {
  /** It is carried out; its reply never comes. */
  dropReply: unknown;
  /** It is neither carried out nor answered. */
  stall: unknown;
  /** It is carried out at once; its reply comes when the gate opens. */
  delayReply: FaultyWaiting;
  /** The same reply comes twice. */
  replyTwice: unknown;
  /** Its reply comes right after the reply to the next request. */
  replyOutOfOrder: unknown;
  /** It is refused and not carried out. */
  reject: {
    /** The JSON-RPC code. */
    readonly code: number;
    /** The server's words. */
    readonly message: string;
    /** The `data` of the error. Defaults to none. */
    readonly data?: JsonValue;
  };
  /** It is not carried out. */
  answer: {
    /** What is answered instead. */
    readonly result: JsonValue;
  };
  /** Its reply carries keys that no protocol type knows. */
  addFields: unknown;
}

/** What can happen to a notification, and what each needs to know. */
export interface FaultyNotificationActionKinds extends FaultyImmediateActions {
  /** It is not sent. */
  drop: unknown;
  /** It is sent twice. */
  duplicate: unknown;
  /** It is sent when the gate opens; later ones overtake it. */
  hold: FaultyWaiting;
  /** It carries keys that no protocol type knows. */
  addFields: unknown;
}

/** What can happen anywhere without waiting. */
export type FaultyImmediateAction = FaultyTagged<FaultyImmediateActions>;
/** What can happen anywhere. */
export type FaultyAction = FaultyTagged<FaultyActionKinds>;
/** What can happen to a client's request. */
export type FaultyRequestAction = FaultyTagged<FaultyRequestActionKinds>;
/** What can happen to a notification. */
export type FaultyNotificationAction = FaultyTagged<FaultyNotificationActionKinds>;
