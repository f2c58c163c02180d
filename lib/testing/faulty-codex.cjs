'use strict';
// A codex that misbehaves, as a program: FaultyAppServer.program() names this file as `codexPath`. CommonJS, since a
// CommonJS file knows where it lies in both builds of the package.
/** @type {string} */
const faultyCodex = __filename;
module.exports = { faultyCodex };

if (require.main === module)
  void import('./faulty-program.js').then(({ FaultyProgram }) => {
    FaultyProgram.run(process.argv.slice(2), process.env);
  });
