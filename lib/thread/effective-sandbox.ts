import type { SandboxMode, ThreadOptions } from './thread-options.js';

/** The sandbox of a thread with these options: the one chosen, or the one that its approval mode does without. @internal */
export function effectiveSandbox({
  approvalMode,
  sandboxMode,
}: Pick<ThreadOptions, 'approvalMode' | 'sandboxMode'>): SandboxMode | undefined {
  if (approvalMode !== 'dangerouslyBypassApprovalsAndSandbox') return sandboxMode;
  return sandboxMode ?? 'danger-full-access';
}
