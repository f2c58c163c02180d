import type { Suite } from 'mocha';

const process = 'is about the process of a client, and what a client alone decides of it';
const others = 'is about two processes on a home, which are clients of one server here';
const unloading =
  'waits for codex-rs to unload, while a shared server keeps threads for its others';
const settings = 'counts requests; on a shared server, every turn puts settings back at once';
const key = 'is about the key of a client; those of an external server have none';
const there =
  'is about what lies on this machine; to a server elsewhere, images go as data and files are not looked at';
const start = 'is about what codex-rs reads at its start, which is over here';

/**
 * What is left out when the specs run over an external server: by file, the titles (or where they begin, or the
 * whole file, as an empty title) and the reason.
 */
const leftOut: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'approvals/every-command.spec': { 'asks before the commands in an environment': process },
  'codex-notifications.spec': { 'receives the first message of every process': process },
  'codex-server-info.spec': {
    'returns what codex-rs reports about itself, and its process id': process,
    'uses the process that warmUp has started': process,
  },
  'codex.spec': { 'continues the conversation in a new process': process },
  'conversation/crash.spec': { '': process },
  'conversation/deaths.spec': { '': process },
  'conversation/faults.spec': {
    'is looked up in the next process when the first one died': process,
    'is replaced by the interrupt': process,
    'in the middle of a turn is harmless': process,
    'of bytes that come one by one': process,
    'for overload of the login': key,
  },
  'conversation/directories.spec': { '': there },
  'conversation/environments.spec': { '': process },
  'conversation/keyed-turns.spec': {
    'is refused if it was cut off by a killed codex-rs': process,
    'is busy while another process runs it': others,
  },
  'conversation/mcp-servers.spec': { 'of no thread is on its channel only': start },
  'conversation/thread-release.spec': {
    'is renamed only when it is unloaded': unloading,
    'that codex-rs does not unload': unloading,
  },
  'conversation/rewind.spec': { '': there },
  'integration/resume-matrix.spec': { '': process },
  'loaded/turn-overrides.spec': {
    'keep other processes out like those of any loaded thread': others,
    'are put back by whoever loads the thread after a kill': process,
    'when the process is killed while the thread rests': process,
  },
  'nestjs/codex-health-indicator.spec': { '': process },
  'resume/moved-thread.spec': { 'is older than the rollout is continued': others },
  'resume/own-sandbox.spec': { '': process },
  'resume/resume-thread.spec': {
    'refuses the first turn of a thread that another process': others,
  },
  'resume/shared-home.spec': { '': others },
  'telemetry/telemetry.spec': { 'reports a codex-rs that could not be started': process },
  'thread/labels-and-snapshots.spec': { 'holds no key of the client, wherever it was': key },
  'thread/lifecycle-archive-delete.spec': { 'was not loaded by another process': others },
  'thread/lifecycle-compact.spec': { 'rejects when codex-rs dies': process },
  'thread/lifecycle-release.spec': {
    'is refused to everybody else': others,
    'is free once its client was closed': others,
    'is loaded again by its next turn': unloading,
    'was loaded by a raw request': unloading,
    'is unloaded after keepLoadedMs': unloading,
  },
  'thread/lifecycle-revert.spec': { 'while another process has the thread': others },
  'thread/lifecycle-states.spec': { 'while another process has it': others },
  'turn/inputs.spec': {
    'reaches the model as local images of every format': there,
    'is refused when a mentioned file is not there': there,
  },
  'turn/settings.spec': {
    'do not outlive a kill': process,
    'need few requests': settings,
  },
};

/**
 * Takes all of it out of what was loaded.
 *
 * @throws when a title is not there any longer
 */
export function leaveOut(root: Suite): void {
  for (const [file, titles] of Object.entries(leftOut)) {
    const isOfFile = (part: Part): boolean => part.file?.endsWith(`/spec/${file}.js`) ?? false;
    if (!root.suites.some(isOfFile)) continue;
    for (const title of Object.keys(titles))
      if (!isTakenOut(root, (part) => isOfFile(part) && part.title.startsWith(title)))
        throw new Error(`spec/left-out.ts names what is not in ${file}: ${title}`);
  }
}

type Part = Pick<Suite, 'file' | 'title'>;

function isTakenOut(suite: Suite, isMeant: (part: Part) => boolean): boolean {
  const before = suite.suites.length + suite.tests.length;
  suite.suites = suite.suites.filter((part) => !isMeant(part));
  suite.tests = suite.tests.filter((part) => !isMeant(part));
  const isFound = before > suite.suites.length + suite.tests.length;
  return suite.suites.map((part) => isTakenOut(part, isMeant)).includes(true) || isFound;
}
