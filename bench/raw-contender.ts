import type { Client, Contender, Conversation, Marks } from './contender.js';
import { RawClient } from './raw-client.js';

/** The limit: one app-server and the fewest requests that run a turn. */
export function rawContender({ ephemeral }: { readonly ephemeral: boolean }): Contender {
  return {
    open(place): Client {
      const client = new RawClient(place);
      return {
        thread: () => new RawThread(client, { cwd: place.workingDirectory, ephemeral }),
        close: async () => client.close(),
      };
    },
  };
}

class RawThread implements Conversation {
  readonly #client: RawClient;
  readonly #params: object;
  #threadId: string | null = null;

  constructor(client: RawClient, params: object) {
    this.#client = client;
    this.#params = params;
  }

  async turn(input: string, marks: Marks): Promise<string> {
    this.#threadId ??= await this.#start();
    const ended = this.#ending(this.#threadId, marks);
    await this.#client.request('turn/start', {
      threadId: this.#threadId,
      input: [{ type: 'text', text: input }],
    });
    marks.event();
    return ended;
  }

  async #start(): Promise<string> {
    const { thread } = await this.#client.request('thread/start', this.#params);
    return (thread as { id: string }).id;
  }

  async #ending(threadId: string, marks: Marks): Promise<string> {
    return new Promise((resolve, reject) => {
      let text = '';
      this.#client.listen(threadId, ({ method, params }) => {
        if (method === 'turn/started') marks.event();
        else if (method === 'item/agentMessage/delta') marks.text();
        else if (method === 'item/completed' && params.item?.type === 'agentMessage')
          text = params.item.text ?? '';
        else if (method === 'turn/completed')
          if (params.turn?.status === 'completed') resolve(text);
          else reject(new Error('The turn failed.'));
      });
    });
  }
}
