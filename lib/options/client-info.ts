import { headerText, text } from './option-rules.js';

/**
 * The name and version of this program, sent to codex-rs. Absent values default to those of this library.
 *
 * @example
 * ```ts
 * const codex = new Codex({ clientInfo: { name: 'release-bot', version: '1.4.0' } });
 * console.log(codex.options.clientInfo?.name); // release-bot
 * ```
 */
export class ClientInfo {
  /** A short name. It becomes the originator of threads and part of the user agent. ASCII only. */
  @headerText()
  readonly name?: string;

  /** A display name. */
  @text()
  readonly title?: string;

  /** The version of the program. ASCII only. */
  @headerText()
  readonly version?: string;
}
