import type { JsonValue } from '../protocol/index.js';
import type { FaultyThreadRecord } from './faulty-thread-record.js';

/** One line that a faulty app-server received. */
export interface FaultyReceived {
  /** Which process or in-memory connection received it, counted from 1. */
  readonly generation: number;
  /** The line as JSON, or null when it is none. */
  readonly message: FaultyReceivedMessage | null;
  /** The line itself when it is not a JSON object, otherwise absent. */
  readonly malformed?: string;
}

/** A JSON-RPC message of a client: a request, a notification, or a reply to a server request. */
export interface FaultyReceivedMessage {
  /** Present in requests and replies. */
  readonly id?: number | string;
  /** Present in requests and notifications. */
  readonly method?: string;
  /** What the method was called with. */
  readonly params?: JsonValue;
  /** The answer to a server request. */
  readonly result?: JsonValue;
  /** The refusal of a server request. */
  readonly error?: JsonValue;
}

/** One start of a faulty app-server: a process, or a connection in memory. */
export interface FaultyStart {
  /** Counted from 1. */
  readonly generation: number;
  /** The process, or null in memory. */
  readonly pid: number | null;
  /** The arguments of the program; in memory, those it would have got. */
  readonly args: readonly string[];
  /** The working directory of the program. */
  readonly cwd: string;
  /** The environment of the program; in memory, what it would have got. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What outlives one process of a faulty app-server: history, writer locks, transcript and gates. @internal */
export interface FaultyWorld {
  /** Every start so far, in order. */
  readonly starts: readonly FaultyStart[];
  /** Every line received so far, in order. */
  readonly received: readonly FaultyReceived[];
  /** Counts one more start and gives its generation. */
  begin(start: Omit<FaultyStart, 'generation'>): number;
  /** Adds to the transcript. */
  record(entry: FaultyReceived): void;
  /** A thread's history, or null. */
  load(threadId: string): FaultyThreadRecord | null;
  /** All histories, in no particular order. */
  list(): readonly FaultyThreadRecord[];
  /** Stores a thread's history. */
  save(record: FaultyThreadRecord): void;
  /** Forgets a thread. */
  remove(threadId: string): void;
  /** Takes the writer lock of a thread; false when a living other process has it. */
  lock(threadId: string, generation: number): boolean;
  /** Gives the writer lock back. */
  unlock(threadId: string, generation: number): void;
  /** Opens a gate for good. */
  openGate(name: string): void;
  /** Whether a gate was opened. */
  isGateOpen(name: string): boolean;
  /** Says that something waits at a gate. */
  reachGate(name: string): void;
  /** Whether something ever waited at a gate. */
  isGateReached(name: string): boolean;
  /** Resolves with what `check` gives, as soon as it gives something; asked again whenever the transcript or a gate changes. */
  until<T>(check: () => T | undefined): Promise<T>;
}
