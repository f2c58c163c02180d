import { ValidationError } from '../errors.js';
import { imageFormat, imageObjection } from './image-format.js';

/**
 * An image as a `data:` URL, as one part of a turn's input.
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
  /** Discriminator. */
  readonly type = 'image';
  /** The `data:` URL. */
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  /**
   * Creates an image from bytes: a PNG, JPEG, GIF or WebP.
   *
   * @throws {@link ValidationError} if the bytes have another format or are truncated
   */
  static fromBytes(bytes: Uint8Array): ImageInput {
    const format = imageFormat(bytes);
    const reason = imageObjection(bytes);
    if (format === null || reason !== null)
      throw new ValidationError('image', [{ path: '', reason: reason ?? '' }]);
    return new ImageInput(`data:image/${format};base64,${Buffer.from(bytes).toString('base64')}`);
  }
}
