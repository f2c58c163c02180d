import { Redactor } from '../redaction.js';
import { isPlainObject } from '../validation.js';

const credentials = new Redactor();
const credentialName =
  /^(?:authorization|password|secret|token|key)$|(?:[_.-]|[a-z](?=[A-Z]))(?:key|secret|token|password)$|apikey$/i;
const nameOfVariable = /env_?(?:key|var)$/i;

/** A member of an inline TOML table that is named like a credential, or such a table of its own. */
const credentialInTable =
  /[{,]\s*"?(?:(?!env_)[\w.-])*(?:key|secret|token|password|authorization|http_headers|\benv)"?\s*=/i;

/** Tables of codex-rs configuration whose values are credentials more often than not, whatever they are called. */
const tablesOfCredentials = new Set(['env', 'http_headers']);

/**
 * A copy of a JSON value without the members that look like credentials, by name, by value or by the table they are in.
 *
 * They are left out rather than masked: a mask would be sent as the credential once the copy is used.
 *
 * @internal
 */
export function withoutCredentials(value: unknown, redactor: Redactor = credentials): unknown {
  const isShown = (member: unknown): boolean => isHarmless(member, redactor);
  if (Array.isArray(value))
    return value.filter(isShown).map((member) => withoutCredentials(member, redactor));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, member]) => isShown(member) && !isCredential(name, member))
      .map(([name, member]) => [name, withoutCredentials(member, redactor)]),
  );
}

/** A raw `key=value` configuration line, without the value when it looks like a credential. @internal */
export function withoutCredential(line: string): string {
  const name = line.slice(0, line.indexOf('='));
  const inTable = tablesOfCredentials.has(lastPart(name.trim())) || credentialInTable.test(line);
  const hidden = inTable || isCredential(name.trim(), line) || !isHarmless(line);
  return hidden ? `${name}=[redacted]` : line;
}

function isCredential(name: string, value: unknown): boolean {
  if (tablesOfCredentials.has(lastPart(name))) return isPlainObject(value);
  return typeof value === 'string' && credentialName.test(name) && !nameOfVariable.test(name);
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

function isHarmless(value: unknown, redactor = credentials): boolean {
  return typeof value !== 'string' || redactor.redact(value) === value;
}
