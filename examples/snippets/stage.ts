import type { Codex } from '../../lib/index.js';
import type { ScriptedModel } from '../../lib/testing/index.js';

/** The environment of every snippet: the real codex-rs, and a scripted model that answers `A test fails.` */
export interface Stage {
  /** A client, shared by the snippets of one file. */
  readonly codex: Codex;
  /** The model of this client, and of every client that a snippet creates. */
  readonly model: ScriptedModel;
}

/** The functions that a file of snippets exports: each is run once, in this order. */
export type Snippets = Readonly<Record<string, (stage: Stage) => Promise<void> | void>>;
