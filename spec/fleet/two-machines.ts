import { ScriptedReply, type ScriptedModel } from '../../lib/testing/index.js';
import { OfflineCodex } from '../offline-codex.js';
import type { Codex, CodexOptionsRecord } from '../../lib/index.js';

/** Fleets disable the login shell that every load of a thread starts. */
export const withoutShells = { features: { shell_snapshot: false } };

/** Two homes, each with a model that answers every request, to simulate two machines. */
export class TwoMachines {
  readonly here: OfflineCodex;
  readonly there: OfflineCodex;

  private constructor(here: OfflineCodex, there: OfflineCodex) {
    this.here = here;
    this.there = there;
  }

  static async start(): Promise<TwoMachines> {
    const machines = new TwoMachines(await OfflineCodex.start(), await OfflineCodex.start());
    for (const { model } of [machines.here, machines.there])
      model.otherwise(ScriptedReply.message('Done.'));
    return machines;
  }

  /** A client for each home. */
  clients(options: CodexOptionsRecord = {}): readonly [Codex, Codex] {
    const config = withoutShells;
    return [this.here.client({ config, ...options }), this.there.client({ config, ...options })];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.here[Symbol.asyncDispose]();
    await this.there[Symbol.asyncDispose]();
  }
}

/** The user messages in the latest request to a model. */
export function saidTo(model: ScriptedModel): readonly string[] {
  return (model.requests.at(-1)?.userTexts ?? []).filter((text) => !text.startsWith('<'));
}
