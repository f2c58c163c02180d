/** A replacement of a part of a file. */
export interface Edit {
  /** Where the old text starts. */
  readonly start: number;
  /** Where the old text ends. */
  readonly end: number;
  /** The new text. */
  readonly text: string;
}
