/**
 * A text, as one part of what the user says in a turn.
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
  /** Tells the parts apart. */
  readonly type = 'text';
  /** The text. */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
