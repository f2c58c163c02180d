import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const accountId = 'acc-1';

/** Replaces the ChatGPT login site, on the loopback interface: codex-rs can be configured to use it. */
export class ChatGptSite {
  readonly #server: Server;
  /** The requests, as `METHOD /path`. */
  readonly requests: string[] = [];
  /** Whether the user with the code has logged in. */
  isCodeEntered = false;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<ChatGptSite> {
    const server = createServer();
    const site = new ChatGptSite(server);
    server.on('request', (request, response) => {
      void site.#answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return site;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The settings that make codex-rs log in here. */
  get environment(): Record<string, string> {
    return { CODEX_APP_SERVER_LOGIN_ISSUER: this.url };
  }

  /** The settings that make codex-rs look up the account here. */
  get config(): { readonly chatgpt_base_url: string } {
    return { chatgpt_base_url: `${this.url}/backend` };
  }

  /** The auth.json that codex-rs stores for a login here. */
  login(): string {
    return JSON.stringify({
      auth_mode: 'chatgpt',
      OPENAI_API_KEY: null,
      tokens: { id_token: token, access_token: token, refresh_token: 'r', account_id: accountId },
      last_refresh: new Date().toISOString(),
    });
  }

  /** Sends the redirect of the browser after the user has logged in, or declined. */
  async visit(page: string, outcome: 'agrees' | 'refuses'): Promise<void> {
    const asked = new URL(page).searchParams;
    const back = new URL(asked.get('redirect_uri') ?? '');
    back.searchParams.set('state', asked.get('state') ?? '');
    if (outcome === 'agrees') back.searchParams.set('code', 'code-1');
    else {
      back.searchParams.set('error', 'access_denied');
      back.searchParams.set('error_description', 'No thanks');
    }
    await (await fetch(back)).text();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split('?')[0] ?? '';
    this.requests.push(`${request.method ?? ''} ${path}`);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (path.endsWith('/ps/mcp')) {
      answerAsApps(Buffer.concat(chunks).toString(), response);
      return;
    }
    const reply = this.#reply(path);
    response.writeHead(reply === null ? 403 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(reply ?? {}));
  }

  #reply(path: string): object | null {
    if (path.endsWith('/deviceauth/usercode'))
      return { device_auth_id: 'device-1', user_code: 'ABCD-EFGH', interval: '0' };
    if (path.endsWith('/deviceauth/token'))
      return this.isCodeEntered
        ? { authorization_code: 'code-1', code_challenge: 'x', code_verifier: 'y' }
        : null;
    if (path.endsWith('/oauth/token'))
      return { id_token: token, access_token: token, refresh_token: 'refresh-token-1' };
    return path.endsWith('/accounts/check') ? workspaces : {};
  }
}

/** The apps of the account are an MCP server. */
function answerAsApps(body: string, response: ServerResponse): void {
  // Without a body it requests a stream, which is optional.
  if (body === '') response.writeHead(405).end();
  else {
    const { id, method, params } = JSON.parse(body) as {
      readonly id?: number;
      readonly method: string;
      readonly params?: { readonly protocolVersion?: string };
    };
    const serverInfo = { name: 'apps', version: '1' };
    const hello = { ...params, capabilities: { tools: {} }, serverInfo };
    const result = method === 'initialize' ? hello : { tools: [calendar] };
    response.writeHead(id === undefined ? 202 : 200, { 'content-type': 'application/json' });
    response.end(id === undefined ? '' : JSON.stringify({ jsonrpc: '2.0', id, result }));
  }
}

const calendar = {
  name: 'calendar_create',
  title: 'Create',
  description: 'Makes a date.',
  inputSchema: { type: 'object', properties: {} },
  annotations: { readOnlyHint: true },
  _meta: { connector_id: 'calendar', connector_name: 'Calendar' },
};

function part(value: object | string): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString(
    'base64url',
  );
}

const token = [
  part({ alg: 'RS256', typ: 'JWT' }),
  part({
    email: 'ada@example.test',
    exp: 4_102_444_800,
    'https://api.openai.com/auth': {
      chatgpt_plan_type: 'plus',
      chatgpt_account_id: accountId,
      chatgpt_user_id: 'user-1',
    },
  }),
  part('signature'),
].join('.');

const workspaces = {
  accounts: [
    {
      id: accountId,
      name: 'Payments',
      structure: 'personal',
      plan_type: 'plus',
      workspace_backend_origin: 'https://chatgpt.com',
      account_routing_override: 'NO_CONSTRAINT',
      profile_picture_url: null,
      can_access_with_session: true,
      sso_connection_name: null,
      is_deactivated: false,
      is_fedramp_compliant_workspace: false,
    },
  ],
  account_ordering: [accountId],
  default_account_id: accountId,
};
