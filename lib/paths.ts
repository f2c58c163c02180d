import { isAbsolute, resolve } from 'node:path';
import { shown } from './validation.js';

/** The current directory of this process, or null if it no longer exists. @internal */
export function currentDirectory(): string | null {
  try {
    return process.cwd();
  } catch {
    return null;
  }
}

/** Whether a text is a URL, such as `app://mail`. @internal */
export function isAddress(text: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(text);
}

/** The absolute path for a text, or the reason why it is not valid. @internal */
export function absolutePath(
  text: string,
): { readonly path: string } | { readonly problem: string } {
  if (text.includes('\0')) return { problem: 'must not contain NUL' };
  if (/^~(?:[\\/]|$)/.test(text))
    return {
      problem:
        'must not start with "~", which is not expanded: pass the absolute path of the home directory',
    };
  if (isAddress(text)) return { problem: `must be a path, not a URL, got ${shown(text)}` };
  if (isAbsolute(text) || currentDirectory() !== null) return { path: resolve(text) };
  return {
    problem: `must be absolute, since the current directory of this process no longer exists, got ${shown(text)}`,
  };
}
