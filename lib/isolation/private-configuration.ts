/**
 * The settings of codex-rs in private mode; those of the options take precedence. With its own home, codex-rs does not
 * read the user's configuration; these settings exclude other sources, and prevent writes to disk.
 */
export const privateConfiguration: readonly string[] = [
  // In an untrusted project, codex-rs would let commands write.
  'sandbox_mode="read-only"',
  // A snapshot stores the environment of a shell in the home, in plain text.
  'features.shell_snapshot=false',
  // A login shell runs the profile of the user and of the system.
  'allow_login_shell=false',
  'features.hooks=false',
  'features.plugins=false',
  'features.remote_plugin=false',
  // The apps of the account: MCP servers that no option configures.
  'features.apps=false',
  'features.memories=false',
  'features.skill_mcp_dependency_install=false',
  'skills.include_instructions=false',
];
