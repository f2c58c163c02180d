import { stripVTControlCharacters } from 'node:util';

/**
 * Makes a text of a thread safe for a terminal. Removes escape sequences, which could move the cursor, change the title
 * or write to the clipboard, other control characters, and characters that change the text direction.
 */
export function plainText(text: string): string {
  return (
    stripVTControlCharacters(text.replaceAll('\r\n', '\n'))
      // eslint-disable-next-line no-control-regex -- these are the characters to be removed
      .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '')
  );
}
