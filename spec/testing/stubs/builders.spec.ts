import { expect } from 'chai';
import type { ApprovalRequest, TurnEvent } from '../../../lib/index.js';
import {
  agentMessage,
  approvalRequested,
  approvalResolved,
  commandExecution,
  commandOutput,
  commandReplaced,
  commandRequest,
  fileChange,
  itemCompleted,
  itemStarted,
  itemUpdated,
  mcpUpdated,
  planUpdated,
  reasoning,
  reasoningDelta,
  subagentEvent,
  textDelta,
  textReplaced,
  threadStarted,
  toolCall,
  turnCompleted,
  turnDiff,
  turnFailed,
  turnInterrupted,
  turnResult,
  turnRetrying,
  turnStarted,
  turnUsage,
  unknownEvent,
  usageUpdated,
  userMessage,
  warning,
} from '../../../lib/testing/index.js';

const item = agentMessage('Hello');

/** One of each: the compiler says when one is missing. */
const events: { readonly [Type in TurnEvent['type']]: TurnEvent & { readonly type: Type } } = {
  'thread.started': threadStarted(),
  'turn.started': turnStarted({ turnId: 'u' }),
  'turn.completed': turnCompleted({ usage: null }),
  'turn.failed': turnFailed('No.'),
  'turn.interrupted': turnInterrupted('u'),
  'turn.retrying': turnRetrying(),
  'item.started': itemStarted(item) as never,
  'item.updated': itemUpdated(item) as never,
  'item.completed': itemCompleted(item) as never,
  'text.delta': textDelta('He', { phase: 'commentary' }),
  'text.replaced': textReplaced(''),
  'reasoning.delta': reasoningDelta('Hm', { index: 1 }),
  'command.output': commandOutput('out'),
  'command.replaced': commandReplaced('out'),
  'turn.diff': turnDiff('--- a'),
  'plan.updated': planUpdated([{ step: 'Look', status: 'pending' }], 'First'),
  'usage.updated': usageUpdated({ inputTokens: 1 }),
  warning: warning('Careful.'),
  'mcp.updated': mcpUpdated('search', { status: 'failed', error: 'Not found' }),
  'approval.requested': approvalRequested(commandRequest('ls')),
  'approval.resolved': approvalResolved({ decision: 'deny' }),
  'subagent.event': subagentEvent('item/completed'),
  unknown: unknownEvent('new/thing', { a: 1 }),
};

describe('The builders of events', () => {
  for (const [type, event] of Object.entries(events))
    it(`make a ${type}`, () => {
      expect(event.type).to.equal(type);
    });

  it('take the id that the builder of the item has', () => {
    expect(events['text.delta'].itemId).to.equal(agentMessage('Hello').id);
    expect(events['reasoning.delta'].itemId).to.equal(reasoning('Hm').id);
    expect(events['command.output'].itemId).to.equal(commandExecution('ls').id);
  });

  it('keep what they are told', () => {
    expect(events['text.delta']).to.include({ text: 'He', phase: 'commentary' });
    expect(events['usage.updated'].usage).to.deep.include({ inputTokens: 1, totalTokens: 6 });
    expect(events['turn.failed'].error).to.include({ message: 'No.', codexErrorInfo: null });
    expect(events['approval.resolved'].report).to.include({ decision: 'deny', why: 'handler' });
  });

  it('ask for approval as a handler is asked', () => {
    const request: ApprovalRequest = commandRequest('rm -r build', 'To clean up');

    expect(request).to.include({ kind: 'command', command: 'rm -r build' }).and.to.be.frozen;
    expect(request.justification).to.equal('To clean up');
    expect(request.allow()).to.include({ verdict: 'allow' });
  });
});

describe('The builders of items', () => {
  it('make whole ones', () => {
    const items = [
      userMessage('Hi'),
      reasoning('Hm'),
      commandExecution('ls', { exitCode: 2 }),
      fileChange([{ path: 'a', kind: { type: 'add' }, diff: '' }]),
      toolCall('now', { arguments: { zone: 'UTC' } }),
    ];

    expect(items.map(({ type }) => type)).to.deep.equal([
      'userMessage',
      'reasoning',
      'commandExecution',
      'fileChange',
      'dynamicToolCall',
    ]);
    expect(items[2]).to.include({ status: 'failed', exitCode: 2 });
    for (const one of items) expect(one).to.be.frozen;
  });
});

describe('turnResult', () => {
  it('fills in what fits what it is told', () => {
    const turn = turnResult({ finalResponse: 'Hello' });

    expect(turn.items).to.deep.equal([agentMessage('Hello')]);
    expect(turn.usage).to.deep.equal(turnUsage());
    expect(turn.threadUsage).to.deep.equal(turnUsage());
    expect(turn.continuation).to.include({ threadId: turn.threadId, turnId: turn.turnId });
    expect(turn).to.be.frozen;
  });

  it('takes the final response from its items, and gives each an id of its own', () => {
    const turn = turnResult({
      items: [agentMessage('a', { phase: 'commentary' }), agentMessage('b')],
    });

    expect([turn.finalResponse, turn.commentary]).to.deep.equal(['b', ['a']]);
    expect(turn.items.map(({ id }) => id)).to.deep.equal(['msg_1', 'msg_2']);
  });

  it('has an output, with its JSON as the final response', () => {
    const turn = turnResult({ output: { risk: 'low' } });

    expect(turn.output.risk).to.equal('low');
    expect(turn.finalResponse).to.equal('{"risk":"low"}');
  });

  it('has no answer and no usage when it is told so', () => {
    expect(turnResult({ usage: null })).to.deep.include({
      finalResponse: null,
      usage: null,
      items: [],
    });
  });
});
