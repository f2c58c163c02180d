import type { DynamicToolCallOutputContentItem } from '../protocol/index.js';
import { isMap, isSet } from '../shapes.js';
import { ToolImage } from './tool-image.js';

/**
 * What a tool's method may return. The model sees a string as it is and any other value as JSON; a {@link ToolImage} as an
 * image; nothing as `Done.`. A list with an image in it is several parts, each shown in its own way.
 */
export type ToolResult = string | number | boolean | object | null | undefined;

/**
 * The parts of an answer for the model.
 *
 * @throws TypeError when JSON cannot express a value
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
  // Both would come out as an empty object.
  if (isMap(value)) throw new TypeError('a Map is not JSON');
  if (isSet(value)) throw new TypeError('a Set is not JSON');
  const json = JSON.stringify(value) as string | undefined;
  if (json === undefined) throw new TypeError(`a ${typeof value} is not JSON`);
  return json;
}
