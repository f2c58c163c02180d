import { Inject } from '@nestjs/common';
import { Codex } from '../codex.js';
import { ValidationError } from '../errors.js';
import { shown } from '../validation.js';
import { CodexHealthIndicator } from './codex-health-indicator.js';
import { RequestThreads } from './request-threads.js';

/** The classes that a `CodexModule` provides for each of its clients. */
export type CodexProvider = typeof Codex | typeof CodexHealthIndicator | typeof RequestThreads;

/**
 * Returns the injection token of a client: the class itself for the client without a name, a string for a named one.
 * The second argument selects another provider of that client.
 *
 * @throws `ValidationError` for a blank name
 *
 * @example
 * ```ts
 * console.log(codexToken() === Codex); // true
 * console.log(codexToken('billing')); // Codex(billing)
 * console.log(codexToken('billing', CodexHealthIndicator)); // CodexHealthIndicator(billing)
 * ```
 */
export function codexToken(name?: string, provider: CodexProvider = Codex): string | CodexProvider {
  if (name === undefined) return provider;
  if (typeof name !== 'string' || name.trim() === '')
    throw new ValidationError('name of a Codex client', [
      { path: '', reason: `must be a non-blank string, got ${shown(name)}` },
    ]);
  return `${titleOf(provider)}(${name})`;
}

/**
 * Injects a client by its token. It needs no decorator metadata, so it also works with compilers such as esbuild, which
 * do not emit it.
 *
 * @example
 * ```ts
 * @Injectable()
 * class Invoices {
 *   constructor(
 *     @InjectCodex() readonly codex: Codex,
 *     @InjectCodex('billing') readonly billing: Codex,
 *   ) {}
 * }
 * ```
 */
// eslint-disable-next-line @typescript-eslint/naming-convention -- decorators are named like the ones they stand beside
export function InjectCodex(
  name?: string,
  provider: CodexProvider = Codex,
): PropertyDecorator & ParameterDecorator {
  return Inject(codexToken(name, provider));
}

/** Minifiers rename classes, and a program may contain two copies of this package. */
function titleOf(provider: CodexProvider): string {
  if (provider === CodexHealthIndicator) return 'CodexHealthIndicator';
  return provider === RequestThreads ? 'RequestThreads' : 'Codex';
}
