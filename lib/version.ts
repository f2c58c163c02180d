/** The version of this package; a spec keeps it equal to package.json. */
export const version = '0.1.0';

/** The version of codex-rs this package is tested with; a spec keeps it equal to the dependency in package.json. */
export const testedCodexVersion = '0.171.0';

/**
 * The versions of codex-rs that this package was tested with, from the oldest to the newest; `docs/versions.md` says what is
 * different in the older ones.
 */
export const testedCodexVersions: CodexVersionRange = Object.freeze({
  oldest: '0.163.0',
  newest: testedCodexVersion,
});

/** Versions of codex-rs, both ends included. @inline */
export interface CodexVersionRange {
  /** The oldest one. */
  readonly oldest: string;
  /** The newest one. */
  readonly newest: string;
}

/** The tested versions, as text. */
export const testedRange: string = Object.values(testedCodexVersions).join(' to ');

/** Whether this package was tested with a version of codex-rs, or with older and newer ones. */
export function isTestedCodexVersion(version: string | null): boolean {
  return codexVersionProblem(version) === null;
}

/** What is to be said of a version of codex-rs that this package was not tested with; null for a tested one. */
export function codexVersionProblem(version: string | null): string | null {
  const { oldest, newest } = testedCodexVersions;
  const advice = `This package is tested with ${testedRange}: events and settings may come that it does not know.`;
  if (version === null || !/^\d+\.\d+\.\d+$/.test(version))
    return `codex-rs has the version ${version ?? 'unknown'}, which cannot be compared. ${advice}`;
  if (ordinal(version) < ordinal(oldest)) return `codex-rs ${version} is older. ${advice}`;
  if (ordinal(version) > ordinal(newest)) return `codex-rs ${version} is newer. ${advice}`;
  return null;
}

/** How to get the version that this package depends on. @internal */
export const codexVersionAdvice = `Use @openai/codex ${testedCodexVersion}.`;

/** Whether a version of codex-rs is at least as new as another one. An unknown version is not. @internal */
export function isAtLeast(version: string | null, oldest: string): boolean {
  const [, numbers = '', preRelease = ''] = /^(\d+\.\d+\.\d+)(.*)$/.exec(version ?? '') ?? [];
  if (numbers === '') return false;
  // A pre-release comes before the release of the same numbers.
  if (numbers === oldest) return preRelease === '';
  return ordinal(numbers) > ordinal(oldest);
}

function ordinal(version: string): number {
  return version.split('.').reduce((sum, part) => sum * 10_000 + Number(part), 0);
}

/** The version of codex-rs that its user agent names, behind the name of the client; null if there is none. */
export function codexVersionIn(userAgent: string, clientName = ''): string | null {
  // The name comes first, and may look like a version itself.
  const rest = userAgent.startsWith(clientName) ? userAgent.slice(clientName.length) : userAgent;
  return /\/(\d+\.\d+\.\d+\S*) \(/.exec(rest)?.[1] ?? null;
}
