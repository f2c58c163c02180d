import { isPlainObject } from '../shapes.js';
import { readOptions, refuse } from './option-reader.js';
import { flag, option, rule } from './option-rules.js';

const named: readonly string[] = [
  'untrusted',
  'on-request',
  'never',
] satisfies NamedApprovalPolicy[];
const spellings: Readonly<Record<string, NamedApprovalPolicy>> = {
  on_request: 'on-request',
  onRequest: 'on-request',
  unless_trusted: 'untrusted',
};

/**
 * When codex-rs asks for permission: before any action that is not known to be safe, at the model's request, or never.
 *
 * @inline
 */
export type NamedApprovalPolicy = 'untrusted' | 'on-request' | 'never';

/**
 * The kinds of request that reach the approval handler. codex-rs denies the kinds that are false or absent.
 *
 * @example
 * ```ts
 * const thread = codex.startThread({
 *   approvalPolicy: { granular: { sandboxApproval: true, mcpElicitations: true } },
 * });
 * console.log(typeof thread.threadOptions.approvalPolicy); // object
 * ```
 */
export class GranularApprovals {
  /** Commands that need to run outside the sandbox. */
  @flag()
  readonly sandboxApproval: boolean = false;

  /** Commands for which an exec-policy rule requires approval. */
  @flag()
  readonly rules: boolean = false;

  /** Scripts of skills. */
  @flag()
  readonly skillApproval: boolean = false;

  /** The model's own requests for more permissions. */
  @flag()
  readonly requestPermissions: boolean = false;

  /** Elicitations of MCP servers. */
  @flag()
  readonly mcpElicitations: boolean = false;
}

/** One decision for each kind of request. Needs `experimentalApi`. @inline */
export interface GranularApprovalPolicy {
  /** The kinds of request that reach the approval handler. */
  readonly granular: Partial<GranularApprovals>;
}

/** A named policy, or one decision for each kind of request. */
export type ApprovalPolicy = NamedApprovalPolicy | GranularApprovalPolicy;

/** An approval policy. @internal */
export function approvalPolicy(): PropertyDecorator {
  return option(
    {},
    (value, path, problems) => {
      if (value === 'on-failure' || value === 'on_failure')
        return refuse(problems, path, '"on-failure" is retired: use "on-request" or "untrusted"');
      if (typeof value === 'string')
        return Object.hasOwn(spellings, value) ? spellings[value] : value;
      const keys = isPlainObject(value) ? Object.keys(value) : [];
      if (!isPlainObject(value) || keys.length !== 1 || keys[0] !== 'granular') return value;
      const inner = `${path}.granular`;
      const reading = readOptions(GranularApprovals.prototype, value.granular, {}, inner);
      problems.push(...reading.problems);
      return { granular: Object.assign({}, new GranularApprovals(), reading.values) };
    },
    rule(
      'approvalPolicy',
      isPolicy,
      `must be one of "untrusted", "on-request", "never", or { granular: … }`,
    ),
  );
}

function isPolicy(value: unknown): boolean {
  if (typeof value === 'string') return named.includes(value);
  if (!isPlainObject(value) || !isPlainObject(value.granular)) return false;
  if (Object.keys(value).length !== 1) return false;
  return Object.values(value.granular).every((decision) => typeof decision === 'boolean');
}
