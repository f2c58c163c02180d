import type { ContenderName, Place } from './contender.js';

/** What a worker is started with. */
export interface WorkerArguments {
  readonly contender: ContenderName;
  readonly place: Place;
}

/** What a worker can be asked, with what it answers. Times are in milliseconds. */
export interface WorkerCommands {
  /** Loads the package, makes a client and a thread, and runs a turn: the first thing a process is asked. */
  readonly cold: { readonly params: object; readonly result: number };
  /** Loads the package only: how long it takes, and how much memory. */
  readonly load: {
    readonly params: { readonly how: 'import' | 'require' };
    readonly result: LoadSample;
  };
  /** Runs turns on the thread at hand; if some are not to count, these first, on a new thread. */
  readonly turns: {
    readonly params: { readonly count: number; readonly uncounted: number };
    readonly result: readonly TurnSample[];
  };
  /** Runs one turn on each of so many new threads, all at once. */
  readonly threads: { readonly params: { readonly count: number }; readonly result: CrowdSample };
  /** Runs turns on a new thread, each with an overridden option or none: milliseconds for all of them. */
  readonly overriding: {
    readonly params: { readonly count: number; readonly overrides: boolean };
    readonly result: number;
  };
  /** Runs a turn on each of so many new threads, which stay loaded. */
  readonly loaded: { readonly params: { readonly count: number }; readonly result: null };
  /** Lists threads, finds one by its label, and resumes one with a turn. */
  readonly stored: { readonly params: object; readonly result: StoredSample };
  /** The memory and the listeners of the process after a garbage collection. */
  readonly footprint: { readonly params: object; readonly result: Footprint };
  /** Describes threads: microseconds for one. */
  readonly describe: { readonly params: { readonly count: number }; readonly result: number };
  /** Ends the client. */
  readonly close: { readonly params: object; readonly result: null };
}

/** What was seen of one turn, from the call that asks for it. */
export interface TurnSample {
  readonly firstEventMs: number;
  readonly firstTextMs: number;
  readonly endMs: number;
  /** Processor time of the host process. */
  readonly cpuMs: number;
}

/** Turns on many threads at once. */
export interface CrowdSample {
  /** Until the last one ended. */
  readonly durationMs: number;
  /** Each turn, from the start of all. */
  readonly turnsMs: readonly number[];
}

/** Calls whose cost may grow with the number of threads. */
export interface StoredSample {
  readonly listMs: number;
  readonly findMs: number;
  readonly resumeMs: number;
}

/** What a process holds. */
export interface Footprint {
  readonly heapBytes: number;
  readonly listeners: number;
}

/** What loading a package costs. */
export interface LoadSample {
  readonly durationMs: number;
  readonly mebibytes: number;
}

/** One question. */
export type WorkerRequest = {
  [Name in keyof WorkerCommands]: {
    readonly command: Name;
    readonly params: WorkerCommands[Name]['params'];
  };
}[keyof WorkerCommands];

/** One answer. */
export type WorkerReply =
  { readonly result: unknown; readonly error?: undefined } | { readonly error: string };
