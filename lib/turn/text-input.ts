/** A text, as one part of what the user says in a turn. */
export class TextInput {
  /** Tells the parts apart. */
  readonly type = 'text';
  /** The text. */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
