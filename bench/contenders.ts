import type { Contender, ContenderName } from './contender.js';

/** Loads a contender and its package. */
export async function loadContender(name: ContenderName): Promise<Contender> {
  switch (name) {
    case 'codex-threads':
    case 'codex-threads ephemeral':
      return (await import('./library-contender.js')).libraryContender({
        ephemeral: name === 'codex-threads ephemeral',
      });
    case 'codex-threads over a WebSocket':
      return (await import('./library-contender.js')).remoteContender();
    case 'raw':
    case 'raw ephemeral':
      return (await import('./raw-contender.js')).rawContender({
        ephemeral: name === 'raw ephemeral',
      });
    case 'official SDK':
      return (await import('./sdk-contender.js')).sdkContender();
    case 'AI SDK provider':
      return (await import('./ai-sdk-contender.js')).aiSdkContender();
    case 'Python client':
      throw new Error('The Python client has its own worker: worker.py.');
  }
}
