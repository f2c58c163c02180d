import type { LaunchPlan } from './launch-plan.js';
import type { Transport } from './transport.js';

/** An app-server that lives in this process: it is linked to where codex-rs would be started. */
export interface InMemoryProgram {
  readonly kind: 'in-memory';
  /** A link to it, as one start of codex-rs with this plan would give. */
  link(plan: LaunchPlan): Transport;
}

/** Sees everything that goes between a client and the codex-rs it starts. */
export interface Eavesdropper {
  readonly kind: 'eavesdropper';
  /** The binary to start; looked for as usual when it is undefined. */
  readonly codexPath: string | undefined;
  /** A link that is that of the process and tells of it. */
  listen(process: Transport, plan: LaunchPlan): Transport;
}

/** What may stand where a codex binary is named, for tests. */
export type StandIn = InMemoryProgram | Eavesdropper;

// For all copies of this package in the process, since the test kit may have been loaded as another one.
const key = Symbol.for('codex-threads.stand-ins');

function standIns(): Map<string, StandIn> {
  const shared = globalThis as { [key]?: Map<string, StandIn> };
  const named = shared[key] ?? new Map<string, StandIn>();
  shared[key] = named;
  return named;
}

/** Lets a stand-in be named as `codexPath`, or in `CODEX_PATH`, for as long as this process lives; gives that name. */
export function nameStandIn(role: string, standIn: StandIn): string {
  const named = standIns();
  const name = `in-memory:${role}-${named.size + 1}`;
  named.set(name, standIn);
  return name;
}

/** The stand-in that a plan names as its binary, if it names one. */
export function standInOf({ codexPath, environment }: LaunchPlan): StandIn | undefined {
  return standIns().get(codexPath ?? environment.CODEX_PATH ?? process.env.CODEX_PATH ?? '');
}

/** The variables to look for a binary with: what names a stand-in in them is no binary. */
export function withoutStandIn(
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string | undefined>> {
  const isStandIn = standIns().has(environment.CODEX_PATH ?? '');
  return isStandIn ? { ...environment, CODEX_PATH: undefined } : environment;
}
