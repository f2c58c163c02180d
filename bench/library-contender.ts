import { createRequire } from 'node:module';
import type * as library from '../lib/index.js';
import { ListeningServer } from './listening-server.js';
import {
  settingsOf,
  type Client,
  type Contender,
  type Conversation,
  type Place,
} from './contender.js';

// Not the sources but the output of `npm run build`, resolved like an installed package. The compiler does not resolve it.
const packageName = 'codex-threads' as string;

/** codex-threads, as published. */
export async function libraryContender({
  ephemeral,
}: {
  readonly ephemeral: boolean;
}): Promise<Contender> {
  const { Codex } = await importLibrary();
  return {
    open(place: Place): Client {
      const { codexPath, codexHome, workingDirectory, environment } = place;
      const codex = new Codex({
        codexPath,
        codexHome,
        env: environment,
        config: settingsOf(place),
      });
      return clientOf(codex, { workingDirectory, ephemeral });
    },
  };
}

/** codex-threads, with a codex-rs on the same machine that listens on a WebSocket. */
export async function remoteContender(): Promise<Contender> {
  const { Codex, WebSocketTransport } = await importLibrary();
  return {
    async open(place: Place): Promise<Client> {
      const server = await ListeningServer.start(place);
      const codex = new Codex({ transport: new WebSocketTransport({ url: server.url }) });
      const client = clientOf(codex, { workingDirectory: place.workingDirectory });
      return {
        ...client,
        async close() {
          await client.close();
          await server.close();
        },
      };
    },
  };
}

function clientOf(codex: library.Codex, options: library.ThreadOptionsRecord): Client {
  const wanted = { ticket: 'PAY-123' };
  let found: string | null = null;
  return {
    thread: () => conversationOf(codex.startThread(options)),
    describe() {
      codex.startThread(twelveOptions);
    },
    overriding() {
      const changes = { options: { modelReasoningEffort: 'low' } } as const;
      return conversationOf(codex.startThread(options).clone(changes));
    },
    stored: {
      async list() {
        let count = 0;
        for await (const { threadId } of codex.listThreads())
          if (threadId !== '' && ++count === 20) break;
      },
      async find() {
        found = (await first(codex.findThreads(wanted)))?.threadId ?? null;
        if (found !== null) return;
        const { threadId } = await codex.startThread({ ...options, labels: wanted }).run('Begin');
        found = threadId;
      },
      async resume() {
        const thread = await codex.resumeThread(found ?? '');
        await thread.run('Say three words');
        await thread.release();
      },
    },
    async close() {
      await codex.close();
    },
  };
}

function conversationOf(thread: library.Thread): Conversation {
  return {
    async turn(input, marks) {
      const turn = thread.runStreamed(input);
      for await (const { type } of turn) {
        marks.event();
        if (type === 'text.delta') marks.text();
      }
      return (await turn.result()).finalResponse ?? '';
    },
  };
}

async function first<T>(all: AsyncIterable<T>): Promise<T | undefined> {
  for await (const one of all) return one;
  return undefined;
}

/** Loads the package as an ES module. */
export async function importLibrary(): Promise<typeof library> {
  return (await import(packageName)) as typeof library;
}

/** Loads the package as CommonJS. */
export function requireLibrary(): typeof library {
  return createRequire(import.meta.url)(packageName) as typeof library;
}

const twelveOptions: library.ThreadOptionsRecord = {
  model: 'gpt-5.5',
  modelReasoningEffort: 'high',
  modelReasoningSummary: 'concise',
  sandboxMode: 'workspace-write',
  workingDirectory: '/repository',
  additionalDirectories: ['/data', '/cache'],
  networkAccessEnabled: true,
  webSearchMode: 'cached',
  approvalPolicy: 'on-request',
  developerInstructions: 'Keep the public API as it is.',
  serviceName: 'bench',
  labels: { team: 'payments', ticket: 'PAY-123' },
};
