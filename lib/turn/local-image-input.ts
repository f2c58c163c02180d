/**
 * An image file, as one part of a turn's input.
 *
 * @example
 * ```ts
 * const image = new LocalImageInput('screenshots/checkout.png');
 * console.log(image.type, image.path); // localImage screenshots/checkout.png
 * ```
 */
export class LocalImageInput {
  /** Discriminator. */
  readonly type = 'localImage';
  /** The path of the file; a relative one starts at this process's current directory. */
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }
}
