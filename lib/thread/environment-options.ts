import { choice, texts, variables } from './option-rules.js';

const inheritances = ['all', 'core', 'none'] as const;

/** Which variables of this process the child starts from: all, those every program needs, or none. */
export type EnvironmentInheritance = (typeof inheritances)[number];

/** How the environment of the codex process is put together: inherited, then passed by name, then set. */
export class EnvironmentOptions {
  /** What the child starts from; absent means all. */
  @choice(inheritances)
  readonly inherit?: EnvironmentInheritance;

  /** Names of variables that are passed on besides. */
  @texts()
  readonly pass?: readonly string[];

  /** Variables with the values they get. */
  @variables()
  readonly set?: Readonly<Record<string, string>>;
}

/** {@link EnvironmentOptions} as an object literal. */
export interface EnvironmentOptionsRecord {
  readonly inherit?: EnvironmentInheritance | undefined;
  readonly pass?: readonly string[] | undefined;
  readonly set?: Readonly<Record<string, string | undefined>> | undefined;
}
