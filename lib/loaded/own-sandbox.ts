import { isDeepStrictEqual } from 'node:util';
import { text, decode } from '../wire/decode.js';
import type { SandboxPolicy } from '../protocol/index.js';
import type { ThreadOptions } from '../options/thread-options.js';
import { isPlainObject } from '../shapes.js';
import type { ReportedSettings } from './reported-settings.js';
import { sandboxPolicy } from './thread-requests.js';

/** The sandbox of a thread in a restorable form: a policy, or the active profile. */
export type OwnSandbox =
  { readonly sandboxPolicy: SandboxPolicy } | { readonly permissions: string };

/** The sandbox of a thread whose own sandbox is unknown. */
export const narrowestSandbox: OwnSandbox = {
  sandboxPolicy: { type: 'readOnly', networkAccess: false },
};

/** The built-in profiles that confine an agent to reading, or to its working directory, without a network. */
const plainProfiles: Readonly<Record<string, SandboxPolicy['type']>> = {
  ':read-only': 'readOnly',
  ':workspace': 'workspaceWrite',
};

/** The sandbox of a thread with these options. If a profile was active, its policy alone would replace it. */
export function ownSandbox(base: ThreadOptions, reported: ReportedSettings): OwnSandbox {
  const own = sandboxPolicy(base);
  return own === undefined ? reportedSandbox(reported) : { sandboxPolicy: own };
}

/**
 * The sandbox that codex-rs reports.
 *
 * @throws `TransportError` `malformed-message` if it does not report one
 */
export function reportedSandbox({
  sandbox,
  activePermissionProfile: profile,
}: ReportedSettings): OwnSandbox {
  return decode(
    'thread/resume',
    () => {
      const { id } = (profile ?? {}) as { readonly id?: unknown };
      if (id !== undefined) return { permissions: text(id) };
      text(sandbox.type);
      return { sandboxPolicy: sandbox };
    },
    null,
  );
}

/** The sandbox in stored or sent settings, or null. */
export function sandboxIn(settings: object | null): OwnSandbox | null {
  const { sandboxPolicy: policy, permissions } = (settings ?? {}) as Record<string, unknown>;
  if (typeof permissions === 'string') return { permissions };
  return isPlainObject(policy) ? { sandboxPolicy: policy as SandboxPolicy } : null;
}

/** Adds this sandbox to settings without one. */
export function withSandbox(
  settings: object | null,
  sandbox: OwnSandbox | null,
): Readonly<Record<string, unknown>> {
  return { ...(sandboxIn(settings) === null ? sandbox : null), ...settings };
}

/** Settings without their sandbox. */
export function withoutSandbox<T extends object>(settings: T): T {
  const names = ['sandboxPolicy', 'permissions'];
  return Object.fromEntries(
    Object.entries(settings).filter(([name]) => !names.includes(name)),
  ) as T;
}

/** Whether this equals the sandbox reported by codex-rs. */
export function isInForce(
  own: OwnSandbox,
  { sandbox, activePermissionProfile }: ReportedSettings,
): boolean {
  if ('sandboxPolicy' in own) return isDeepStrictEqual(own.sandboxPolicy, sandbox);
  if (own.permissions === activePermissionProfile?.id) return true;
  return plainProfiles[own.permissions] === sandbox.type && isPlain({ sandboxPolicy: sandbox });
}

/** Whether a sandbox may not confine at all: full access, a sandbox outside codex-rs, or a user's profile. */
export function isUnconfined(own: OwnSandbox): boolean {
  if ('permissions' in own) return plainProfiles[own.permissions] === undefined;
  return own.sandboxPolicy.type !== 'readOnly' && own.sandboxPolicy.type !== 'workspaceWrite';
}

/** Whether a sandbox confines an agent to its working directory, without a network. */
export function isPlain(own: OwnSandbox): boolean {
  if ('permissions' in own) return !isUnconfined(own);
  const { sandboxPolicy: policy } = own;
  if (policy.type === 'readOnly') return !policy.networkAccess;
  if (policy.type !== 'workspaceWrite') return false;
  return !policy.networkAccess && policy.writableRoots.length === 0;
}
