import {
  Codex,
  UnixSocketTransport,
  WebSocketTransport,
  type AppServerTransport,
} from '../index.js';
import { textOf, type Command, type CommandOptions, type OptionValues } from './command.js';
import { UsageError } from './usage-error.js';

/** The options of every command. */
const commonOptions: CommandOptions = {
  help: { type: 'boolean', short: 'h', description: 'show this help' },
  version: { type: 'boolean', short: 'v', description: 'show the version' },
};

/** The options of the commands that use codex-rs. */
export const globalOptions: CommandOptions = {
  'codex-home': {
    type: 'string',
    hint: 'DIR',
    description: 'the Codex home; default: CODEX_HOME, else ~/.codex',
  },
  server: {
    type: 'string',
    hint: 'URL',
    description:
      'a running app-server: ws://, wss:// or unix:///PATH; its token in CODEX_THREADS_TOKEN',
  },
  ...commonOptions,
};

/** All options of a command. */
export function optionsOf({ options, usesCodex }: Command): CommandOptions {
  return { ...options, ...(usesCodex ? globalOptions : commonOptions) };
}

/** Creates a client for the home or the server that the options name. */
export function openCodex(values: OptionValues): Codex {
  const codexHome = textOf(values, 'codex-home');
  const server = textOf(values, 'server');
  if (codexHome !== undefined && server !== undefined)
    throw new UsageError(
      '--codex-home cannot be combined with --server: the server has its own home.',
    );
  if (server !== undefined) return new Codex({ transport: transportTo(server) });
  return new Codex(codexHome === undefined ? {} : { codexHome });
}

function transportTo(server: string): AppServerTransport {
  const { CODEX_THREADS_TOKEN: token } = process.env;
  const url = URL.canParse(server) ? new URL(server) : null;
  switch (url?.protocol) {
    case 'ws:':
    case 'wss:':
      return new WebSocketTransport({ url: server, token });
    case 'unix:':
      return new UnixSocketTransport({ path: decodeURIComponent(url.pathname) });
    default:
      throw new UsageError(
        `--server must be a URL that begins with ws://, wss:// or unix:///, got "${server}".`,
      );
  }
}
