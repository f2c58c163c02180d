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

/** What becomes of one message on its way. @internal */
export interface Passage {
  /** What happens right before the message. */
  readonly before: readonly FaultAct[];
  /** What happens right after the message. */
  readonly after: readonly FaultAct[];
  /** What the params of a message, or the result of a reply, are replaced by. */
  readonly edits: readonly ((content: never) => unknown)[];
  /** The reply that a request gets without reaching the server. */
  readonly answer: FaultyReply | null;
  readonly isLost: boolean;
  /** Whether a reply arrives after the reply to a later request. */
  readonly isLate: boolean;
  /** How often it arrives once more. */
  readonly repeats: number;
  /** What it waits for. */
  readonly gate: Gate | null;
}

/** A fault: what it changes of the passage of a message and, if that is a request of the client, of the reply. @internal */
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

/** The passage with what one more fault changes of it. @internal */
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
