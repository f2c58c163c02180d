/**
 * The image formats that codex-rs sends to the model; for any other format the model only gets a note that there was an
 * image.
 */
export const imageFormats = 'a PNG, JPEG, GIF or WebP image';

/** The name of one of {@link imageFormats}. */
export type ImageFormat = 'png' | 'jpeg' | 'gif' | 'webp';

/** The format of {@link imageFormats} that the first bytes of a file indicate, or null. Twelve bytes are enough. */
export function imageFormat(start: Uint8Array): ImageFormat | null {
  const head = Buffer.from(start.subarray(0, 12)).toString('latin1');
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (head.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (/^GIF8[79]a/.test(head)) return 'gif';
  return /^RIFF.{4}WEBP$/s.test(head) ? 'webp' : null;
}

/** The reason why the model would not see the image in these bytes, or null. */
export function imageObjection(bytes: Uint8Array): string | null {
  const format = imageFormat(bytes);
  if (format === null)
    return `must be ${imageFormats}, because codex-rs sends no other file to the model`;
  return isCut[format](Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    ? 'is a truncated image, which codex-rs does not send to the model'
    : null;
}

/** Whether the bytes end before the part that codex-rs needs to show the image. */
const isCut: Readonly<Record<ImageFormat, (bytes: Buffer) => boolean>> = {
  png: isCutPng,
  jpeg: isCutJpeg,
  gif: isCutGif,
  webp: isCutWebp,
};

/** Requires all chunks up to the last one, IEND. */
function isCutPng(bytes: Buffer): boolean {
  for (let at = 8; at + 8 <= bytes.length; at += 12 + bytes.readUInt32BE(at))
    if (bytes.toString('latin1', at + 4, at + 8) === 'IEND') return false;
  return true;
}

/** Requires all segments up to SOS, which precedes the image data; a part of that data is enough. */
function isCutJpeg(bytes: Buffer): boolean {
  let at = 2;
  while (at + 4 <= bytes.length) {
    const marker = bytes.readUInt8(at) === 0xff ? bytes.readUInt8(at + 1) : 0xff;
    const isAlone = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
    const end = at + 2 + bytes.readUInt16BE(at + 2);
    if (marker === 0xda) return end >= bytes.length;
    // Arbitrary bytes may separate two segments.
    if (marker === 0xff) at += 1;
    else at = isAlone ? at + 2 : end;
  }
  return true;
}

/** Requires the complete first frame. */
function isCutGif(bytes: Buffer): boolean {
  let at = 13 + (bytes.length > 10 ? paletteSize(bytes.readUInt8(10)) : 0);
  while (at + 10 <= bytes.length) {
    const isFrame = bytes.readUInt8(at) === 0x2c;
    const isExtension = bytes.readUInt8(at) === 0x21;
    if (isFrame) at += 11 + paletteSize(bytes.readUInt8(at + 9));
    else at += isExtension ? 2 : 1;
    if (!isFrame && !isExtension) continue;
    // Data blocks, each preceded by its size, up to an empty one.
    while (at < bytes.length && bytes.readUInt8(at) > 0) at += 1 + bytes.readUInt8(at);
    at += 1;
    if (isFrame) return at > bytes.length;
  }
  return true;
}

function paletteSize(flags: number): number {
  return flags >= 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
}

/** Requires the number of bytes in its header; the last one may be padding. */
function isCutWebp(bytes: Buffer): boolean {
  return bytes.length + 1 < 8 + bytes.readUInt32LE(4);
}
