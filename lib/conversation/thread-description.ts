import { ThreadOptions } from '../thread/thread-options.js';
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
