import { pathToFileURL } from 'node:url';
import { settingsOf, type Client, type Contender, type Place, type Settings } from './contender.js';
import { installedModule } from './installed-peers.js';

/** The official `@openai/codex-sdk`, on the same codex binary: it starts one process for each turn. */
export async function sdkContender(): Promise<Contender> {
  const { Codex } = await importSdk();
  return {
    open(place: Place): Client {
      const { codexPath, codexHome, workingDirectory, environment } = place;
      const codex = new Codex({
        codexPathOverride: codexPath,
        env: { ...environment, CODEX_HOME: codexHome },
        config: settingsOf(place),
      });
      return {
        thread() {
          const thread = codex.startThread({ workingDirectory, skipGitRepoCheck: true });
          return {
            async turn(input, marks) {
              let text = '';
              const { events } = await thread.runStreamed(input);
              for await (const { type, item, error } of events) {
                marks.event();
                if (type === 'turn.failed') throw new Error(error?.message);
                if (type !== 'item.completed' || item?.type !== 'agent_message') continue;
                marks.text();
                text = item.text ?? '';
              }
              return text;
            },
          };
        },
        close: async () => Promise.resolve(),
      };
    },
  };
}

/**
 * Loads the package. It is not a dependency of this one, so that the lockfile has only one codex; so its types are not
 * available.
 */
export async function importSdk(): Promise<OfficialSdk> {
  return (await import(pathToFileURL(installedModule('@openai/codex-sdk')).href)) as OfficialSdk;
}

interface OfficialSdk {
  readonly Codex: new (options: {
    readonly codexPathOverride: string;
    readonly env: Readonly<Record<string, string>>;
    readonly config: Settings;
  }) => {
    startThread(options: {
      readonly workingDirectory: string;
      readonly skipGitRepoCheck: boolean;
    }): OfficialThread;
  };
}

interface OfficialThread {
  runStreamed(input: string): Promise<{ readonly events: AsyncIterable<OfficialEvent> }>;
}

interface OfficialEvent {
  readonly type: string;
  readonly item?: { readonly type: string; readonly text?: string };
  readonly error?: { readonly message: string };
}
