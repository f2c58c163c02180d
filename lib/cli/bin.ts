#!/usr/bin/env node
import { CommandLine } from './command-line.js';
import { commands } from './commands.js';
import { Terminal } from './terminal.js';

const terminal = new Terminal(process.stdout, process.stderr, process.env);
const stop = new AbortController();
let stoppedWith: number | null = null;

function stopped(exitCode: number): void {
  stoppedWith ??= exitCode;
  stop.abort();
}

// Handle it once only, so that a second Ctrl-C ends the program immediately.
process.once('SIGINT', () => {
  stopped(130);
});
process.once('SIGTERM', () => {
  stopped(143);
});
terminal.onReaderGone(() => {
  stopped(0);
});
void new CommandLine(commands, terminal)
  .run(process.argv.slice(2), stop.signal)
  .then((exitCode) => {
    process.exitCode = stoppedWith ?? exitCode;
  });
