// Removes the folders named on the command line. usage: node scripts/clean.mjs DIR [DIR ...]
import { rmSync } from 'node:fs';

for (const directory of process.argv.slice(2)) rmSync(directory, { recursive: true, force: true });
