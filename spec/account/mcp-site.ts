import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly protocolVersion?: string };
}

/** A real MCP server over HTTP that requires an OAuth login, and the login site. */
export class McpSite {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<McpSite> {
    const server = createServer((request, response) => {
      void answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new McpSite(server);
  }

  /** The URL of the MCP server. */
  get url(): string {
    return `${originOf(this.#server.address() as AddressInfo)}/mcp`;
  }

  /** The actions of the browser of a user who accepts or declines. */
  static async visit(url: string, answer: Readonly<Record<string, string>>): Promise<void> {
    const { searchParams } = new URL(url);
    const back = new URL(searchParams.get('redirect_uri') ?? '');
    back.search = String(
      new URLSearchParams({ ...answer, state: searchParams.get('state') ?? '' }),
    );
    await (await fetch(back)).text();
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function originOf({ port }: AddressInfo): string {
  return `http://127.0.0.1:${port}`;
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const origin = originOf(request.socket.address() as AddressInfo);
  let body = '';
  for await (const part of request) body += String(part);
  const send = (status: number, value: object, headers: Record<string, string> = {}): void => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(value));
  };
  const { url = '' } = request;
  if (url.startsWith('/.well-known/oauth-authorization-server')) send(200, metadataOf(origin));
  else if (url.startsWith('/.well-known/oauth-protected-resource'))
    send(200, { resource: `${origin}/mcp`, authorization_servers: [origin] });
  else if (url === '/register') send(201, { client_id: 'spec', ...(JSON.parse(body) as object) });
  else if (url === '/token')
    send(200, { access_token: 'spec-token', token_type: 'Bearer', expires_in: 3600 });
  else if (request.headers.authorization !== 'Bearer spec-token')
    send(401, {}, { 'www-authenticate': 'Bearer' });
  else if (request.method !== 'POST') send(405, {});
  else {
    const message = JSON.parse(body) as Message;
    const { id } = message;
    if (id === undefined) send(202, {});
    else send(200, { jsonrpc: '2.0', id, result: resultOf(message) });
  }
}

function metadataOf(origin: string): object {
  return {
    issuer: origin,
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: `${origin}/token`,
    registration_endpoint: `${origin}/register`,
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['none'],
  };
}

function resultOf({ method, params }: Message): object {
  if (method === 'initialize')
    return {
      protocolVersion: params?.protocolVersion,
      capabilities: { tools: {} },
      serverInfo: { name: 'shop', version: '1' },
    };
  if (method === 'tools/list')
    return { tools: [{ name: 'buy', inputSchema: { type: 'object', properties: {} } }] };
  return {};
}
