import type { JsonValue } from '../../protocol/index.js';
import type { Gate } from '../model/gate.js';

/** The actions of a fault on its connection. @internal */
export interface FaultyLine {
  /** Delivers a line to the client as if the server had written it. */
  say(line: string): void;
  /** Sends a request to the client. */
  ask(method: string, params: JsonValue): void;
  /** Ends the server process by SIGKILL. */
  kill(): void;
  /** Stops all messages in both directions; the server keeps running. */
  freeze(): void;
  /** Ends the connection; a server owned by the client ends with it. */
  cut(): void;
}

/** An immediate action on a connection, at a message with these params. @internal */
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

/** The treatment of one message on its way. @internal */
export interface Passage {
  /** Actions right before the message. */
  readonly before: readonly FaultAct[];
  /** Actions right after the message. */
  readonly after: readonly FaultAct[];
  /** Edits of a message's params, or of a reply's result. */
  readonly edits: readonly ((content: never) => unknown)[];
  /** The reply to a request that does not reach the server. */
  readonly answer: FaultyReply | null;
  readonly isLost: boolean;
  /** Whether a reply arrives after the reply to a later request. */
  readonly isLate: boolean;
  /** The number of repetitions. */
  readonly repeats: number;
  /** The gate to wait for. */
  readonly gate: Gate | null;
}

/** A fault: its changes to the passage of a message and, for a request of the client, of the reply. @internal */
export interface Fault {
  readonly message?: Partial<Passage>;
  readonly reply?: Partial<Passage>;
}

/** The passage without any fault. @internal */
export const untouched: Passage = {
  before: [],
  after: [],
  edits: [],
  answer: null,
  isLost: false,
  isLate: false,
  repeats: 0,
  gate: null,
};

/** The passage with the changes of one more fault. @internal */
export function changed(passage: Passage, changes: Partial<Passage> = {}): Passage {
  const { before = [], after = [], edits = [], answer = null, repeats = 0 } = changes;
  return {
    ...passage,
    ...changes,
    before: [...passage.before, ...before],
    after: [...passage.after, ...after],
    edits: [...passage.edits, ...edits],
    answer: passage.answer ?? answer,
    repeats: passage.repeats + repeats,
  };
}
