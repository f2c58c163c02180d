// What npm runs as `prepare`. In a clone the generated protocol is enough for an install, and `prepack` builds; where npm
// has cloned the repository to install it from git, dist is built. The two differ in the folder that npm was started for.
import { spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { npmCommand } from './npm.mjs';

const { npm_config_local_prefix: startedFor } = process.env;
const isOwnInstall = startedFor !== undefined && realpathSync(startedFor) === realpathSync('.');
const script = isOwnInstall ? 'generate' : 'build';
const [program, ...first] = npmCommand;
const { status, error } = spawnSync(program, [...first, 'run', script], { stdio: 'inherit' });
if (error !== undefined) throw error;
process.exitCode = status ?? 1;
