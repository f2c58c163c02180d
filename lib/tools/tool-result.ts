import type { DynamicToolCallOutputContentItem } from '../protocol/index.js';
import { isMap, isSet } from '../shapes.js';
import { ToolImage } from './tool-image.js';

/**
 * The return value of a tool. The model receives a string unchanged, any other value as JSON, a {@link ToolImage} as an
 * image, and an empty result as `Done.`. A list that contains an image becomes several parts, each in its own format.
 */
export type ToolResult = string | number | boolean | object | null | undefined;

/**
 * Converts a result to content for the model.
 *
 * @throws TypeError if JSON cannot represent a value
 * @internal
 */
export function contentOf(result: unknown): DynamicToolCallOutputContentItem[] {
  const parts: readonly unknown[] =
    Array.isArray(result) && result.some((part) => ToolImage.is(part)) ? result : [result];
  return parts.map(itemOf);
}

function itemOf(part: unknown): DynamicToolCallOutputContentItem {
  if (ToolImage.is(part)) return { type: 'inputImage', imageUrl: part.imageUrl };
  if (part === undefined) return { type: 'inputText', text: 'Done.' };
  return { type: 'inputText', text: typeof part === 'string' ? part : jsonOf(part) };
}

function jsonOf(value: unknown): string {
  // JSON would turn both into an empty object.
  if (isMap(value)) throw new TypeError('a Map cannot be converted to JSON');
  if (isSet(value)) throw new TypeError('a Set cannot be converted to JSON');
  const json = JSON.stringify(value) as string | undefined;
  if (json === undefined) throw new TypeError(`a ${typeof value} cannot be converted to JSON`);
  return json;
}
