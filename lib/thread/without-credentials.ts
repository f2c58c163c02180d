import { Redactor } from '../redaction.js';
import { isPlainObject } from '../validation.js';

const credentials = new Redactor();
const credentialName =
  /^(?:authorization|password|secret|token|api_?key)$|(?:_|-|[a-z](?=[A-Z]))(?:api_?key|apiKey|secret|token|password|key)$/i;
const namesOfVariables = /env_?(?:key|var)$/i;

/**
 * A copy of a JSON value without the members that look like credentials, by name or by value.
 *
 * They are left out rather than masked: a mask would be sent as the credential once the copy is used.
 *
 * @internal
 */
export function withoutCredentials(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter(isHarmless).map(withoutCredentials);
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(
        ([name, member]) =>
          isHarmless(member) &&
          (typeof member !== 'string' || namesOfVariables.test(name) || !credentialName.test(name)),
      )
      .map(([name, member]) => [name, withoutCredentials(member)]),
  );
}

function isHarmless(value: unknown): boolean {
  return typeof value !== 'string' || credentials.redact(value) === value;
}
