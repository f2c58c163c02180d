import { ThreadOptions } from '../thread/thread-options.js';
import type { LoadedThread } from './loaded-thread.js';
import { ThreadTools } from './thread-tools.js';

/** What a thread is loaded with in this process: its own options, which turns with others put back, and its tools. */
export class ThreadDescription {
  #options: ThreadOptions;
  #tools: ThreadTools;

  constructor(options: ThreadOptions) {
    this.#options = options;
    this.#tools = new ThreadTools(options.tools ?? []);
  }

  get options(): ThreadOptions {
    return this.#options;
  }

  get tools(): ThreadTools {
    return this.#tools;
  }

  /**
   * The tools that a turn with these options calls: whoever resumes a thread that is loaded still has objects of its own.
   *
   * @throws `ToolsChangedError` when the thread's model does not know one of them
   */
  async toolsFor({ tools }: ThreadOptions, thread: LoadedThread): Promise<ThreadTools> {
    const { tools: known = [] } = this.#options;
    const isSame = tools?.length === known.length && tools.every((tool, at) => tool === known[at]);
    if (tools === undefined || isSame) return this.#tools;
    const own = new ThreadTools(tools);
    await own.check(thread, this.#tools.digests());
    return own;
  }

  /** Somebody resumed the thread, which is not loaded, with these options: what they are silent about stays as it was. */
  renew(options: ThreadOptions): void {
    const kept = new Map<string, unknown>(Object.entries(this.#options));
    // Tools would be appended, and the same ones be there twice.
    if (options.tools !== undefined) {
      kept.delete('tools');
      this.#tools = new ThreadTools(options.tools);
    }
    const examination = ThreadOptions.check(kept, options);
    // Where the two together cannot be, the later ones are what was asked for.
    this.#options = examination.ok ? examination.value : options;
  }
}
