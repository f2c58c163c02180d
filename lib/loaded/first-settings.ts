import { createReadStream, existsSync } from 'node:fs';
import type { AskForApproval, SandboxPolicy } from '../protocol/index.js';
import { isPlainObject, isRecord } from '../shapes.js';
import type { LoadedThread } from './loaded-thread.js';
import type { Restoration } from './thread-attachments.js';
import { present } from './thread-requests.js';

/** The maximum bytes read of a rollout: about 100 KB of instructions and tools precede the first turn. */
const furthest = 16 * 1024 * 1024;

/**
 * The permissions of a thread's first turn, read from its rollout, which moves with the thread. Null if it cannot be read:
 * the server is on another machine, or the file belongs to a revert or a fork and begins later.
 */
export async function firstSettings({
  session,
  metadata,
}: LoadedThread): Promise<Restoration | null> {
  const { path, threadId, forkedFromId } = metadata;
  const isOwn = session.ownership === 'own' && path !== null && forkedFromId === null;
  if (!isOwn || !path.endsWith(`${threadId}.jsonl`) || !existsSync(path)) return null;
  try {
    for await (const line of linesOf(path)) {
      if (!line.includes('"turn_context"')) continue;
      const { type, payload } = JSON.parse(line) as Record<string, unknown>;
      if (type === 'turn_context' && isRecord(payload)) return settingsOf(payload);
    }
  } catch {
    // An unreadable rollout must not block operations that codex-rs can perform.
  }
  return null;
}

/** Unlike a `readline` interface, it rejects when the file cannot be read, and closes the file when the loop is left. */
async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of createReadStream(path, { end: furthest, encoding: 'utf8' })) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}

function settingsOf(context: Readonly<Record<string, unknown>>): Restoration {
  const { approval_policy: policy, approvals_reviewer: reviewer, cwd } = context;
  const hasPolicy = typeof policy === 'string' || isPlainObject(policy);
  return present<Restoration>({
    approvalPolicy: hasPolicy ? (policy as AskForApproval) : undefined,
    approvalsReviewer:
      hasPolicy && typeof reviewer === 'string'
        ? (reviewer as NonNullable<Restoration['approvalsReviewer']>)
        : undefined,
    // On another machine the directory may not exist.
    cwd: typeof cwd === 'string' && existsSync(cwd) ? cwd : undefined,
    sandboxPolicy: policyOf(context.sandbox_policy),
  });
}

/** Converts a sandbox from the form in rollouts to the wire form. */
function policyOf(recorded: unknown): SandboxPolicy | undefined {
  if (!isPlainObject(recorded)) return undefined;
  const { type, writable_roots: roots, network_access: network } = recorded;
  switch (type) {
    case 'danger-full-access':
      return { type: 'dangerFullAccess' };
    case 'read-only':
      return { type: 'readOnly', networkAccess: network === true };
    case 'workspace-write':
      return {
        type: 'workspaceWrite',
        writableRoots: Array.isArray(roots) ? roots.filter((root) => typeof root === 'string') : [],
        networkAccess: network === true,
        excludeTmpdirEnvVar: recorded.exclude_tmpdir_env_var === true,
        excludeSlashTmp: recorded.exclude_slash_tmp === true,
      };
    default:
      return undefined;
  }
}
