import { connect, SendOpts, type Ingress, type Send } from '@restatedev/restate-sdk-clients';
import { objectName } from './names.js';
import type { RequestedTurn, ThreadHandlers } from './thread-object.js';

/** The addresses of Restate. @inline */
export interface TurnQueueOptions {
  /** The address for turns. @defaultValue `http://127.0.0.1:8080` */
  readonly ingress?: string;
  /** The address for operations. @defaultValue `http://127.0.0.1:9070` */
  readonly admin?: string;
}

/** The turns of all threads. Restate keeps them in a queue for each thread. */
export class TurnQueue {
  readonly #ingress: Ingress;
  readonly #results: Ingress;
  readonly #admin: string;

  constructor(options: TurnQueueOptions = {}) {
    const { ingress = 'http://127.0.0.1:8080', admin = 'http://127.0.0.1:9070' } = options;
    this.#ingress = connect({ url: ingress, retry: true });
    // A turn may take longer than the time limit of a request: then the client asks again.
    this.#results = connect({ url: ingress, retry: { maxAttempts: false, maxDuration: false } });
    this.#admin = admin;
  }

  /** Adds the next turn of a thread. Another call with the same id of a job within a day adds no turn. */
  async add(thread: string, turn: RequestedTurn, job: string): Promise<Send<string>> {
    return this.#ingress
      .objectSendClient<ThreadHandlers>({ name: objectName }, thread)
      .run(turn, SendOpts.from({ idempotencyKey: job }));
  }

  /** Resolves with the answer, and rejects if the turn has failed or was cancelled. */
  async result(turn: Send<string>): Promise<string> {
    return this.#results.result(turn);
  }

  /** Removes a waiting turn, or makes the worker of a running turn interrupt it. */
  async cancel({ invocationId }: Pick<Send, 'invocationId'>): Promise<void> {
    await this.#operate(`invocations/${invocationId}/cancel`, 'PATCH');
  }

  /** The number of turns in each state. */
  async counts(): Promise<Record<string, number>> {
    const query = `SELECT status, count(*) AS turns FROM sys_invocation
                   WHERE target_service_name = '${objectName}' GROUP BY status`;
    const { rows } = (await this.#operate('query', 'POST', { query })) as {
      rows: readonly { readonly status: string; readonly turns: number }[];
    };
    return Object.fromEntries(rows.map(({ status, turns }) => [status, turns]));
  }

  /** Registers the address of the workers, which one of them must serve, with its current handlers and options. */
  async register(uri: string): Promise<void> {
    await this.#operate('deployments', 'POST', { uri, force: true });
  }

  async #operate(path: string, method: string, body?: object): Promise<unknown> {
    const response = await fetch(`${this.#admin}/${path}`, {
      method,
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok)
      throw new Error(`Restate refused ${method} ${path}: ${response.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  }
}
