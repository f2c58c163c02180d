import { pathToFileURL } from 'node:url';
import { settingsOf, type Client, type Contender, type Place, type Settings } from './contender.js';
import { installedModule } from './installed-peers.js';

const name = 'codex-app-server';

/** `ai-sdk-provider-codex-cli` with the Vercel AI SDK, on one `codex app-server`, with stored threads. */
export async function aiSdkContender(): Promise<Contender> {
  const peer = (await load('ai-sdk-provider-codex-cli')) as ProviderModule;
  const ai = (await load('ai')) as AiModule;
  return {
    open(place: Place): Client {
      const { codexPath, codexHome, workingDirectory: cwd, environment } = place;
      const provider = peer.createCodexAppServer({
        defaultSettings: {
          codexPath,
          cwd,
          env: { ...environment, CODEX_HOME: codexHome },
          configOverrides: settingsOf(place),
          threadMode: 'persistent',
          logger: false,
        },
      });
      return {
        thread() {
          let threadId: string | undefined;
          return {
            async turn(prompt, marks) {
              const result = ai.streamText({
                model: provider('gpt-5.5'),
                prompt,
                providerOptions: threadId === undefined ? {} : { [name]: { threadId } },
              });
              let text = '';
              for await (const part of result.stream) {
                marks.event();
                if (part.type === 'error')
                  throw new Error('The turn failed.', { cause: part.error });
                if (part.type !== 'text-delta') continue;
                marks.text();
                text += part.text ?? '';
              }
              const { providerMetadata } = await result.finalStep;
              threadId = providerMetadata?.[name]?.threadId;
              return text;
            },
          };
        },
        close: async () => provider.close(),
      };
    },
  };
}

async function load(peer: string): Promise<unknown> {
  return import(pathToFileURL(installedModule(peer)).href);
}

interface ProviderModule {
  createCodexAppServer(options: {
    readonly defaultSettings: Readonly<Record<string, string | false | Settings>>;
  }): Provider;
}

interface Provider {
  (modelId: string): object;
  close(): Promise<void>;
}

interface AiModule {
  streamText(options: {
    readonly model: object;
    readonly prompt: string;
    readonly providerOptions: Readonly<Record<string, Readonly<Record<string, string>>>>;
  }): {
    readonly stream: AsyncIterable<Part>;
    readonly finalStep: PromiseLike<{
      readonly providerMetadata?: Readonly<Record<string, { readonly threadId?: string }>>;
    }>;
  };
}

interface Part {
  readonly type: string;
  readonly text?: string;
  readonly error?: unknown;
}
