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
 * The client: makes threads and resumes them, over one `codex app-server` process that starts with the first call that
 * needs it and is replaced when it dies.
 *
 * The constructor validates and does nothing else: no process, no file, no network.
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
  /** Who codex-rs works for: reads the account, logs in and out. */
  readonly account: Account;
  /** The exec-servers that run the commands of its threads. */
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
   * @throws `ValidationError` with everything that is wrong with the options
   * @throws `MissingApiKeyError` when `auth` is `"apiKey"` and there is no key
   */
  constructor(options?: CodexOptionsRecord);
  /** The same with options in another form: a `Map`, entries, or names in snake_case or of another client. */
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

  /** A builder for a thread; nothing happens until the thread is run. */
  thread(): ThreadBuilder {
    return new ThreadBuilder({
      source: this.#conversations,
      options: ThreadOptions.none,
    });
  }

  /**
   * A new thread. Synchronous and pure: codex-rs gives it its id with the first turn.
   *
   * @throws `ValidationError` with everything that is wrong with the options
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
  /** The same with options in another form: a `Map`, entries, or names in snake_case or of the Python client. */
  startThread<const Options extends readonly unknown[]>(
    ...options: OtherForm<Options, ThreadOptionsRecord, [options?: ThreadOptionsInput | undefined]>
  ): Thread;
  startThread(options: ThreadOptionsInput = {}): Thread {
    return this.thread().withOptions(options).build();
  }

  /**
   * An existing thread, judged before it is handed out (`thread/read` and `thread/turns/list` by default). In a client that
   * has the thread, unspecified options keep their values, tools and handlers included.
   *
   * @throws `ValidationError` if `threadId` is not a valid UUID, and for invalid options
   * @throws `ResumeRejectedError` when it may not be continued; no new thread takes its place
   *
   * @example
   * ```ts
   * const { threadId, continuation } = await codex.startThread().run('Write the migration');
   *
   * // Later, in any process: refused if anything happened on the thread since.
   * const thread = await codex.resumeThread(threadId, { continuation });
   * await thread.run('And now the tests');
   *
   * // By id alone, as in Python: the thread is taken as it stands.
   * const same = await codex.resumeThread(threadId);
   * console.log(same.equals(thread)); // true
   * ```
   */
  async resumeThread(threadId: string, options?: ResumeOptions): Promise<Thread>;
  /** The same with options in another form: a `Map`, entries, or names in snake_case or of the Python client. */
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
   * The thread of a snapshot, judged before it is handed out; one that never ran comes back as it was described.
   *
   * @param snapshot - what `JSON.parse` gives of `JSON.stringify(thread)`
   * @throws `ValidationError` when it is no snapshot
   * @throws `ResumeRejectedError` when the thread may not be continued
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
    // Of a thread that was ephemeral: that is judged, and the options are not to blame.
    const kept = options.ephemeral === true ? builder.withOptions({ ephemeral: false }) : builder;
    return kept.resume(threadId, continuation === null ? proof : { ...proof, continuation });
  }

  /**
   * The threads that carry all these labels, as codex-rs keeps them (`thread/attachmentOwner/list`, `thread/read`).
   *
   * @throws `ValidationError` when there is no label to look for
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
      throw new ValidationError('labels to find', [
        { path: '', reason: 'are empty: name at least one' },
      ]);
    // One thread/list with includedThreadIds is ten times as fast, but does not know what a thread was forked from.
    for (const threadId of await ThreadAttachments.find(this.#appServer, wanted, archived)) {
      const { thread } = await this.#appServer.request('thread/read', { threadId });
      yield decode('thread/read', () => ThreadMetadata.fromJSON(thread), this.#appServer);
    }
  }

  /**
   * The thread whose first turn was run with this idempotency key, or null. The key is looked up by its name: however many
   * threads there are, that takes two requests.
   *
   * @throws `ValidationError` for a blank or too long key
   * @throws `ThreadBusyError` while several processes are about to begin a thread with it
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
   * The threads codex-rs keeps (`thread/list`), over all pages: of every kind of program and every provider unless the
   * filter says otherwise. Threads without a turn are not among them.
   *
   * @throws `ValidationError` with everything that is wrong with the filter, at the first step of the iteration
   *
   * @example
   * ```ts
   * for await (const { preview, updatedAt } of codex.listThreads({ search: 'Count' })) {
   *   console.log(preview, updatedAt instanceof Date); // Count the tests true
   * }
   * ```
   */
  listThreads(filter?: ThreadFilterRecord): AsyncGenerator<ThreadMetadata, void>;
  /** The same with the filter in another form: a `Map` or entries. */
  listThreads<const Filter extends readonly unknown[]>(
    ...filter: OtherForm<Filter, ThreadFilterRecord, [filter?: ThreadFilterInput | undefined]>
  ): AsyncGenerator<ThreadMetadata, void>;
  async *listThreads(filter: ThreadFilterInput = {}): AsyncGenerator<ThreadMetadata, void> {
    yield* this.#listing.threads(ThreadFilter.from(filter));
  }

  /**
   * The threads in which the user or the model said this text, upper and lower case alike (`thread/search/stream`). Each
   * comes once, as soon as codex-rs has found it. Leaving the loop cancels the search.
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

  /** The ids of the threads this client's codex-rs has loaded (`thread/loaded/list`); none while it does not run. */
  async loadedThreads(): Promise<readonly string[]> {
    return this.#listing.loaded();
  }

  /** The models on offer (`model/list`), over all pages. */
  async models({ includeHidden = false }: ModelsOptions = {}): Promise<readonly Model[]> {
    return this.#listing.models(includeHidden);
  }

  /**
   * The MCP servers that are configured, each with its state, its tools and its login (`mcpServerStatus/list`), over all pages.
   * codex-rs waits for servers that are still starting; the state that it gives may lag behind.
   *
   * @throws `RequestError` for a thread that is not loaded: call `thread.open()` first
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
   * Has codex-rs read its configuration again and connect the loaded threads to the MCP servers in it
   * (`config/mcpServer/reload`): for servers that were added to `config.toml`, failed, or logged in elsewhere.
   */
  async reloadMcpServers(): Promise<void> {
    await this.#appServer.request('config/mcpServer/reload', undefined);
  }

  /**
   * Begins a login to an MCP server by OAuth (`mcpServer/oauth/login`), in a browser on the machine that codex-rs runs on: it
   * waits on a port of it for the browser to come back. The loaded threads are connected to the server afterwards.
   *
   * codex-rs keeps the login in the keyring of the system, or in its home, as `mcp_oauth_credentials_store` says.
   *
   * @throws `AuthenticationError` `login-failed` when it cannot begin: no such server, or one that has no OAuth
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
   * A new thread with the history of another one; see {@link Thread.fork}. The other one is not judged, only read.
   *
   * @throws `ValidationError` if `threadId` is not a valid UUID
   */
  async forkThread(threadId: string, options?: ForkOptions): Promise<Thread>;
  /** The same with options in another form: a `Map`, entries, or names in snake_case or of the Python client. */
  async forkThread<const Options extends readonly unknown[]>(
    threadId: string,
    ...options: OtherForm<Options, ForkOptions, [options?: ForkOptionsInput | undefined]>
  ): Promise<Thread>;
  async forkThread(threadId: string, options: ForkOptionsInput = {}): Promise<Thread> {
    return this.thread().existing(threadId).fork(options);
  }

  /**
   * Puts a thread into the archive; see {@link Thread.archive}.
   *
   * @throws `ValidationError` if `threadId` is not a valid UUID
   */
  async archiveThread(threadId: string): Promise<void> {
    await this.thread().existing(threadId).archive();
  }

  /**
   * Brings a thread back from the archive (`thread/unarchive`); resume it to continue it.
   *
   * @throws `ThreadStateError` when it is not in the archive; `ValidationError` if `threadId` is not a valid UUID
   */
  async unarchiveThread(threadId: string): Promise<ThreadMetadata> {
    return this.#listing.unarchive(threadId);
  }

  /**
   * Deletes a thread for good; see {@link Thread.delete}.
   *
   * @throws `ValidationError` if `threadId` is not a valid UUID
   */
  async deleteThread(threadId: string): Promise<void> {
    await this.thread().existing(threadId).delete();
  }

  /**
   * Sends any request of the protocol, for what this library has no method for; parameters and result are the wire's own.
   *
   * A request that starts or ends turns of a thread that this client has (`turn/start`, `review/start`,
   * `thread/shellCommand`, `thread/compact/start`, `thread/revert`, `thread/archive`, `thread/delete`,
   * `thread/unsubscribe`) waits for the thread's turns as a turn does, and later ones wait for it: it neither steers nor
   * stops what runs. `thread.continuation` follows it. A directory (`cwd`, `cwds`) that is relative, or left out where codex-rs
   * would take its own, starts at the current directory of this process. Log in and out through `account`, which remembers it
   * after a crash.
   *
   * @throws `RequestError` when codex-rs refuses; `TransportError` when no answer comes; `options.signal.reason`
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
   * What codex-rs announces, in wire order, over all its processes: one that dies ends nothing, the next one is heard too.
   * Starts none, and keeps the program as little alive as any other listener. It listens from the first step of the
   * iteration on, and ends with `close()`.
   *
   * @throws `ValidationError` for a filter that is none
   * @throws `filter.signal.reason` when that signal fires; `CodexError` `notifications-missed` when the reader is too slow
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

  /** Starts codex-rs and logs in now, so that the first turn need not wait for it. */
  async warmUp(): Promise<void> {
    await this.#appServer.connect();
  }

  /** What codex-rs says about itself; starts it when it does not run. */
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
   * Finds out whether turns can run here: binary, version, account, home, configuration and sandbox. Starts codex-rs when it
   * does not run. It loads the configuration as a thread in the current directory would, with an ephemeral thread that is
   * gone afterwards, and starts the configured MCP servers for it; it changes nothing.
   *
   * @returns what was found, with advice for everything that is wrong; a check that fails does not reject
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
   * Ends the process and everything it started, and removes a temporary home with the threads in it; pending calls reject.
   * Idempotent.
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

