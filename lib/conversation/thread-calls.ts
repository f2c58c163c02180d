import { RequestError, ThreadBusyError } from '../errors.js';
import type { ClientRequests } from '../protocol/index.js';
import { ThreadMetadata } from '../record/thread-metadata.js';
import type { Requester } from './stored-labels.js';
import { ThreadStateError, type ThreadState } from './thread-state-error.js';

/** codex-rs answers nearly everything with -32600: only the words tell the cases apart. */
const words: readonly (readonly [RegExp, ThreadState])[] = [
  [/forked history still references it/, 'thread-has-forks'],
  [/^turn not found/, 'turn-unknown'],
  [/identifies an in-progress turn/, 'turn-in-progress'],
  [/is archived/, 'thread-archived'],
  [/^no archived rollout found/, 'thread-not-archived'],
  [/not materialized yet/, 'thread-never-ran'],
  [/only supports paginated threads/, 'thread-legacy-history'],
  [/ephemeral thread|^thread is not persisted/, 'thread-ephemeral'],
  [/^no rollout found|^thread not (found|loaded)/, 'thread-unknown'],
];

/** Requests about one thread, whose refusals become the errors they stand for. */
export class ThreadCalls {
  readonly threadId: string;
  readonly #server: Requester;

  constructor(server: Requester, threadId: string) {
    this.#server = server;
    this.threadId = threadId;
  }

  /**
   * Sends a request on behalf of `action`, such as `revert()`.
   *
   * @throws {@link ThreadStateError} or {@link ThreadBusyError} for a refusal whose words are known, else the `RequestError` itself
   */
  async send<M extends keyof ClientRequests>(
    action: string,
    method: M,
    params: ClientRequests[M]['params'],
  ): Promise<ClientRequests[M]['result']> {
    try {
      return await this.#server.request(method, params);
    } catch (error) {
      throw await this.#meaningOf(error, action);
    }
  }

  /** Sends everything on behalf of `action`. */
  onBehalfOf(action: string): Requester {
    return { request: async (method, params) => this.send(action, method, params) };
  }

  async #meaningOf(error: unknown, action: string): Promise<unknown> {
    if (!RequestError.is(error)) return error;
    const { threadId } = this;
    if (error.serverMessage.includes('already has an active writer'))
      return new ThreadBusyError(threadId, { holder: 'another-process', action, cause: error });
    const known = words.find(([pattern]) => pattern.test(error.serverMessage))?.[1];
    if (known === undefined) return error;
    const code =
      known === 'thread-unknown' && (await this.#isArchived()) ? 'thread-archived' : known;
    return new ThreadStateError({ code, threadId, action, cause: error });
  }

  /** Changes to an archived thread are refused with the words for an unknown one; reading it works. */
  async #isArchived(): Promise<boolean> {
    try {
      const { thread } = await this.#server.request('thread/read', { threadId: this.threadId });
      return ThreadMetadata.fromJson(thread).isArchived;
    } catch {
      return false;
    }
  }
}
