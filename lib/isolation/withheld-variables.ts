import { flawOfSecret, Secret } from '../redaction.js';
import { modelKeys } from '../transport/child-environment.js';

/** Properties of {@link WithheldVariables}. */
export interface WithheldVariablesProps {
  /** The environment of this process. */
  readonly host: Readonly<Record<string, string | undefined>>;
  /** The environment that the codex process gets. */
  readonly child: Readonly<Record<string, string>>;
  /** Whether the user replaced the whole environment with `env`. */
  readonly isReplaced: boolean;
}

/** The variables of this process that the codex process gets or not: explains failures caused by a missing one. */
export class WithheldVariables {
  readonly #props: WithheldVariablesProps;

  constructor(props: WithheldVariablesProps) {
    this.#props = props;
  }

  /** Whether this process has the variable and the codex process does not. */
  has(name: string): boolean {
    const { host, child } = this.#props;
    return host[name] !== undefined && host[name] !== '' && child[name] === undefined;
  }

  /** The value that the codex process gets, or null. */
  secretAt(name: string): Secret | null {
    const value = this.#props.child[name];
    return value === undefined ? null : new Secret(value);
  }

  /** Why the value cannot be sent as a key, or null. A blank value counts as missing. */
  flaw(name: string): string | null {
    const value = this.#props.child[name] ?? '';
    return value.trim() === '' ? null : flawOfSecret(value);
  }

  /** How to pass a variable to the codex process. */
  remedy(name: string): string {
    if (modelKeys.includes(name))
      return `codex-rs gets it only if a provider in the config of the client refers to it, as config.model_providers.<id>.env_key`;
    return this.#props.isReplaced
      ? `pass it in env, or use environment: { pass: ['${name}'] } instead`
      : `pass it with environment: { pass: ['${name}'] }`;
  }

  /** The remedy for a failure that names such a variable, or null for any other failure. */
  explain(failure: string): string | null {
    const [, name] = /environment variable:? [`"']?([A-Za-z_]\w*)/i.exec(failure) ?? [];
    if (name === undefined || !this.has(name)) return null;
    return `${name} is set for this process but not for codex-rs: ${this.remedy(name)}.`;
  }
}
