import type { Account, Model } from '../protocol/index.js';
import type { FaultyNotificationAction, FaultyRequestAction } from './faulty-action.js';
import type { FaultyTurnPlan } from './faulty-step.js';

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
