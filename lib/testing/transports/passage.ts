import type { JsonValue } from '../../protocol/index.js';
import type { Gate } from '../model/gate.js';

/** What a fault can do to the connection it happens on. @internal */
export interface FaultyLine {
  /** Delivers a line to the client as if the server had written it. */
  say(line: string): void;
  /** Asks the client something. */
  ask(method: string, params: JsonValue): void;
  /** Ends the server process by SIGKILL. */
  kill(): void;
  /** From now on nothing passes in either direction; the server lives on. */
  freeze(): void;
  /** Ends the connection; an own server ends with it. */
  cut(): void;
}

/** Something that happens to a connection at once, at a message with these params. @internal */
export type FaultAct<Params = never> = (line: FaultyLine, params: Params) => void;

/** A JSON-RPC reply, without its id. @internal */
export type FaultyReply =
  | { readonly result: JsonValue }
  | {
      readonly error: {
        readonly code: number;
        readonly message: string;
        readonly data?: JsonValue;
      };
    };

/** What becomes of one message on its way; each fault that applies to it changes that. @internal */
export class Passage {
  /** What happens right before the message. */
  readonly before: FaultAct[] = [];
  /** What happens right after the message. */
  readonly after: FaultAct[] = [];
  /** What the params of a message, or the result of a reply, are replaced by. */
  readonly edits: ((content: never) => unknown)[] = [];
  /** The reply that a request gets without reaching the server. */
  answer: FaultyReply | null = null;
  isLost = false;
  /** Whether a reply arrives after the reply to a later request. */
  isLate = false;
  /** How often it arrives. */
  copies = 1;
  /** What it waits for. */
  gate: Gate | null = null;
}

/** A fault: it changes the passage of a message and, if that is a request of the client, of the reply. @internal */
export type Fault = (message: Passage, reply: Passage) => void;
