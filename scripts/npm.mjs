/** The command that starts npm from a script: the npm that runs the script, since `npm` is a batch file on Windows. */
export const npmCommand =
  process.env.npm_execpath === undefined ? ['npm'] : [process.execPath, process.env.npm_execpath];
