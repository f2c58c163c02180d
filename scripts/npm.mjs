/** How a script starts npm: the one that runs the script, since `npm` is a batch file on Windows. */
export const npmCommand =
  process.env.npm_execpath === undefined ? ['npm'] : [process.execPath, process.env.npm_execpath];
