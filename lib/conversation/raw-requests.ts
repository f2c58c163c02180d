import type { AppServer } from '../wire/app-server.js';
import type { CallOptions } from '../wire/call-limits.js';
import { readOnlyMethods } from '../wire/method-kinds.js';
import { RequestError } from '../errors.js';
import { within } from '../within.js';
import type { ClientRequests } from '../protocol/index.js';
import type { LiveThread } from './live-thread.js';
import { placedParams } from '../turn/placed-params.js';
import { isActive } from '../loaded/is-active.js';
import { unloadThread } from '../loaded/unload-thread.js';

/** Properties of {@link RawRequests}. @internal */
export interface RawRequestsProps {
  readonly server: AppServer;
  /** The thread in this client, if it has one. */
  readonly find: (threadId: string) => LiveThread | undefined;
}

/** The name of a request that codex-rs answers. */
export type RequestMethod = keyof ClientRequests;
/** The parameters of a request, in wire format. */
export type RequestParams<M extends RequestMethod> = ClientRequests[M]['params'];
/** The result of a request, in wire format. */
export type RequestResult<M extends RequestMethod> = ClientRequests[M]['result'];
/** The arguments after the method: the parameters, unless the request needs none, and the limits of the call. @inline */
export type RequestArguments<M extends RequestMethod> =
  undefined extends RequestParams<M>
    ? [params?: RequestParams<M>, options?: CallOptions]
    : [params: RequestParams<M>, options?: CallOptions];

/** These make the thread run a turn; during a running turn they would steer it or cut it off. */
const startingTurns: readonly RequestMethod[] = [
  'review/start',
  'thread/compact/start',
  'thread/shellCommand',
  'turn/start',
];

/** These cut off a running turn, and change the thread's state known to this client. */
const endingTurns: readonly RequestMethod[] = [
  'thread/archive',
  'thread/delete',
  'thread/revert',
  'thread/unsubscribe',
];

/**
 * Requests of the protocol. A request that affects a thread of this client waits for the thread's turns, like a turn, and
 * the turns wait for it.
 *
 * @internal
 */
export class RawRequests {
  readonly #props: RawRequestsProps;

  constructor(props: RawRequestsProps) {
    this.#props = props;
  }

  /** Sends a request and returns its result. */
  async send<M extends RequestMethod>(
    method: M,
    params: RequestParams<M>,
    options: CallOptions,
  ): Promise<RequestResult<M>> {
    options.signal?.throwIfAborted();
    const placed = placedParams(method, params);
    const call = { method, params: placed, options };
    const thread = this.#threadOf(placed);
    if (thread !== undefined && startingTurns.includes(method))
      return answered(options.signal, async (answer) => this.#startTurn(thread, call, answer));
    if (thread !== undefined && endingTurns.includes(method))
      return answered(options.signal, async (answer) => this.#endTurns(thread, call, answer));
    // Other requests, such as a change of settings or an addition to the queue, concern the thread independent of its
    // turns.
    if (!readOnlyMethods.has(method)) await thread?.putBack();
    return this.#props.server.request(method, placed, options);
  }

  #threadOf(params: unknown): LiveThread | undefined {
    const { threadId } = (params ?? {}) as { readonly threadId?: unknown };
    return typeof threadId === 'string' ? this.#props.find(threadId) : undefined;
  }

  async #startTurn<M extends RequestMethod>(
    thread: LiveThread,
    { method, params, options }: Call<M>,
    answer: Answer<M>,
  ): Promise<void> {
    await thread.exclusively(async ({ session, threadId, activity }) => {
      options.signal?.throwIfAborted();
      await thread.expectingTurn(async () => {
        const noTurn = new AbortController();
        let hasBegun = false;
        const over = activity.ended(noTurn.signal, () => hasBegun);
        const reply = session.request(method, params, options);
        answer(reply);
        try {
          await reply;
          hasBegun = true;
        } catch (error) {
          // A request without a reply may still have started a turn.
          const runs = async (): Promise<boolean> => isActive(session, threadId).catch(() => false);
          if (RequestError.is(error) || !(await runs())) noTurn.abort();
        }
        await over;
      });
      await thread.followTail();
    });
  }

  async #endTurns<M extends RequestMethod>(
    thread: LiveThread,
    { method, params, options }: Call<M>,
    answer: Answer<M>,
  ): Promise<void> {
    if (method === 'thread/revert') {
      await thread.exclusively(async ({ session }) => {
        options.signal?.throwIfAborted();
        answer(await session.request(method, params, options));
        await thread.followTail();
      });
      return;
    }
    await thread.queue.add(async () => {
      options.signal?.throwIfAborted();
      const { loaded } = thread;
      await loaded?.overrides.putBack();
      try {
        answer(
          method === 'thread/unsubscribe' && loaded !== null
            ? await unloadThread(loaded.session, loaded.threadId)
            : await this.#props.server.request(method, params, options),
        );
      } finally {
        thread.unload();
      }
    });
  }
}

type Answer<M extends RequestMethod> = (
  result: RequestResult<M> | Promise<RequestResult<M>>,
) => void;

interface Call<M extends RequestMethod> {
  readonly method: M;
  readonly params: RequestParams<M>;
  readonly options: CallOptions;
}

/**
 * The reply as soon as it arrives, although the thread stays reserved longer. A caller that aborts does not wait in the
 * queue.
 */
async function answered<T>(
  signal: AbortSignal | undefined,
  work: (answer: (result: T | Promise<T>) => void) => Promise<void>,
): Promise<T> {
  const answer = new Promise<T>((resolve, reject) => {
    work(resolve).catch(reject);
  });
  return within(answer, { signal });
}
