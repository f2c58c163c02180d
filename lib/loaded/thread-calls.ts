import { meaningOf, type RefusalMeaning } from '../wire/refusal-meaning.js';
import { ThreadBusyError } from './thread-busy-error.js';
import type { ClientRequests } from '../protocol/index.js';
import { ThreadMetadata } from '../record/thread-metadata.js';
import type { Requester } from './requester.js';
import { ThreadStateError, type ThreadState } from './thread-state-error.js';

const states: Readonly<Partial<Record<RefusalMeaning, ThreadState>>> = {
  archived: 'thread-archived',
  ephemeral: 'thread-ephemeral',
  'has-forks': 'thread-has-forks',
  'legacy-history': 'thread-legacy-history',
  'never-ran': 'thread-never-ran',
  'not-archived': 'thread-not-archived',
  'turn-in-progress': 'turn-in-progress',
  'turn-unknown': 'turn-unknown',
  'unknown-thread': 'thread-unknown',
};

/** Requests about one thread, with refusals converted to the matching errors. */
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
   * @throws {@link ThreadStateError} or {@link ThreadBusyError} for a known refusal message, else the `RequestError` itself
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

  /** Sends all requests on behalf of `action`. */
  onBehalfOf(action: string): Requester {
    const server = this.#server;
    return {
      get codexVersion() {
        return server.codexVersion;
      },
      get recordsRoot() {
        return server.recordsRoot ?? null;
      },
      request: async (method, params) => this.send(action, method, params),
    };
  }

  async #meaningOf(error: unknown, action: string): Promise<unknown> {
    const meaning = meaningOf(error);
    if (meaning === null) return error;
    const { threadId } = this;
    if (meaning === 'active-writer')
      return new ThreadBusyError(threadId, { holder: 'another-process', action, cause: error });
    const known = states[meaning];
    if (known === undefined) return error;
    const code =
      known === 'thread-unknown' && (await this.#isArchived()) ? 'thread-archived' : known;
    return new ThreadStateError({ code, threadId, action, cause: error });
  }

  /** codex-rs refuses changes to an archived thread with the message for an unknown thread; reading it works. */
  async #isArchived(): Promise<boolean> {
    try {
      const { thread } = await this.#server.request('thread/read', { threadId: this.threadId });
      return ThreadMetadata.fromJSON(thread).isArchived;
    } catch {
      return false;
    }
  }
}
