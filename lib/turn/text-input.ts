/**
 * A text, as one part of a turn's input.
 *
 * @example
 * ```ts
 * await thread.run([
 *   new TextInput('What is wrong on this page, and which file is it?'),
 *   ImageInput.fromBytes(screenshot),
 * ]);
 * ```
 */
export class TextInput {
  /** Discriminator. */
  readonly type = 'text';
  /** The text. */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
