'use strict';
// A codex that misbehaves, as a program: FaultyAppServer.program() names this file as `codexPath`.
void import('./faulty-program.js').then(
  ({ default: whole, FaultyProgram = whole.FaultyProgram }) => {
    FaultyProgram.run(process.argv.slice(2), process.env);
  },
);
