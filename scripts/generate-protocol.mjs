// Writes lib/protocol/generated/protocol.ts (one file) from the pinned @openai/codex. usage: node scripts/generate-protocol.mjs [CODEX_BIN]
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

// Methods whose result name does not follow from XParams -> XResponse or from method -> Response.
const OVERRIDES = {
  'account/gatewayOAuth/cancel': 'GatewayOAuthCancelResponse',
  'config/mcpServer/reload': 'McpServerRefreshResponse',
  'accountSession/list': 'AccountSessionsResponse',
  'account/logout': 'LogoutAccountResponse',
  'account/securitySetup/read': 'GetAccountSecuritySetupResponse',
  'account/workspaceMessages/read': 'GetWorkspaceMessagesResponse',
  'externalAgentConfig/import/readHistories': 'ExternalAgentConfigImportHistoriesReadResponse',
  'config/value/write': 'ConfigWriteResponse',
  'config/batchWrite': 'ConfigWriteResponse',
  'modelProvider/default/set': 'ConfigWriteResponse',
};

const require = createRequire(import.meta.url);
const codexPackage = process.argv[2] ? undefined : require.resolve('@openai/codex/package.json');
const version = codexPackage ? JSON.parse(readFileSync(codexPackage, 'utf8')).version : 'unpinned';
const [command, ...first] = codexPackage
  ? [process.execPath, join(dirname(codexPackage), 'bin/codex.js')]
  : [process.argv[2]];
// Inside the project: codex warns about a home in the system's temporary folder.
mkdirSync(new URL('../.build/', import.meta.url), { recursive: true });
const dir = mkdtempSync(fileURLToPath(new URL('../.build/protocol-', import.meta.url)));
try {
  execFileSync(
    command,
    [...first, 'app-server', 'generate-ts', '--experimental', '--out', join(dir, 'ts')],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, CODEX_HOME: dir },
    },
  );
  const root = join(dir, 'ts');
  const files = readdirSync(root, { recursive: true })
    .map((f) => String(f).replaceAll('\\', '/'))
    .filter((f) => f.endsWith('.ts') && posix.basename(f) !== 'index.ts')
    .sort();
  const base = (f) => posix.basename(f, '.ts');
  const count = Map.groupBy
    ? Map.groupBy(files, base)
    : files.reduce((m, f) => m.set(base(f), [...(m.get(base(f)) ?? []), f]), new Map());
  // If a name is both in the root and in v2/, the v2 type keeps it; the root type gets the prefix Legacy.
  const nameOf = (f) =>
    count.get(base(f)).length > 1 && !f.startsWith('v2/') ? `Legacy${base(f)}` : base(f);
  const names = new Set(files.map(nameOf));
  if (names.size !== files.length) throw new Error('two types would have the same name');
  let text = '';
  for (const file of files) {
    const renames = new Map(nameOf(file) === base(file) ? [] : [[base(file), nameOf(file)]]);
    const body = readFileSync(join(root, file), 'utf8')
      .replace(/^import type \{ (\w+) \} from "([^"]+)";\n/gm, (_, name, spec) => {
        const target = `${posix.join(posix.dirname(file), spec)}.ts`;
        if (!files.includes(target)) throw new Error(`${file}: cannot find ${spec}`);
        if (nameOf(target) !== name) renames.set(name, nameOf(target));
        return '';
      })
      .replace(/^\/\/ .*\n/gm, '');
    if (/^import /m.test(body)) throw new Error(`${file}: an import of an unknown form`);
    let out = body.trim();
    for (const [from, to] of renames)
      out = out.replace(new RegExp(`(?<!["\\w])${from}(?!["\\w])(?!\\??:)`, 'g'), to);
    text += `${out}\n`;
  }
  for (const [union, map] of [
    ['ClientRequest', 'ClientRequests'],
    ['ServerRequest', 'ServerRequests'],
  ]) {
    const source = readFileSync(join(root, `${union}.ts`), 'utf8');
    const methods = [...source.matchAll(/"method": "([^"]+)"/g)].map((m) => m[1]);
    const entries = [
      ...source.matchAll(
        /\{ "method": "([^"]+)", id: RequestId, params(\??): (\w+)(?: \| (?:null|undefined))*,? \}/g,
      ),
    ];
    if (entries.length !== methods.length)
      throw new Error(
        `${union}: ${methods.length} methods, ${entries.length} parsed: ${methods.filter((m) => !entries.some((e) => e[1] === m))}`,
      );
    const unknown = [];
    text += `/** Each method of {@link ${union}} with its params and its result. */\nexport interface ${map} {\n`;
    for (const [, method, optional, params] of entries) {
      const pascal = method
        .split('/')
        .map((s) => s[0].toUpperCase() + s.slice(1))
        .join('');
      const result = [
        OVERRIDES[method],
        params.replace(/Params$/, 'Response'),
        `${pascal}Response`,
      ].find((c) => c && c !== params && names.has(c));
      if (!result) unknown.push(`${method} (${params})`);
      text += `  "${method}": { params${optional}: ${params}; result: ${result} };\n`;
    }
    text += '}\n';
    if (unknown.length > 0)
      throw new Error(`${union}: no result type for ${unknown.join(', ')}; add it to OVERRIDES`);
  }
  for (const [union, map] of [
    ['ServerNotification', 'ServerNotifications'],
    ['ClientNotification', 'ClientNotifications'],
  ])
    text += `/** Each method of {@link ${union}} with its params. */\nexport type ${map} = { [N in ${union} as N["method"]]: N extends { params: infer P } ? P : undefined };\n`;
  const target = new URL('../lib/protocol/generated/protocol.ts', import.meta.url);
  mkdirSync(new URL('.', target), { recursive: true });
  writeFileSync(
    target,
    `// Generated from @openai/codex ${version} by scripts/generate-protocol.mjs. Do not edit.\n/* eslint-disable */\n${text}`,
  );
} finally {
  rmSync(dir, { recursive: true, force: true });
}
