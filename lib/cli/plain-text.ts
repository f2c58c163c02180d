import { stripVTControlCharacters } from 'node:util';

/**
 * A text of a thread as a terminal may show it: without escape sequences, which could move the cursor, change the title or write to
 * the clipboard, without other control characters, and without characters that reorder what is read.
 */
export function plainText(text: string): string {
  return (
    stripVTControlCharacters(text.replaceAll('\r\n', '\n'))
      // eslint-disable-next-line no-control-regex -- these are the characters to be removed
      .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '')
  );
}
