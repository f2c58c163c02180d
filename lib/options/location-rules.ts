import type { ValidationProblem } from '../errors.js';
import { absolutePath } from '../paths.js';
import { isUrl } from '../shapes.js';
import { shown } from '../validation.js';
import { refuse } from './option-reader.js';
import { isText, listOf, option, rule, type OptionProps } from './option-rules.js';

/** Properties of a path option. @internal */
export interface PathProps extends OptionProps {
  /** Whether a name without a separator is kept unresolved, for a lookup in `PATH`. */
  readonly bareNames?: boolean;
}

/** A path. A relative path is resolved against the current directory when it is read. @internal */
export function path(props: PathProps = {}): PropertyDecorator {
  return option(
    props,
    (value, at, problems) =>
      isText(value) ? readPath(String(value), at, problems, props.bareNames) : value,
    rule('path', isText, 'must be a non-empty path'),
  );
}

/** A list of absolute paths, each read like {@link path}. @internal */
export function paths(): PropertyDecorator {
  return option(
    {},
    listOf((value, at, problems) =>
      isText(value)
        ? readPath(String(value), at, problems)
        : refuse(problems, at, `must be a non-empty path, got ${shown(value)}`),
    ),
    rule('list', Array.isArray, 'must be an array of paths'),
  );
}

/** One path or a list of paths, stored as a list. Each is read like {@link path}. @internal */
export function pathOrPaths(props: OptionProps = {}): PropertyDecorator {
  return option(
    props,
    (value, at, problems) =>
      listOf((member, memberAt) =>
        isText(member)
          ? readPath(String(member), memberAt, problems)
          : refuse(problems, memberAt, `must be a non-empty path, got ${shown(member)}`),
      )(Array.isArray(value) ? value : [value], at, problems),
    rule('list', Array.isArray, 'must be a path or an array of paths'),
  );
}

/** The address of a server, as a string or a `URL`. @internal */
export function url(): PropertyDecorator {
  return option(
    {},
    (value) => (isUrl(value) ? value.href : value),
    rule('url', isServerUrl, 'must be an http or https URL without a user name, query or fragment'),
  );
}

function readPath(
  value: string,
  at: string,
  problems: ValidationProblem[],
  bareNames = false,
): string | undefined {
  if (bareNames && value !== '~' && /^[^\\/\0]+$/.test(value)) return value;
  const read = absolutePath(value);
  return 'problem' in read ? refuse(problems, at, read.problem) : read.path;
}

function isServerUrl(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  const { protocol, username, password } = new URL(value);
  return /^https?:$/.test(protocol) && username + password === '' && !/[?#]/.test(value);
}
