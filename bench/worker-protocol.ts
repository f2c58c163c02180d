import type { ContenderName, Place } from './contender.js';

/** The parameters of a worker. */
export interface WorkerArguments {
  readonly contender: ContenderName;
  readonly place: Place;
}

/** The tasks of a worker with their results. Times are in milliseconds. */
export interface WorkerCommands {
  /** Loads the package, creates a client and a thread, and runs a turn: the first task of a process. */
  readonly cold: { readonly params: object; readonly result: number };
  /** Loads the package only, and measures time and memory. */
  readonly load: {
    readonly params: { readonly how: 'import' | 'require' };
    readonly result: LoadSample;
  };
  /** Runs turns on the current thread; turns that do not count run first, on a new thread. */
  readonly turns: {
    readonly params: { readonly count: number; readonly uncounted: number };
    readonly result: readonly TurnSample[];
  };
  /** Runs one turn on each of this number of new threads, all at once. */
  readonly threads: { readonly params: { readonly count: number }; readonly result: CrowdSample };
  /** Runs turns on a new thread, each with or without an overridden option: milliseconds for all of them. */
  readonly overriding: {
    readonly params: { readonly count: number; readonly overrides: boolean };
    readonly result: number;
  };
  /** Runs a turn on each of this number of new threads, which stay loaded. */
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

/** The timings of one turn, from the call that starts it. */
export interface TurnSample {
  readonly firstEventMs: number;
  readonly firstTextMs: number;
  readonly endMs: number;
  /** CPU time of the host process. */
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

/** The resources of a process. */
export interface Footprint {
  readonly heapBytes: number;
  readonly listeners: number;
}

/** The cost of loading a package. */
export interface LoadSample {
  readonly durationMs: number;
  readonly mebibytes: number;
}

/** One request. */
export type WorkerRequest = {
  [Name in keyof WorkerCommands]: {
    readonly command: Name;
    readonly params: WorkerCommands[Name]['params'];
  };
}[keyof WorkerCommands];

/** One response. */
export type WorkerReply =
  { readonly result: unknown; readonly error?: undefined } | { readonly error: string };
