/** The formats of images that codex-rs hands to the model; of all others the model only hears that there was one. */
export const imageFormats = 'a PNG, JPEG, GIF or WebP image';

/** Which of {@link imageFormats} the first bytes of a file announce, or null. Twelve bytes are enough. */
export function imageFormat(start: Uint8Array): 'png' | 'jpeg' | 'gif' | 'webp' | null {
  const head = Buffer.from(start.subarray(0, 12)).toString('latin1');
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (head.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (/^GIF8[79]a/.test(head)) return 'gif';
  return /^RIFF.{4}WEBP$/s.test(head) ? 'webp' : null;
}
