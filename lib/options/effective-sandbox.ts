/**
 * Returns the sandbox of a thread with these options: the chosen one, or the one that its approval mode implies.
 *
 * @internal
 */
export function effectiveSandbox<Mode extends string>({
  approvalMode,
  sandboxMode,
}: {
  readonly approvalMode?: string;
  readonly sandboxMode?: Mode;
}): Mode | 'danger-full-access' | undefined {
  if (approvalMode !== 'dangerouslyBypassApprovalsAndSandbox') return sandboxMode;
  return sandboxMode ?? 'danger-full-access';
}
