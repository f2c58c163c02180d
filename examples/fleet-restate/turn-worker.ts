import { createEndpointHandler, TerminalError } from '@restatedev/restate-sdk';
import { once } from 'node:events';
import { createServer, type Http2Server, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { CodexError } from '../../lib/index.js';
import type { FleetEvent } from '../fleet/fleet-event.js';
import { TurnHandler } from '../fleet/turn-handler.js';
import { turnKey, type TurnJob } from '../fleet/turn-job.js';
import type { WorkerSetup } from '../fleet/worker-setup.js';
import { threadObject, type TurnSignals } from './thread-object.js';

/** Serves the virtual objects of all threads: Restate sends each turn as a request. */
export class TurnWorker {
  readonly #setup: WorkerSetup;
  readonly #handler: TurnHandler;
  readonly #server: Http2Server;
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #shutdown = new AbortController();

  constructor(setup: WorkerSetup) {
    this.#setup = setup;
    this.#handler = new TurnHandler(setup, (event) => {
      this.#tell(event);
    });
    const services = [threadObject(async (job, signals) => this.#run(job, signals))];
    this.#server = createServer(createEndpointHandler({ services }));
    this.#server.on('session', (session) => {
      this.#sessions.add(session);
      session.once('close', () => this.#sessions.delete(session));
    });
  }

  /** Accepts turns, and returns the port. */
  async start(port: number): Promise<number> {
    this.#server.listen(port);
    await once(this.#server, 'listening');
    this.#tell({ kind: 'up' });
    return (this.#server.address() as AddressInfo).port;
  }

  /**
   * Accepts no more turns, and waits for the running ones; after the grace period they are interrupted, and Restate
   * gives them to other workers.
   */
  async close(): Promise<void> {
    const grace = setTimeout(() => {
      this.#shutdown.abort(new Error('The worker shuts down.'));
    }, this.#setup.graceMs);
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const session of this.#sessions) session.close();
    await closed;
    clearTimeout(grace);
    this.#tell({ kind: 'down' });
  }

  async #run(job: TurnJob, { cancelled, lost }: TurnSignals): Promise<string> {
    const signal = AbortSignal.any([cancelled, lost, this.#shutdown.signal]);
    try {
      return await this.#handler.run(job, signal);
    } catch (error) {
      // Restate runs the turn again, on any worker.
      if (signal.aborted && !cancelled.aborted) throw error;
      const text = cancelled.aborted
        ? 'cancelled'
        : CodexError.is(error)
          ? error.code
          : String(error);
      this.#tell({ kind: 'failed', thread: job.thread, turn: turnKey(job), text });
      // A failed turn runs again only on request.
      throw new TerminalError(text, { errorCode: cancelled.aborted ? 409 : 500 });
    }
  }

  /** Restate has no channel for the pieces of an answer. */
  #tell(event: Omit<FleetEvent, 'worker'>): void {
    if (event.kind !== 'delta') console.log(JSON.stringify({ worker: this.#setup.name, ...event }));
  }
}
