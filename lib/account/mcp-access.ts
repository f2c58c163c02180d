import { RequestError } from '../errors.js';
import type { McpServerStatus } from '../protocol/index.js';
import { decode, text } from '../wire/decode.js';
import type { AppServer } from '../wire/app-server.js';
import type { AppServerSession } from '../wire/app-server-session.js';
import { paged } from '../wire/paged.js';
import { AuthenticationError } from './authentication-error.js';
import { loggedIn, type WaitOptions } from './login-wait.js';

/** An MCP server, as codex-rs has it now. Frozen. @inline */
export interface McpServer {
  /** Its name in the configuration. */
  readonly name: string;
  /**
   * The state of its connection to the thread that was asked for; null without one, when codex-rs connects to each server
   * just to ask it.
   */
  readonly status: McpServerStatus['runtimeStatus'];
  /** The tools that it offers, in the order of their names. */
  readonly tools: readonly McpServerTool[];
  /** Why it offers no tools, in codex-rs's words; null if it does, or has none. */
  readonly error: string | null;
  /** How codex-rs logs in to it: `notLoggedIn` waits for `codex.loginToMcpServer()`. */
  readonly auth: McpServerStatus['authStatus'];
  /** The origin of its address, such as `https://mcp.example`; null for a program. */
  readonly origin: string | null;
  /** Its own name and version; null if it did not respond. */
  readonly info: McpServerInfo | null;
}

/** What an MCP server says of itself. @inline */
export interface McpServerInfo {
  /** Its own name. */
  readonly name: string;
  /** Its version. */
  readonly version: string;
}

/** A tool of an MCP server. @inline */
export interface McpServerTool {
  /** Its name. */
  readonly name: string;
  /** What the model is told of it, or null. */
  readonly description: string | null;
  /** What it takes, as JSON Schema. */
  readonly inputSchema: unknown;
}

/** Which MCP servers are asked. @inline */
export interface McpServersOptions {
  /** A loaded thread: its servers, those of its own options included. Without one, the servers of the client. */
  readonly threadId?: string;
  /** Only this server. */
  readonly name?: string;
}

/** How a login to an MCP server is begun. @inline */
export interface McpLoginOptions {
  /** A loaded thread, for a server of its own options. */
  readonly threadId?: string;
  /** What the login is for; by default what the server asks for. */
  readonly scopes?: readonly string[];
  /** How long codex-rs waits for the browser to come back, in seconds. */
  readonly timeoutSecs?: number;
}

/** A login to an MCP server that waits for a person: show them its `url`. @inline */
export interface McpLogin {
  /** What codex-rs calls this login, or null if it is too old. */
  readonly loginId: string | null;
  /** The page to open in a browser on the machine that codex-rs runs on. */
  readonly url: string;
  /**
   * Waits until the person has logged in.
   *
   * @throws `AuthenticationError` `login-failed`, or `login-timeout` when `timeoutMs` has passed
   * @throws `TransportError` when codex-rs has ended; `options.signal.reason`
   */
  wait(options?: WaitOptions): Promise<void>;
}

/** The MCP servers of a client at run time. */
export class McpAccess {
  readonly #appServer: AppServer;

  constructor(appServer: AppServer) {
    this.#appServer = appServer;
  }

  /** The servers, over all pages. */
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

  /** Begins a login. */
  async login(name: string, options: McpLoginOptions): Promise<McpLogin> {
    const { threadId, scopes, timeoutSecs } = options;
    const session = await this.#appServer.connect();
    const attempt = new LoginAttempt(session, name);
    try {
      const response = await session.request('mcpServer/oauth/login', {
        name,
        ...(threadId === undefined ? {} : { threadId }),
        ...(scopes === undefined ? {} : { scopes: [...scopes] }),
        // The wire has a JSON number; the type of the protocol is that of its integer.
        ...(timeoutSecs === undefined ? {} : { timeoutSecs: timeoutSecs as unknown as bigint }),
      });
      return attempt.begun(decode('mcpServer/oauth/login', () => offerIn(response), session));
    } catch (error) {
      attempt.forget();
      if (!RequestError.is(error)) throw error;
      throw new AuthenticationError(
        `codex-rs could not begin the login to the MCP server ${JSON.stringify(name)}: ${error.serverMessage}`,
        { code: 'login-failed', retryable: error.retryable, cause: error },
      );
    }
  }
}

/** Listens from before the request on: the end of a login may overtake its response. */
class LoginAttempt {
  readonly completed: Promise<void>;
  readonly #session: AppServerSession;
  #loginId: string | null = null;
  #forget: () => void = () => undefined;

  constructor(session: AppServerSession, name: string) {
    this.#session = session;
    this.completed = new Promise((resolve, reject) => {
      const forget = session.onNotification(({ method, params }) => {
        if (method !== 'mcpServer/oauthLogin/completed' || params.name !== name) return;
        // An earlier attempt for the same server may end now.
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
    // Nobody has to wait for it.
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
    `The login to the MCP server ${JSON.stringify(name)} failed: ${said ?? 'codex-rs does not say why'}. Begin another one with codex.loginToMcpServer().`,
    { code: 'login-failed' },
  );
}
