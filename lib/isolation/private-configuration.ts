/**
 * What codex-rs is started with in private mode, before the settings of the options, which win. With a home of its own it
 * reads no user's configuration; these keep out what is read from elsewhere, or written to disk.
 */
export const privateConfiguration: readonly string[] = [
  // In a project that is not trusted codex-rs would let commands write.
  'sandbox_mode="read-only"',
  // A snapshot has the environment of a shell, in plain text, in the home.
  'features.shell_snapshot=false',
  // A login shell runs what the user and the system have for every login.
  'allow_login_shell=false',
  'features.hooks=false',
  'features.plugins=false',
  'features.remote_plugin=false',
  // The apps of the account: MCP servers that no option named.
  'features.apps=false',
  'features.memories=false',
  'features.skill_mcp_dependency_install=false',
  'skills.include_instructions=false',
];
