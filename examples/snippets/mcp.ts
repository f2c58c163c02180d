// Snippets of the doc comments of MCP servers at run time.
import { Codex, StdioTransport } from '../../lib/index.js';
import { FaultyTransport } from '../../lib/testing/index.js';
import type { Stage } from './stage.js';

export async function mcpServers({ codex }: Stage): Promise<void> {
  const program = '.build/spec/approvals/mcp-server.js';
  // #region Codex.mcpServers
  const mcp_servers = { bank: { command: process.execPath, args: [program] } };
  const thread = codex.startThread({ config: { mcp_servers } });
  const [bank] = await codex.mcpServers({ threadId: await thread.open() });
  console.log(bank?.name, bank?.tools.length); // bank 2
  // #endregion
}

export async function loginToMcpServer(): Promise<void> {
  const status = {
    name: 'shop',
    runtimeStatus: null,
    pluginId: null,
    httpOrigin: 'https://shop.invalid',
    serverInfo: null,
    tools: { buy: { name: 'buy', inputSchema: {} } },
    serverCapabilities: null,
    toolListMeta: null,
    toolsError: null,
    resources: [],
    resourceTemplates: [],
    authStatus: 'oAuth' as const,
  };
  const transport = new FaultyTransport(new StdioTransport())
    .on('mcpServer/oauth/login')
    .notify('mcpServer/oauthLogin/completed', {
      name: 'shop',
      threadId: null,
      loginId: 'login-1',
      success: true,
    })
    .on('mcpServer/oauth/login')
    .answer({ loginId: 'login-1', authorizationUrl: 'https://shop.invalid/authorize' })
    .on('mcpServerStatus/list')
    .answer({ data: [status], nextCursor: null });
  await using codex = new Codex({ transport });
  const show = (url: string): boolean => url.startsWith('https://');
  // #region Codex.loginToMcpServer
  const login = await codex.loginToMcpServer('shop');
  show(login.url);
  await login.wait({ timeoutMs: 300_000 });

  const [shop] = await codex.mcpServers({ name: 'shop' });
  console.log(shop?.auth, shop?.tools.length); // oAuth 1
  // #endregion
}
