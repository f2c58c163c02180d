// The `prepare` script of npm. In a clone an install needs only the generated protocol, and `prepack` builds; if npm has
// cloned the repository to install it from git, this builds dist. The folder that npm was started for distinguishes the two.
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
