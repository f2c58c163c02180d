/** The version of this package; a spec keeps it equal to package.json. */
export const version = '0.1.0';

/** The version of codex-rs this package is tested with; a spec keeps it equal to the dependency in package.json. */
export const testedCodexVersion = '0.171.0';

/**
 * The versions of codex-rs that this package was tested with, from the oldest to the newest. `docs/versions.md` lists
 * the differences of the older versions.
 */
export const testedCodexVersions: CodexVersionRange = Object.freeze({
  oldest: '0.163.0',
  newest: testedCodexVersion,
});

/** A range of codex-rs versions, both ends included. @inline */
export interface CodexVersionRange {
  /** The oldest version. */
  readonly oldest: string;
  /** The newest version. */
  readonly newest: string;
}

/** The tested versions, as text. */
export const testedRange: string = Object.values(testedCodexVersions).join(' to ');

/** Whether a version of codex-rs is in the tested range. */
export function isTestedCodexVersion(version: string | null): boolean {
  return codexVersionProblem(version) === null;
}

/** The warning about an untested version of codex-rs; null for a tested one. */
export function codexVersionProblem(version: string | null): string | null {
  const { oldest, newest } = testedCodexVersions;
  const advice = `This package is tested with ${testedRange}: some events and settings may be unknown to it.`;
  if (version === null || !/^\d+\.\d+\.\d+$/.test(version))
    return `The codex-rs version ${version ?? 'unknown'} cannot be compared. ${advice}`;
  if (ordinal(version) < ordinal(oldest))
    return `codex-rs ${version} is older than the tested versions. ${advice}`;
  if (ordinal(version) > ordinal(newest))
    return `codex-rs ${version} is newer than the tested versions. ${advice}`;
  return null;
}

/** The remedy for an unsupported or untested version. @internal */
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

/** The version of codex-rs in its user agent, after the client name; null if there is none. */
export function codexVersionIn(userAgent: string, clientName = ''): string | null {
  // The client name comes first and may look like a version.
  const rest = userAgent.startsWith(clientName) ? userAgent.slice(clientName.length) : userAgent;
  return /\/(\d+\.\d+\.\d+\S*) \(/.exec(rest)?.[1] ?? null;
}
