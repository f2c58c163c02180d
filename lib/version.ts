/** The version of this package; a spec keeps it equal to package.json. */
export const version = '0.1.0';

/** The version of codex-rs this package is tested with; a spec keeps it equal to the dependency in package.json. */
export const testedCodexVersion = '0.169.0';
