import type { ValidationProblem } from '../errors.js';

// Linux allows 128 KiB for one argument or variable, including the NUL at its end.
const limits: Partial<Record<NodeJS.Platform, number>> = { android: 131_071, linux: 131_071 };

/**
 * The problems with texts that are too long for an argument or a variable of a process, by their path in the options.
 */
export function tooLong(
  texts: Iterable<readonly [path: string, text: string]>,
  platform: NodeJS.Platform = process.platform,
): ValidationProblem[] {
  const limit = limits[platform] ?? Infinity;
  return [...texts].flatMap(([path, text]) => {
    const bytes = Buffer.byteLength(text);
    if (bytes <= limit) return [];
    const advice = path.startsWith('config')
      ? ': pass it to the thread instead, with startThread({ config })'
      : '';
    return [
      {
        path,
        reason: `is too long for a process (${bytes} bytes; the limit on ${platform} is ${limit})${advice}`,
      },
    ];
  });
}
