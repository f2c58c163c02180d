import { ValidationError } from '../errors.js';
import { imageFormat, imageObjection } from './image-format.js';

/**
 * An image as a `data:` URL, as one part of what the user says in a turn.
 *
 * @example
 * ```ts
 * await thread.run([
 *   new TextInput('What is wrong on this page, and which file is it?'),
 *   ImageInput.fromBytes(screenshot),
 * ]);
 * ```
 */
export class ImageInput {
  /** Tells the parts apart. */
  readonly type = 'image';
  /** The `data:` URL. */
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  /**
   * The image these bytes are: a PNG, JPEG, GIF or WebP.
   *
   * @throws {@link ValidationError} when they are something else, or are cut off
   */
  static fromBytes(bytes: Uint8Array): ImageInput {
    const format = imageFormat(bytes);
    const reason = imageObjection(bytes);
    if (format === null || reason !== null)
      throw new ValidationError('image', [{ path: '', reason: reason ?? '' }]);
    return new ImageInput(`data:image/${format};base64,${Buffer.from(bytes).toString('base64')}`);
  }
}
