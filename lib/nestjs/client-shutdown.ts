import type { OnApplicationShutdown } from '@nestjs/common';
import type { Codex } from '../codex.js';

/** Closes a client when the application shuts down. @internal */
export class ClientShutdown implements OnApplicationShutdown {
  readonly #codex: Codex;

  constructor(codex: Codex) {
    this.#codex = codex;
  }

  /** Nest calls it once the HTTP server has closed its connections. */
  async onApplicationShutdown(): Promise<void> {
    await this.#codex.close();
  }
}
