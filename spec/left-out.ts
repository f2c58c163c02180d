import type { Suite } from 'mocha';

const process = 'tests the process of a client, or options that apply to it';
const others = 'tests two processes on a home, which here are clients of one server';
const unloading =
  'waits until codex-rs unloads a thread, which a shared server keeps loaded for its other clients';
const settings = 'counts requests; on a shared server, every turn restores settings at once';
const key = 'tests the key of a client; clients of an external server have none';
const there =
  'tests files on this machine; a remote server receives images as data, and files are not checked';
const start = 'tests the start of codex-rs, which here has already happened';

/**
 * The specs to skip over an external server, with a reason: by file, the beginnings of titles. An empty title skips
 * the whole file.
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
    'is looked up in the next process if the first one died': process,
    'is replaced by the interrupt': process,
    'in the middle of a turn is harmless': process,
    'of single bytes is joined': process,
    'for overload of the login': key,
  },
  'conversation/directories.spec': { '': there },
  'conversation/environments.spec': { '': process },
  'conversation/keyed-turns.spec': {
    'is refused if it was cut off by a killed codex-rs': process,
    'is busy while another process runs it': others,
  },
  'conversation/mcp-servers.spec': { 'without a thread is on its channel only': start },
  'conversation/thread-release.spec': {
    'is renamed only after an unload': unloading,
    'that codex-rs does not unload': unloading,
  },
  'conversation/rewind.spec': { '': there },
  'integration/resume-matrix.spec': { '': process },
  'loaded/turn-overrides.spec': {
    'lock out other processes': others,
    'are restored by the next client that loads the thread after a kill': process,
    'when the process is killed while the thread is idle': process,
  },
  'nestjs/codex-health-indicator.spec': { '': process },
  'resume/moved-thread.spec': { 'is older than the rollout is continued': others },
  'resume/own-sandbox.spec': { '': process },
  'resume/resume-thread.spec': {
    'refuses the first turn of a thread that another process': others,
  },
  'resume/shared-home.spec': { '': others },
  'telemetry/telemetry.spec': { 'reports a codex-rs that could not be started': process },
  'thread/labels-and-snapshots.spec': { 'contains no key of the client': key },
  'thread/lifecycle-archive-delete.spec': { 'was not loaded by another process': others },
  'thread/lifecycle-compact.spec': { 'rejects if codex-rs dies': process },
  'thread/lifecycle-release.spec': {
    'is refused to other clients': others,
    'is available once its client is closed': others,
    'is loaded again by its next turn': unloading,
    'is available even if a raw request': unloading,
    'is unloaded after keepLoadedMs': unloading,
  },
  'thread/lifecycle-revert.spec': { 'while another process has the thread': others },
  'thread/lifecycle-states.spec': { 'while another process has it': others },
  'turn/inputs.spec': {
    'reaches the model as local images of every format': there,
    'is rejected if a mentioned file does not exist': there,
  },
  'turn/settings.spec': {
    'do not outlive a kill': process,
    'need few requests': settings,
  },
};

/**
 * Removes these specs from the loaded suites.
 *
 * @throws if a title does not exist
 */
export function leaveOut(root: Suite): void {
  for (const [file, titles] of Object.entries(leftOut)) {
    const isOfFile = (part: Part): boolean => part.file?.endsWith(`/spec/${file}.js`) ?? false;
    if (!root.suites.some(isOfFile)) continue;
    for (const title of Object.keys(titles))
      if (!isTakenOut(root, (part) => isOfFile(part) && part.title.startsWith(title)))
        throw new Error(`spec/left-out.ts lists a title that ${file} does not have: ${title}`);
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
