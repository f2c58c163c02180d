import { flawOfSecret, Secret } from '../redaction.js';
import { modelKeys } from '../transport/child-environment.js';

/** What {@link WithheldVariables} go by. */
export interface WithheldVariablesProps {
  /** The environment of this process. */
  readonly host: Readonly<Record<string, string | undefined>>;
  /** The environment that the codex process gets. */
  readonly child: Readonly<Record<string, string>>;
  /** Whether the user gave the whole environment as `env`. */
  readonly isReplaced: boolean;
}

/** What the codex process gets of the variables of this process: explains failures for want of one of them. */
export class WithheldVariables {
  readonly #props: WithheldVariablesProps;

  constructor(props: WithheldVariablesProps) {
    this.#props = props;
  }

  /** Whether this process has the variable and the codex process has not. */
  has(name: string): boolean {
    const { host, child } = this.#props;
    return host[name] !== undefined && host[name] !== '' && child[name] === undefined;
  }

  /** The value that the codex process gets, or null. */
  secretAt(name: string): Secret | null {
    const value = this.#props.child[name];
    return value === undefined ? null : new Secret(value);
  }

  /** Why the value that the codex process gets cannot be sent as a key, or null. A blank one counts as missing. */
  flaw(name: string): string | null {
    const value = this.#props.child[name] ?? '';
    return value.trim() === '' ? null : flawOfSecret(value);
  }

  /** How to hand a variable on. */
  remedy(name: string): string {
    if (modelKeys.includes(name))
      return `codex-rs gets it only for a provider in the config of the client that names it, as config.model_providers.<id>.env_key`;
    return this.#props.isReplaced
      ? `give it in env, or use environment: { pass: ['${name}'] } instead`
      : `pass it with environment: { pass: ['${name}'] }`;
  }

  /** What to do about a failure that names such a variable, or null for any other failure. */
  explain(failure: string): string | null {
    const [, name] = /environment variable:? [`"']?([A-Za-z_]\w*)/i.exec(failure) ?? [];
    if (name === undefined || !this.has(name)) return null;
    return `This process has ${name}, but codex-rs does not get it: ${this.remedy(name)}.`;
  }
}