/** A model on offer: the wire's own value. */
export type Model = protocol.Model;

/** Which models are given. @inline */
export interface ModelsOptions {
  /** Whether those come too that a user is not offered. Defaults to `false`. */
  readonly includeHidden?: boolean;
}

/** Where to look for threads. @inline */
export interface FindOptions {
  /** Whether to look among the archived threads instead. Defaults to `false`. */
  readonly archived?: boolean;
}

/** What codex-rs says about itself. */
export interface ServerInfo {
  /** The version of codex-rs, or null when it cannot be told. */
  readonly version: string | null;
  /** Whether this package was tested with that version, or with older and newer ones. */
  readonly isTested: boolean;
  /** How codex-rs names itself to model providers. */
  readonly userAgent: string;
  /** The directory codex-rs works with. */
  readonly codexHome: string;
  /** The operating system it runs on. */
  readonly platform: string;
  /** Its process id. */
  readonly processId: number | null;
  /** Which process of this client it is: 1 for the first, one more after each crash. */
  readonly generation: number;
}

/** What {@link Codex.resumeThread} takes: the proof and the thread's options in one flat object. */
export interface ResumeOptions extends Omit<ThreadOptionsRecord, 'ephemeral'>, ResumeProof {
  /** Never `true`, since a thread that exists stays where it is kept: fork the thread with `ephemeral` instead. */
  readonly ephemeral?: false | undefined;
}

type ResumeOptionsInput = (ResumeOptions & PythonThreadOptionsRecord) | Entries;
