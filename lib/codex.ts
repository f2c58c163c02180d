import { Account } from './account/account.js';
import {
  McpAccess,
  type McpLogin,
  type McpLoginOptions,
  type McpServer,
  type McpServersOptions,
} from './account/mcp-access.js';
import { AuthenticatedLaunch } from './account/authenticated-launch.js';
import { decode } from './wire/decode.js';
import { AppServer } from './wire/app-server.js';
import type { AppServerSession } from './wire/app-server-session.js';
import type { SessionPlan } from './wire/session-plan.js';
import { Environments } from './isolation/environments.js';
import type { PrivateHome } from './isolation/private-home.js';
import { NotificationFeed } from './wire/notification-feed.js';
import type {
  Notification,
  NotificationFilter,
  NotificationMethod,
} from './wire/notification-filter.js';
import type { WithheldVariables } from './isolation/withheld-variables.js';
import { Conversations } from './conversation/conversations.js';
import {
  RawRequests,
  type RequestArguments,
  type RequestMethod,
  type RequestResult,
} from './conversation/raw-requests.js';
import { ThreadAttachments } from './loaded/thread-attachments.js';
import { ThreadHistory } from './loaded/thread-history.js';
import { ThreadStateError } from './loaded/thread-state-error.js';
import { ThreadKeys } from './conversation/thread-keys.js';
import { checkedKey } from './turn/turn-key.js';
import { ThreadListing } from './conversation/thread-listing.js';
import { ThreadSearch, type ThreadMatch } from './conversation/thread-search.js';
import type { DoctorReport } from './doctor-report.js';
import { ValidationError } from './errors.js';
import { launchPlan } from './launch.js';
import type * as protocol from './protocol/index.js';
import { Labels, type LabelsInput } from './record/labels.js';
import { ThreadMetadata } from './record/thread-metadata.js';
import { ThreadSnapshot } from './record/thread-snapshot.js';
import { reportProblem } from './telemetry/report-problem.js';
import {
  CodexOptions,
  type CodexOptionsInput,
  type CodexOptionsRecord,
} from './options/codex-options.js';
import type { ForkOptions, ForkOptionsInput } from './thread/fork-request.js';
import { takenOut } from './options/option-reader.js';
import { SearchRequest, type SearchOptions } from './thread/search-options.js';
import type { Entries, OtherForm } from './options/option-records.js';
import type { Thread } from './thread/thread.js';
import {
  ThreadFilter,
  type ThreadFilterInput,
  type ThreadFilterRecord,
} from './thread/thread-filter.js';
import { ThreadBuilder, type ResumeProof } from './thread/thread-builder.js';
import {
  ThreadOptions,
  type PythonThreadOptionsRecord,
  type ThreadOptionsInput,
  type ThreadOptionsRecord,
} from './options/thread-options.js';
import { codexVersionProblem, isTestedCodexVersion } from './version.js';

/**
 * The client: creates and resumes threads over one `codex app-server` process. The process starts with the first call
 * that needs it. If it dies, the next call starts another one.
 *
 * The constructor only validates its options: it starts no process, reads no file and opens no connection.
 *
 * @example
 * ```ts
 * await using codex = new Codex({ apiKey: process.env.OPENAI_API_KEY });
 * const thread = codex.startThread({ workingDirectory: process.cwd() });
 * const turn = await thread.run('Explain this repository in three bullets.');
 * console.log(turn.finalResponse); // A library, its tests, and a demo.
 * ```
 */
export class Codex {
  /** The validated, frozen options. */
  readonly options: CodexOptions;
  /** The account of codex-rs: reads it, logs in and logs out. */
  readonly account: Account;
  /** The exec-servers that run the commands of the threads. */
  readonly environments: Environments;
  readonly #appServer: AppServer;
  readonly #conversations: Conversations;
  readonly #feed = new NotificationFeed();
  readonly #listing: ThreadListing;
  readonly #mcp: McpAccess;
  readonly #raw: RawRequests;
  readonly #plan: SessionPlan;
  readonly #home: PrivateHome | null;
  readonly #withheld: WithheldVariables;

