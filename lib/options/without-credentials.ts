import { Redactor } from '../redaction.js';
import { isSecretName, wordsOf } from '../secret-name.js';
import { isPlainObject } from '../shapes.js';

const credentials = new Redactor();

/** Name suffixes for the location or the use of a credential. */
const place =
  /_(?:store|storage|mode|method|type|policy|url|uri|endpoint|path|file|dir|command|cwd|args|name|provider|status|scopes?|ms|secs?)$/;

/** Names of variables, and of keys that are not secret. */
const harmlessName =
  /(?:^|_)env_(?:key|vars?)(?:_|$)|(?:^|_)(?:public|sort|primary|foreign|partition|cache|idempotency)_key$/;

/** A table of headers that contains the names of variables, and such a table in a raw configuration line. */
const tableOfNames = /(?:^|_)env_http_headers$/;
const tableOfNamesInLine = /env_http_headers["']?\s*=\s*\{[^}]*\}/g;

/** Tables whose values are usually credentials, regardless of the names inside. */
const tableOfCredentials = /(?:^|_)(?:env|headers)$/;

/** Tables that are credentials themselves. A table named `auth` describes how to obtain them. */
const credentialInParts = /(?:secret|passw(?:or)?d|credential|token|cookie)s?$/;

/** A named value among the arguments of a command: `--token=…`, `TOKEN=…`. */
const namedArgument = /^(?:--?)?([A-Za-z_][\w-]*)=/;
/** The name alone, before its value. */
const flag = /^--?([A-Za-z][\w-]*)$/;

/**
 * Copies a JSON value without members that look like credentials, by name, by value or by table.
 *
 * They are removed rather than masked, because a mask would be sent as the credential when the copy is used.
 *
 * @internal
 */
export function withoutCredentials(value: unknown, redactor: Redactor = credentials): unknown {
  return copied(value, redactor, '');
}

/** Returns a raw `key=value` configuration line, without the value if it looks like a credential. @internal */
export function withoutCredential(line: string): string {
  const equals = line.indexOf('=');
  const name = line.slice(0, equals);
  const inside = [
    ...line
      .replace(tableOfNamesInLine, '')
      .matchAll(/[{,]\s*["']?([\w.-]+)["']?\s*=\s*([^\s,}]*)/g),
  ];
  const isHidden =
    isCredential(name.trim(), sample(line.slice(equals + 1))) ||
    inside.some(([, member = '', start = '']) => isCredential(member, sample(start))) ||
    credentials.finds(line);
  return isHidden ? `${name}=[redacted]` : line;
}

function copied(value: unknown, redactor: Redactor, path: string): unknown {
  const isShown = (member: unknown): boolean =>
    typeof member !== 'string' || !redactor.finds(member);
  if (Array.isArray(value))
    return value
      .filter((member, at) => isShown(member) && !isSecretArgument(member, value[at - 1]))
      .map((member) => copied(member, redactor, path));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => {
      const at = `${path}.${name}`;
      if (!isShown(member) || isCredential(at, member)) return [];
      return [[name, copied(member, redactor, at)]];
    }),
  );
}

/** @param path - the dotted path: the names of the enclosing tables and its own name */
function isCredential(path: string, value: unknown): boolean {
  const names = path.split('.').map(wordsOf);
  const name = names.pop() ?? '';
  if (names.some((above) => tableOfNames.test(above))) return false;
  if (names.some(isTableOfCredentials)) return true;
  if (isPlainObject(value))
    return isTableOfCredentials(name) || (isNamedSecret(name) && credentialInParts.test(name));
  if (Array.isArray(value))
    return value.some((member) => typeof member === 'string' && isInList(name, member));
  return typeof value === 'string' && (isNamedSecret(name) || isTableOfCredentials(name));
}

function isInList(name: string, member: string): boolean {
  return isTableOfCredentials(name) ? /[:=]/.test(member) : isNamedSecret(name);
}

function isSecretArgument(member: unknown, before: unknown): boolean {
  if (typeof member !== 'string') return false;
  const [, name] = namedArgument.exec(member) ?? [];
  if (name !== undefined) return isNamedSecret(wordsOf(name));
  const [, asked] = flag.exec(typeof before === 'string' ? before : '') ?? [];
  return asked !== undefined && !flag.test(member) && isNamedSecret(wordsOf(asked));
}

function isTableOfCredentials(name: string): boolean {
  return tableOfCredentials.test(name) && !tableOfNames.test(name);
}

function isNamedSecret(name: string): boolean {
  return isSecretName(name) && !place.test(name) && !harmlessName.test(name);
}

/** A sample value of the TOML type that begins with this text. */
function sample(toml: string): unknown {
  const start = toml.trimStart();
  if (start.startsWith('{')) return {};
  return /^(?:true|false|[+-]?\d[\d._]*)\s*$/.test(start) ? true : start;
}
