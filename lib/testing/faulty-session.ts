import type { ClientRequests } from '../protocol/index.js';
import type { FaultyScript } from './faulty-script.js';
import type { FaultyThread } from './faulty-thread.js';
import type { FaultyWire } from './faulty-wire.js';
import type { FaultyWorld } from './faulty-world.js';

/** What the parts of one running faulty app-server share. @internal */
export interface FaultySession {
  readonly script: FaultyScript;
  readonly world: FaultyWorld;
  readonly wire: FaultyWire;
  readonly generation: number;
  /** What `initialize` reports; nothing is kept there. */
  readonly codexHome: string;
  /** The threads loaded here, by id. */
  readonly threads: Map<string, FaultyThread>;
  /** The `clientInfo.name` of the client, once it introduced itself. */
  clientName: string;
}

/** The outcome of a request that was carried out. @internal */
export interface FaultyAnswer<R> {
  /** What is answered. */
  readonly result: R;
  /** What happens around the reply; without it the reply is all. It calls `acknowledge` exactly once. */
  perform?(acknowledge: () => void): void;
}

/** How requests are carried out, by method; a refusal is thrown as a `FaultyRefusal`. @internal */
export type FaultyCalls = {
  [M in keyof ClientRequests]?: (
    params: NonNullable<ClientRequests[M]['params']>,
  ) => FaultyAnswer<ClientRequests[M]['result']>;
};