  /**
   * @throws `ValidationError` with every problem in the options
   * @throws `MissingApiKeyError` if `auth` is `"apiKey"` and no key is found
   */
  constructor(options?: CodexOptionsRecord);
  /** Accepts options in another form: a `Map`, entries, or names in snake_case or of another client. */
  constructor(options: CodexOptionsInput);
  constructor(options: CodexOptionsInput = {}) {
    this.options = CodexOptions.from(options);
    const { home, withheld, ...props } = launchPlan(this.options, process.env);
    const launch = new AuthenticatedLaunch(props);
    this.#plan = props.plan;
    this.#home = home;
    this.#withheld = withheld;
    this.#appServer = new AppServer(async (context) => {
      const prepare = (session: AppServerSession): void => {
        this.#feed.serve(session);
      };
      await home?.ensure();
      const session = await launch.open({ ...context, prepare });
      await this.environments.serve(session);
      this.#conversations.serve(session);
      warnOfUntested(session.codexVersion);
      return session;
    });
    this.account = new Account({ appServer: this.#appServer, launch });
    this.environments = new Environments(this.#appServer, this.options.environments);
    this.#conversations = new Conversations({
      environments: this.environments,
      options: this.options,
      appServer: this.#appServer,
      launch,
      withheld,
    });
    this.#listing = new ThreadListing(this.#appServer);
    this.#mcp = new McpAccess(this.#appServer);
    this.#raw = new RawRequests({
      server: this.#appServer,
      find: (threadId) => this.#conversations.existing(threadId)?.thread,
    });
  }

  /** Returns a builder for a thread. Nothing starts until the thread runs. */
  thread(): ThreadBuilder {
    return new ThreadBuilder({
      source: this.#conversations,
      options: ThreadOptions.none,
    });
  }

  /**
   * Creates a thread. Synchronous and without side effects: codex-rs assigns the id with the first turn.
   *
   * @throws `ValidationError` with every problem in the options
   *
   * @example
   * ```ts
   * const thread = codex.startThread({ sandboxMode: 'read-only', labels: { team: 'payments' } });
   * console.log(thread.threadId); // null
   * await thread.run('Find out why the build is red');
   * console.log(typeof thread.threadId); // string
   * ```
   */
  startThread(options?: ThreadOptionsRecord): Thread;
  /** Accepts options in another form: a `Map`, entries, or names in snake_case or of the Python client. */
  startThread<const Options extends readonly unknown[]>(
    ...options: OtherForm<Options, ThreadOptionsRecord, [options?: ThreadOptionsInput | undefined]>
  ): Thread;
  startThread(options: ThreadOptionsInput = {}): Thread {
    return this.thread().withOptions(options).build();
  }

  /**
   * Returns an existing thread after validating it (`thread/read` and `thread/turns/list` by default). If this client
   * already has the thread, unspecified options keep their values, including tools and handlers.
   *
   * @throws `ValidationError` if `threadId` is not a valid UUID, and for invalid options
   * @throws `ResumeRejectedError` if the thread may not be continued; no new thread replaces it
   *
   * @example
   * ```ts
   * const { threadId, continuation } = await codex.startThread().run('Write the migration');
   *
   * // Later, in any process: refused if the thread has changed since.
   * const thread = await codex.resumeThread(threadId, { continuation });
   * await thread.run('And now the tests');
   *
   * // By id alone, as in Python: the thread is accepted in any state.
   * const same = await codex.resumeThread(threadId);
   * console.log(same.equals(thread)); // true
   * ```
   */
  async resumeThread(threadId: string, options?: ResumeOptions): Promise<Thread>;
  /** Accepts options in another form: a `Map`, entries, or names in snake_case or of the Python client. */
  async resumeThread<const Options extends readonly unknown[]>(
    threadId: string,
    ...options: OtherForm<Options, ResumeOptions, [options?: ResumeOptionsInput | undefined]>
  ): Promise<Thread>;
  async resumeThread(threadId: string, options: ResumeOptionsInput = {}): Promise<Thread> {
    const { taken, rest } = takenOut(options, [
      'continuation',
      'idempotencyKey',
      'resumeValidator',
    ]);
    return this.thread()
      .withOptions(rest as ThreadOptionsInput)
      .resume(threadId, taken);
  }

  /**
   * Returns the thread of a snapshot after validating it. A thread that never ran is restored from its description.
   *
   * @param snapshot - the result of `JSON.parse` for `JSON.stringify(thread)`
   * @throws `ValidationError` if `snapshot` is not a valid snapshot
   * @throws `ResumeRejectedError` if the thread may not be continued
   *
   * @example
   * ```ts
   * const thread = codex.startThread({ labels: { ticket: 'PAY-123' } });
   * await thread.run('Write the migration');
   * const snapshot = JSON.stringify(thread);
   *
   * const restored = await codex.restoreThread(JSON.parse(snapshot));
   * console.log(restored.labels.get('ticket')); // PAY-123
   * ```
   */
  async restoreThread(
    snapshot: unknown,
    proof: Omit<ResumeProof, 'continuation'> = {},
  ): Promise<Thread> {
    const { threadId, continuation, labels, options } = ThreadSnapshot.fromJSON(snapshot);
    const builder = this.thread()
      .withOptions(options as ThreadOptionsRecord)
      .withLabels(labels);
    if (threadId === null) return builder.build();
    // The thread was ephemeral: let the validator reject it, rather than report invalid options.
    const kept = options.ephemeral === true ? builder.withOptions({ ephemeral: false }) : builder;
    return kept.resume(threadId, continuation === null ? proof : { ...proof, continuation });
  }

  /**
   * Yields the threads that have all these labels, as codex-rs stores them (`thread/attachmentOwner/list`,
   * `thread/read`).
   *
   * @throws `ValidationError` if `labels` is empty
   *
   * @example
   * ```ts
   * for await (const { threadId, preview } of codex.findThreads({ ticket: 'PAY-124' })) {
   *   const thread = await codex.resumeThread(threadId);
   *   console.log(preview, thread.labels.get('ticket')); // Write the migration PAY-124
   * }
   * ```
   */
  async *findThreads(
    labels: LabelsInput,
    { archived = false }: FindOptions = {},
  ): AsyncGenerator<ThreadMetadata, void> {
    const wanted = Labels.from(labels);
    if (wanted.size === 0)
      throw new ValidationError('label search', [
        { path: '', reason: 'must contain at least one label' },
      ]);
    // One thread/list with includedThreadIds is ten times as fast, but omits the thread that a fork comes from.
    for (const threadId of await ThreadAttachments.find(this.#appServer, wanted, archived)) {
      const { thread } = await this.#appServer.request('thread/read', { threadId });
      yield decode('thread/read', () => ThreadMetadata.fromJSON(thread), this.#appServer);
    }
  }

  /**
   * Returns the thread whose first turn ran with this idempotency key, or null. The key is looked up by name, which
   * takes two requests regardless of the number of threads.
   *
   * @throws `ValidationError` if the key is blank or too long
   * @throws `ThreadBusyError` while several processes are starting a thread with this key
   *
   * @example
   * ```ts
   * await codex.startThread().run('Write the migration', { idempotencyKey: 'PAY-123' });
   *
   * const thread = await codex.findThread({ idempotencyKey: 'PAY-123' });
   * console.log(thread?.preview); // Write the migration
   * ```
   */
  async findThread({
    idempotencyKey,
  }: {
    readonly idempotencyKey: string;
  }): Promise<ThreadMetadata | null> {
    const key = checkedKey(idempotencyKey);
    const threadId = await new ThreadKeys(await this.#appServer.connect()).find(key);
    if (threadId === null) return null;
    try {
      return await new ThreadHistory(this.#appServer, threadId).read();
    } catch (error) {
      if (ThreadStateError.is(error) && error.code === 'thread-unknown') return null;
      throw error;
    }
  }

  /**
   * Yields the threads that codex-rs stores (`thread/list`), over all pages. Without a filter, it includes every kind
   * of program and every provider. Threads without a turn are not included.
   *
   * @throws `ValidationError` with every problem in the filter, at the first step of the iteration
   *
   * @example
   * ```ts
   * for await (const { preview, updatedAt } of codex.listThreads({ search: 'Count' })) {
   *   console.log(preview, updatedAt instanceof Date); // Count the tests true
   * }
   * ```
   */
  listThreads(filter?: ThreadFilterRecord): AsyncGenerator<ThreadMetadata, void>;
  /** Accepts the filter in another form: a `Map` or entries. */
  listThreads<const Filter extends readonly unknown[]>(
    ...filter: OtherForm<Filter, ThreadFilterRecord, [filter?: ThreadFilterInput | undefined]>
  ): AsyncGenerator<ThreadMetadata, void>;
  async *listThreads(filter: ThreadFilterInput = {}): AsyncGenerator<ThreadMetadata, void> {
    yield* this.#listing.threads(ThreadFilter.from(filter));
  }

  /**
   * Yields the threads in which a message of the user or the model contains this text, ignoring case
   * (`thread/search/stream`). Each thread is yielded once, as soon as codex-rs finds it. Leaving the loop cancels the
   * search.
   *
   * @throws `ValidationError` for a query without text and for invalid options, at the first step of the iteration
   * @throws `UnsupportedCodexError` if codex-rs is older than 0.171.0; `options.signal.reason`
   *
   * @example
   * ```ts
   * for await (const { thread, snippet } of codex.searchThreads('rollback')) {
   *   console.log(thread.preview, snippet.includes('rollback')); // Review the rollback true
   *   break;
   * }
   * ```
   */
  async *searchThreads(
    query: string,
    options: SearchOptions = {},
  ): AsyncGenerator<ThreadMatch, void> {
    yield* new ThreadSearch(this.#appServer).matches(SearchRequest.from(query, options));
  }

  /**
   * Returns the ids of the threads that this client's codex-rs has loaded (`thread/loaded/list`); empty while it is not
   * running.
   */
  async loadedThreads(): Promise<readonly string[]> {
    return this.#listing.loaded();
  }

  /** Returns the available models (`model/list`), over all pages. */
  async models({ includeHidden = false }: ModelsOptions = {}): Promise<readonly Model[]> {
    return this.#listing.models(includeHidden);
  }

  /**
   * Returns the configured MCP servers, each with its state, tools and login (`mcpServerStatus/list`), over all pages.
   * codex-rs waits for servers that are still starting. The reported state may be out of date.
   *
   * @throws `RequestError` if the thread is not loaded: call `thread.open()` first
   *
   * @example
   * ```ts
   * const mcp_servers = { bank: { command: process.execPath, args: [program] } };
   * const thread = codex.startThread({ config: { mcp_servers } });
   * const [bank] = await codex.mcpServers({ threadId: await thread.open() });
   * console.log(bank?.name, bank?.tools.length); // bank 2
   * ```
   */
  async mcpServers(options: McpServersOptions = {}): Promise<readonly McpServer[]> {
    return this.#mcp.list(options);
  }

  /**
   * Reloads the configuration of codex-rs and connects the loaded threads to the MCP servers in it
   * (`config/mcpServer/reload`). Use it for servers that were added to `config.toml`, that failed, or that were logged
   * in elsewhere.
   */
  async reloadMcpServers(): Promise<void> {
    await this.#appServer.request('config/mcpServer/reload', undefined);
  }

  /**
   * Starts an OAuth login to an MCP server (`mcpServer/oauth/login`). The browser must run on the machine of codex-rs,
   * which listens on a local port for the redirect. After the login, codex-rs connects the loaded threads to the
   * server.
   *
   * codex-rs stores the login in the system keyring or in its home, depending on `mcp_oauth_credentials_store`.
   *
   * @throws `AuthenticationError` `login-failed` if the login cannot start: the server is unknown or does not support
   * OAuth
   *
   * @example
   * ```ts
   * const login = await codex.loginToMcpServer('shop');
   * show(login.url);
   * await login.wait({ timeoutMs: 300_000 });
   *
   * const [shop] = await codex.mcpServers({ name: 'shop' });
   * console.log(shop?.auth, shop?.tools.length); // oAuth 1
   * ```
   */
  async loginToMcpServer(name: string, options: McpLoginOptions = {}): Promise<McpLogin> {
    return this.#mcp.login(name, options);
  }

  /**
   * Creates a thread with the history of another one; see {@link Thread.fork}. The other thread is only read, not
   * validated.
   *
   * @throws `ValidationError` if `threadId` is not a valid UUID
   */
  async forkThread(threadId: string, options?: ForkOptions): Promise<Thread>;
  /** Accepts options in another form: a `Map`, entries, or names in snake_case or of the Python client. */
  async forkThread<const Options extends readonly unknown[]>(
    threadId: string,
    ...options: OtherForm<Options, ForkOptions, [options?: ForkOptionsInput | undefined]>
  ): Promise<Thread>;
  async forkThread(threadId: string, options: ForkOptionsInput = {}): Promise<Thread> {
    return this.thread().existing(threadId).fork(options);
  }

  /**
   * Archives a thread; see {@link Thread.archive}.
   *
   * @throws `ValidationError` if `threadId` is not a valid UUID
   */
  async archiveThread(threadId: string): Promise<void> {
    await this.thread().existing(threadId).archive();
  }

  /**
   * Restores a thread from the archive (`thread/unarchive`). Resume it to continue it.
   *
   * @throws `ThreadStateError` if the thread is not archived; `ValidationError` if `threadId` is not a valid UUID
   */
  async unarchiveThread(threadId: string): Promise<ThreadMetadata> {
    return this.#listing.unarchive(threadId);
  }

  /**
   * Permanently deletes a thread; see {@link Thread.delete}.
   *
   * @throws `ValidationError` if `threadId` is not a valid UUID
   */
  async deleteThread(threadId: string): Promise<void> {
    await this.thread().existing(threadId).delete();
  }

  /**
   * Sends any request of the protocol, for features without a method in this library. Parameters and result have the
   * types of the protocol.
   *
   * A request that starts or ends turns of a thread of this client (`turn/start`, `review/start`,
   * `thread/shellCommand`, `thread/compact/start`, `thread/revert`, `thread/archive`, `thread/delete`,
   * `thread/unsubscribe`) queues like a turn: it waits for earlier turns of the thread, and later turns wait for it. It
   * neither steers nor stops a running turn. It updates `thread.continuation`. A relative directory (`cwd`, `cwds`) is
   * resolved against the current directory of this process. So is a missing one where codex-rs would use its own
   * directory. Log in and out through `account`, which restores the login after a crash.
   *
   * @throws `RequestError` if codex-rs rejects the request; `TransportError` if it does not respond;
   * `options.signal.reason`
   *
   * @example
   * ```ts
   * const { config } = await codex.request('config/read', { includeLayers: false });
   * console.log(typeof config); // object
   * ```
   */
  async request<M extends RequestMethod>(
    method: M,
    ...[params, options = {}]: RequestArguments<M>
  ): Promise<RequestResult<M>> {
    return this.#raw.send(method, params, options);
  }

  /**
   * Yields the notifications of codex-rs in wire order. The iteration continues with the next process if one dies. It
   * does not start a process, and it does not keep the program alive. It listens from the first step of the iteration
   * and ends with `close()`.
   *
   * @throws `ValidationError` if the filter is not valid
   * @throws `filter.signal.reason` if that signal aborts; `CodexError` `notifications-missed` if the reader is too slow
   *
   * @example
   * ```ts
   * for await (const { params } of codex.notifications({ methods: ['thread/name/updated'] })) {
   *   console.log(params.threadName); // Migration
   *   break;
   * }
   * ```
   */
  notifications<M extends NotificationMethod = NotificationMethod>(
    filter: NotificationFilter<M> = {},
  ): AsyncIterableIterator<Notification<M>, undefined> {
    return this.#feed.open<Notification<M>>(filter);
  }

  /** Starts codex-rs and logs in, so that the first turn does not wait for it. */
  async warmUp(): Promise<void> {
    await this.#appServer.connect();
  }

  /** Returns version and process details of codex-rs, and starts it if it is not running. */
  async serverInfo(): Promise<ServerInfo> {
    const session = await this.#appServer.connect();
    const { userAgent, codexHome, platformOs } = session.serverInfo;
    return Object.freeze({
      version: session.codexVersion,
      isTested: isTestedCodexVersion(session.codexVersion),
      userAgent,
      codexHome,
      platform: platformOs,
      processId: session.processId,
      generation: session.generation,
    });
  }

  /**
   * Checks whether turns can run here: binary, version, account, home, configuration and sandbox. Starts codex-rs if it
   * is not running. To load the configuration as a thread in the current directory would, it opens an ephemeral thread,
   * which also starts the configured MCP servers. It changes nothing. It does not check the model provider: only a turn
   * tests the key and the network.
   *
   * @returns the findings, with advice for each problem; a failed check does not reject the promise
   *
   * @example
   * ```ts
   * const { versionIsTested, problems } = await codex.doctor();
   * for (const { check, what, advice } of problems) console.error(`${check}: ${what} ${advice}`);
   * console.log(versionIsTested); // true
   * ```
   */
  async doctor(): Promise<DoctorReport> {
    const { Doctor } = await import('./doctor.js');
    return new Doctor({
      plan: this.#plan,
      connect: async () => this.#appServer.connect(),
      privateHome: this.#home,
      withheld: this.#withheld,
      openThread: async () => this.#conversations.openTrial(),
    }).examine();
  }

  /**
   * Stops the process and all processes that it started, and removes a temporary home with its threads. Pending calls
   * reject. Idempotent.
   */
  async close(): Promise<void> {
    this.#feed.close();
    await this.#appServer.close(async () => this.#conversations.putBack());
    await this.#home?.remove();
  }

  /** The same as {@link Codex.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function warnOfUntested(version: string | null): void {
  const message = codexVersionProblem(version);
  if (message !== null) reportProblem(null, 'version', message);
}

/** An available model, as in the protocol. */
export type Model = protocol.Model;

/** Options of {@link Codex.models}. @inline */
export interface ModelsOptions {
  /** Whether to include models that codex-rs hides from users. Defaults to `false`. */
  readonly includeHidden?: boolean;
}

/** Options of {@link Codex.findThreads}. @inline */
export interface FindOptions {
  /** Whether to search the archived threads instead of the others. Defaults to `false`. */
  readonly archived?: boolean;
}

/** Version and process details of codex-rs. */
export interface ServerInfo {
  /** The version of codex-rs, or null if it is unknown. */
  readonly version: string | null;
  /** Whether this package was tested with that version, or with both an older and a newer one. */
  readonly isTested: boolean;
  /** The user agent that codex-rs sends to model providers. */
  readonly userAgent: string;
  /** The home directory of codex-rs. */
  readonly codexHome: string;
  /** The operating system that codex-rs runs on. */
  readonly platform: string;
  /** Its process id. */
  readonly processId: number | null;
  /** The number of this process within the client: 1 for the first, one more after each crash. */
  readonly generation: number;
}

/** Options of {@link Codex.resumeThread}: the proof and the thread's options in one flat object. */
export interface ResumeOptions extends Omit<ThreadOptionsRecord, 'ephemeral'>, ResumeProof {
  /** Never `true`: an existing thread stays in its storage. To work in memory, fork the thread with `ephemeral`. */
  readonly ephemeral?: false | undefined;
}

type ResumeOptionsInput = (ResumeOptions & PythonThreadOptionsRecord) | Entries;
