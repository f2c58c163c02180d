import { headerText, text } from './option-rules.js';

/**
 * How this program introduces itself to codex-rs. What is absent is filled in with this library's own.
 *
 * @example
 * ```ts
 * const codex = new Codex({ clientInfo: { name: 'release-bot', version: '1.4.0' } });
 * console.log(codex.options.clientInfo?.name); // release-bot
 * ```
 */
export class ClientInfo {
  /** A short name; it becomes the originator of threads and a part of the user agent. ASCII only. */
  @headerText()
  readonly name?: string;

  /** A name for people. */
  @text()
  readonly title?: string;

  /** The version of the program. ASCII only. */
  @headerText()
  readonly version?: string;
}
