// Snippets of the doc comments of approval handlers.
import {
  AllowApprovals,
  ApprovalHandler,
  AskApprovals,
  DenyApprovals,
  FirstMatch,
  QueuedApprovals,
  type ApprovalDecision,
  type ApprovalRequest,
  type CommandRequest,
} from '../../lib/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import type { Stage } from './stage.js';

/** The model requests to run a command outside its sandbox, and then answers. */
function asksToRun({ model }: Stage, command: string): void {
  model.reply(ScriptedReply.shellCommand(command, { escalated: true }));
}

// #region ApprovalHandler
class TestsOnly extends ApprovalHandler {
  protected override command(request: CommandRequest): ApprovalDecision {
    const isTest = request.command?.endsWith(" -lc 'echo npm test'") === true;
    return isTest ? request.allow() : request.deny('not a test run');
  }
}
// #endregion

export async function ownHandler(stage: Stage): Promise<void> {
  const { codex } = stage;
  asksToRun(stage, 'echo npm test');
  // #region ApprovalHandler
  const thread = codex.startThread({ approvals: new TestsOnly(), approvalPolicy: 'on-request' });
  for await (const event of thread.runStreamed('Run the tests')) {
    if (event.type === 'approval.resolved') console.log(event.report.decision); // allow
  }
  // #endregion
}

export async function asking(stage: Stage): Promise<void> {
  const { codex } = stage;
  asksToRun(stage, 'echo deploy');
  // #region AskApprovals
  const approvals = new AskApprovals((request) => {
    if (request.kind !== 'command') return request.deny('only commands');
    console.log(request.command?.includes('deploy')); // true
    return request.allow();
  });
  await codex.startThread({ approvals }).run('Deploy it');
  // #endregion
}

export async function byName(stage: Stage): Promise<void> {
  const { codex } = stage;
  asksToRun(stage, 'echo deploy');
  const askUser = async (
    kind: ApprovalRequest['kind'],
    decisions: ApprovalRequest['decisions'],
  ): Promise<{ decision: ApprovalDecision['verdict']; by: string }> =>
    Promise.resolve({ decision: decisions.includes('cancel') ? 'deny' : 'pass', by: kind });
  // #region decide
  const approvals = new AskApprovals(async (request) => {
    const { decision, by } = await askUser(request.kind, request.decisions);
    return request.decide(decision, `decided by ${by}`);
  });
  await codex.startThread({ approvals }).run('Deploy it');
  // #endregion
}

export async function everyCommand({ codex, model }: Stage): Promise<void> {
  model.reply(ScriptedReply.shellCommand('echo npm publish'));
  // #region everyCommand
  const approvals = new AskApprovals((request) => {
    const isAllowed = request.kind === 'command' && request.command?.includes('npm test') === true;
    return isAllowed ? request.allow() : request.deny();
  });
  const thread = codex.thread().withApprovals(approvals, { every: 'command' }).build();
  for await (const event of thread.runStreamed('Publish it')) {
    if (event.type === 'approval.resolved') console.log(event.report.decision); // deny
  }
  // #endregion
}

export async function queued(stage: Stage): Promise<void> {
  const { codex, model } = stage;
  asksToRun(stage, 'echo deploy');
  model.reply(ScriptedReply.message('I may not deploy it.'));
  // #region QueuedApprovals
  const approvals = new QueuedApprovals({ timeoutMs: 15 * 60_000 });
  const turn = codex.startThread({ approvals }).run('Deploy it');

  for await (const { id, request } of approvals) {
    console.log(request.kind, request.decisions.includes('allow')); // command true
    // In a service, a later request contains the id and the decision of a person.
    approvals.decide(id, { decision: 'deny', reason: 'not on a Friday' });
    break;
  }
  console.log((await turn).finalResponse); // I may not deploy it.
  // #endregion
}

export async function firstMatch(stage: Stage): Promise<void> {
  const { codex } = stage;
  asksToRun(stage, 'echo deploy');
  // #region FirstMatch
  const readers = new AskApprovals((request) =>
    request.kind === 'command' && request.command?.includes('git log') === true
      ? request.allow()
      : request.pass(),
  );
  const people = new AskApprovals((request) => {
    console.log('a person is asked'); // a person is asked
    return request.deny();
  });
  await codex.startThread({ approvals: new FirstMatch([readers, people]) }).run('Deploy it');
  // #endregion
}

export async function ready(stage: Stage): Promise<void> {
  const { codex } = stage;
  asksToRun(stage, 'echo anything');
  // #region AllowApprovals
  const disposable = codex.thread().withApprovals(new AllowApprovals()).build();
  for await (const event of disposable.runStreamed('Do what it takes')) {
    if (event.type === 'approval.resolved') console.log(event.report.decision); // allow
  }
  // #endregion
}

export async function denying(stage: Stage): Promise<void> {
  const { codex } = stage;
  asksToRun(stage, 'echo anything');
  // #region DenyApprovals
  const careful = codex.thread().withApprovals(new DenyApprovals()).build();
  for await (const event of careful.runStreamed('Do what it takes')) {
    if (event.type === 'approval.resolved') console.log(event.report.decision); // deny
  }
  // #endregion
}
