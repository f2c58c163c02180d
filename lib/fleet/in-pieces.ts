/** The same bytes in pieces of this size; the last one may be shorter. Empty input has no pieces. */
export async function* inPieces(
  bytes: AsyncIterable<unknown>,
  size: number,
): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let length = 0;
  for await (const chunk of bytes) {
    waiting.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    if (length < size) continue;
    const whole = Buffer.concat(waiting);
    const end = length - (length % size);
    for (let start = 0; start < end; start += size) yield whole.subarray(start, start + size);
    waiting = [whole.subarray(end)];
    length -= end;
  }
  if (length > 0) yield Buffer.concat(waiting);
}
