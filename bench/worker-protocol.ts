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
  readonly threads: { readonly params: { readonly count: number }; readonly result: number };
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
