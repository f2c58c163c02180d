import type { Codex } from '../../lib/index.js';
import type { ScriptedModel } from '../../lib/testing/index.js';

/** What every snippet of the documentation is run with: the real codex-rs, and a scripted model that answers `A test fails.` */
export interface Stage {
  /** A client, shared by the snippets of one file. */
  readonly codex: Codex;
  /** The model behind it, and behind every client a snippet makes. */
  readonly model: ScriptedModel;
}

/** The functions that a file of snippets exports: each is run once, in this order. */
export type Snippets = Readonly<Record<string, (stage: Stage) => Promise<void> | void>>;
