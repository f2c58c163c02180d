import { ValidationError } from '../errors.js';
import { isRecord } from '../shapes.js';
import { shown } from '../validation.js';

// Shared by all copies of this package in the process.
const brand = Symbol.for('codex-threads.tool-image');
const dataUrl = /^data:image\/[a-z0-9.+-]+;base64,[A-Za-z0-9+/]+={0,2}$/;

/**
 * An image in the result of a tool.
 *
 * @example
 * ```ts
 * class Screen {
 *   @Tool({ description: 'Takes a screenshot.' })
 *   screenshot(): ToolImage {
 *     const png = Buffer.from('89504e470d0a1a0a', 'hex');
 *     return ToolImage.fromBytes(png, 'image/png');
 *   }
 * }
 * ```
 */
export class ToolImage {
  /** The image as a data URL. codex-rs does not fetch other URLs. */
  readonly imageUrl: string;

  /** @throws {@link ValidationError} if it is not a Base64 data URL of an image */
  constructor(imageUrl: string) {
    if (typeof imageUrl !== 'string' || !dataUrl.test(imageUrl))
      throw new ValidationError('image', [
        {
          path: 'imageUrl',
          reason: `must be a data URL such as data:image/png;base64,…, got ${shown(imageUrl)}`,
        },
      ]);
    this.imageUrl = imageUrl;
    Object.defineProperty(this, brand, { value: true });
    Object.freeze(this);
  }

  /** Whether a value is an image, even if another copy of the package created it. @internal */
  static is(value: unknown): value is ToolImage {
    return isRecord(value) && brand in value;
  }

  /**
   * Creates an image from its bytes.
   *
   * @throws {@link ValidationError} if there are no bytes, or if the type is not an image type
   */
  static fromBytes(bytes: Uint8Array, mediaType: string): ToolImage {
    return new ToolImage(`data:${mediaType};base64,${Buffer.from(bytes).toString('base64')}`);
  }
}
