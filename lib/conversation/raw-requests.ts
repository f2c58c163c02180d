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

/** What {@link RawRequests} are made of. @internal */
export interface RawRequestsProps {
  readonly server: AppServer;
  /** The thread as this client has it, if it does. */
  readonly find: (threadId: string) => LiveThread | undefined;
}

/** The name of a request that codex-rs answers. */
export type RequestMethod = keyof ClientRequests;
/** What goes with a request: the wire's own value. */
export type RequestParams<M extends RequestMethod> = ClientRequests[M]['params'];
/** What codex-rs answers to a request: the wire's own value. */
export type RequestResult<M extends RequestMethod> = ClientRequests[M]['result'];
/** What follows the method of a request: its parameters, unless it needs none, and the limits of the call. @inline */
export type RequestArguments<M extends RequestMethod> =
  undefined extends RequestParams<M>
    ? [params?: RequestParams<M>, options?: CallOptions]
    : [params: RequestParams<M>, options?: CallOptions];

/** These make the thread run a turn; while one runs, they would steer it or cut it short. */
const startingTurns: readonly RequestMethod[] = [
  'review/start',
  'thread/compact/start',
  'thread/shellCommand',
  'turn/start',
];

/** These cut a running turn short, and change what this client knows of the thread. */
const endingTurns: readonly RequestMethod[] = [
  'thread/archive',
  'thread/delete',
  'thread/revert',
  'thread/unsubscribe',
];

/**
 * Requests as the protocol has them. Those that a thread of this client must hear of wait for its turns, like a turn does,
 * and its turns wait for them.
 *
 * @internal
 */
export class RawRequests {
  readonly #props: RawRequestsProps;

  constructor(props: RawRequestsProps) {
    this.#props = props;
  }

  /** Sends a request and gives its result. */
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
    // Others, such as a change of settings or an addition to the queue, are about the thread as it is by itself.
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
          // Whoever is not answered may have started a turn all the same.
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

/** The answer, as soon as it is there: the thread may be waited for longer. A caller who gives up need not wait in line. */
async function answered<T>(
  signal: AbortSignal | undefined,
  work: (answer: (result: T | Promise<T>) => void) => Promise<void>,
): Promise<T> {
  const answer = new Promise<T>((resolve, reject) => {
    work(resolve).catch(reject);
  });
  return within(answer, { signal });
}
