import { RequestError } from '../errors.js';
import type { McpServerStatus } from '../protocol/index.js';
import { decode, text } from '../wire/decode.js';
import type { AppServer } from '../wire/app-server.js';
import type { AppServerSession } from '../wire/app-server-session.js';
import { paged } from '../wire/paged.js';
import { AuthenticationError } from './authentication-error.js';
import { loggedIn, type WaitOptions } from './login-wait.js';

/** An MCP server and its current state in codex-rs. Frozen. @inline */
export interface McpServer {
  /** Its name in the configuration. */
  readonly name: string;
  /**
   * The state of its connection to the given thread; null without a thread, because codex-rs then connects only to
   * query it.
   */
  readonly status: McpServerStatus['runtimeStatus'];
  /** Its tools, sorted by name. */
  readonly tools: readonly McpServerTool[];
  /** Why it has no tools, as reported by codex-rs; null if it works. */
  readonly error: string | null;
  /** The login state: with `notLoggedIn`, call `codex.loginToMcpServer()`. */
  readonly auth: McpServerStatus['authStatus'];
  /** The origin of its URL, such as `https://mcp.example`; null for a local program. */
  readonly origin: string | null;
  /** The name and version it reports; null if it did not respond. */
  readonly info: McpServerInfo | null;
}

/** The name and version that an MCP server reports. @inline */
export interface McpServerInfo {
  /** The reported name. */
  readonly name: string;
  /** The version. */
  readonly version: string;
}

/** A tool of an MCP server. @inline */
export interface McpServerTool {
  /** Its name. */
  readonly name: string;
  /** Its description for the model, or null. */
  readonly description: string | null;
  /** The JSON Schema of its input. */
  readonly inputSchema: unknown;
}

/** Options for listing MCP servers. @inline */
export interface McpServersOptions {
  /** A loaded thread: lists its servers, including those of its own options. Without it, the servers of the client. */
  readonly threadId?: string;
  /** Only this server. */
  readonly name?: string;
}

/** Options of a login to an MCP server. @inline */
export interface McpLoginOptions {
  /** A loaded thread, for a server from its own options. */
  readonly threadId?: string;
  /** The scopes to request; defaults to those that the server asks for. */
  readonly scopes?: readonly string[];
  /** How long codex-rs waits for the redirect of the browser, in seconds. */
  readonly timeoutSecs?: number;
}

/** A pending login to an MCP server: show its `url` to the user. @inline */
export interface McpLogin {
  /** The id of the login, or null if codex-rs is too old. */
  readonly loginId: string | null;
  /** The page to open in a browser on the machine of codex-rs. */
  readonly url: string;
  /**
   * Waits until the user has logged in.
   *
   * @throws `AuthenticationError` `login-failed`, or `login-timeout` after `timeoutMs`
   * @throws `TransportError` if codex-rs has exited; `options.signal.reason`
   */
  wait(options?: WaitOptions): Promise<void>;
}

/** The MCP servers of a client at run time. */
export class McpAccess {
  readonly #appServer: AppServer;

  constructor(appServer: AppServer) {
    this.#appServer = appServer;
  }

  /** Lists the servers, over all pages. */
  async list({ threadId, name }: McpServersOptions): Promise<readonly McpServer[]> {
    const servers: McpServer[] = [];
    const params = {
      detail: 'toolsAndAuthOnly' as const,
      ...(threadId === undefined ? {} : { threadId }),
      ...(name === undefined ? {} : { serverName: name }),
    };
    const pages = paged(this.#appServer, async (cursor) =>
      this.#appServer.request('mcpServerStatus/list', { ...params, cursor }),
    );
    for await (const status of pages)
      servers.push(decode('mcpServerStatus/list', () => serverOf(status), this.#appServer));
    return servers;
  }

  /** Starts a login. */
  async login(name: string, options: McpLoginOptions): Promise<McpLogin> {
    const { threadId, scopes, timeoutSecs } = options;
    const session = await this.#appServer.connect();
    const attempt = new LoginAttempt(session, name);
    try {
      const response = await session.request('mcpServer/oauth/login', {
        name,
        ...(threadId === undefined ? {} : { threadId }),
        ...(scopes === undefined ? {} : { scopes: [...scopes] }),
        // On the wire it is a JSON number; the protocol type is bigint.
        ...(timeoutSecs === undefined ? {} : { timeoutSecs: timeoutSecs as unknown as bigint }),
      });
      return attempt.begun(decode('mcpServer/oauth/login', () => offerIn(response), session));
    } catch (error) {
      attempt.forget();
      if (!RequestError.is(error)) throw error;
      throw new AuthenticationError(
        `codex-rs could not start the login to the MCP server ${JSON.stringify(name)}: ${error.serverMessage}`,
        { code: 'login-failed', retryable: error.retryable, cause: error },
      );
    }
  }
}

/** Listens before the request is sent, because the completion may arrive before the response. */
class LoginAttempt {
  readonly completed: Promise<void>;
  readonly #session: AppServerSession;
  #loginId: string | null = null;
  #forget: () => void = () => undefined;

  constructor(session: AppServerSession, name: string) {
    this.#session = session;
    this.completed = new Promise((resolve, reject) => {
      const forget = session.onMethod('mcpServer/oauthLogin/completed', ({ params }) => {
        if (params.name !== name) return;
        // A previous attempt for the same server may end now.
        if (this.#loginId !== null && params.loginId !== this.#loginId) return;
        this.#forget();
        if (params.success) resolve();
        else reject(unsuccessful(name, params.error));
      });
      const stop = session.onClose(reject);
      this.#forget = () => {
        forget();
        stop();
      };
    });
    // The caller need not wait for it.
    this.completed.catch(() => undefined);
  }

  begun({ loginId, url }: Pick<McpLogin, 'loginId' | 'url'>): McpLogin {
    this.#loginId = loginId;
    const login = { session: this.#session, completed: this.completed };
    return Object.freeze({
      loginId,
      url,
      wait: async (options: WaitOptions = {}) => loggedIn(login, options),
    });
  }

  forget(): void {
    this.#forget();
  }
}

function offerIn(response: {
  readonly authorizationUrl: string;
  readonly loginId?: string;
}): Pick<McpLogin, 'loginId' | 'url'> {
  return { loginId: response.loginId ?? null, url: text(response.authorizationUrl) };
}

function serverOf(status: McpServerStatus): McpServer {
  const { serverInfo } = status;
  const tools = Object.entries(status.tools).flatMap(([name, tool]) =>
    tool === undefined
      ? []
      : [{ name, description: tool.description ?? null, inputSchema: tool.inputSchema }],
  );
  return Object.freeze({
    name: text(status.name),
    status: status.runtimeStatus,
    tools: Object.freeze(tools.sort((a, b) => (a.name < b.name ? -1 : 1))),
    error: status.toolsError,
    auth: status.authStatus,
    origin: status.httpOrigin,
    info: serverInfo && { name: serverInfo.name, version: serverInfo.version },
  });
}

function unsuccessful(name: string, said: string | undefined): AuthenticationError {
  return new AuthenticationError(
    `The login to the MCP server ${JSON.stringify(name)} failed: ${said ?? 'codex-rs did not report a reason'}. Start another one with codex.loginToMcpServer().`,
    { code: 'login-failed' },
  );
}
