import { text } from './option-rules.js';

/** How this program introduces itself to codex-rs. What is absent is filled in with this library's own. */
export class ClientInfo {
  /** A short name in one word; it becomes the originator of threads and a part of the user agent. */
  @text()
  readonly name?: string;

  /** A name for people. */
  @text()
  readonly title?: string;

  /** The version of the program. */
  @text()
  readonly version?: string;
}
