import { expect } from 'chai';
import type { ApprovalRequest, TurnEvent } from '../../../lib/index.js';
import {
  approvalReport,
  commandRequest,
  event,
  item,
  turnError,
  turnResult,
  turnUsage,
} from '../../../lib/testing/index.js';

/** One of each type: the compiler reports a missing one. */
const events: { readonly [Type in TurnEvent['type']]: TurnEvent & { readonly type: Type } } = {
  'thread.started': event('thread.started'),
  'turn.started': event('turn.started', { turnId: 'u' }),
  'turn.completed': event('turn.completed', { usage: null }),
  'turn.failed': event('turn.failed', { error: turnError('No.') }),
  'turn.interrupted': event('turn.interrupted', { turnId: 'u' }),
  'turn.retrying': event('turn.retrying'),
  'item.started': event('item.started'),
  'item.updated': event('item.updated'),
  'item.completed': event('item.completed', { item: item('agentMessage', { text: 'Hello' }) }),
  'text.delta': event('text.delta', { text: 'He', phase: 'commentary' }),
  'text.replaced': event('text.replaced'),
  'reasoning.delta': event('reasoning.delta', { text: 'Hm', index: 1 }),
  'command.output': event('command.output', { text: 'out' }),
  'command.replaced': event('command.replaced', { text: 'out' }),
  'turn.diff': event('turn.diff', { diff: '--- a' }),
  'plan.updated': event('plan.updated', { plan: [{ step: 'Look', status: 'pending' }] }),
  'usage.updated': event('usage.updated', { usage: turnUsage({ inputTokens: 1 }) }),
  warning: event('warning', { message: 'Careful.' }),
  'connection.lost': event('connection.lost'),
  'connection.restored': event('connection.restored', { lostMs: 5 }),
  'mcp.updated': event('mcp.updated', { status: 'failed', error: 'Not found' }),
  'approval.requested': event('approval.requested', { request: commandRequest('ls') }),
  'approval.resolved': event('approval.resolved', { report: approvalReport({ decision: 'deny' }) }),
  'subagent.event': event('subagent.event', { method: 'item/completed' }),
  unknown: event('unknown', { method: 'new/thing', params: { a: 1 } }),
};

describe('event', () => {
  for (const [type, made] of Object.entries(events))
    it(`builds a ${type}`, () => {
      expect(made.type).to.equal(type);
    });

  it('uses the id of an item of that type', () => {
    expect(events['text.delta'].itemId).to.equal(item('agentMessage').id);
    expect(events['reasoning.delta'].itemId).to.equal(item('reasoning').id);
    expect(events['command.output'].itemId).to.equal(item('commandExecution').id);
  });

  it('keeps the given properties', () => {
    expect(events['text.delta']).to.include({ text: 'He', phase: 'commentary' });
    expect(events['usage.updated'].usage).to.deep.include({ inputTokens: 1, totalTokens: 6 });
    expect(events['usage.updated'].threadUsage).to.equal(events['usage.updated'].usage);
    expect(events['turn.failed'].error).to.include({ message: 'No.', codexErrorInfo: null });
    expect(events['approval.resolved'].report).to.include({ decision: 'deny', why: 'handler' });
  });

  it('asks for approval with the request of a handler', () => {
    const request: ApprovalRequest = commandRequest('rm -r build', 'To clean up');

    expect(request).to.include({ kind: 'command', command: 'rm -r build' }).and.to.be.frozen;
    expect(request.justification).to.equal('To clean up');
    expect(request.allow()).to.include({ verdict: 'allow' });
  });
});

describe('item', () => {
  it('builds complete items', () => {
    const items = [
      item('userMessage'),
      item('reasoning', { summary: ['Hm'] }),
      item('commandExecution', { command: 'ls', exitCode: 2 }),
      item('fileChange', { changes: [{ path: 'a', kind: { type: 'add' }, diff: '' }] }),
      item('dynamicToolCall', { tool: 'now', arguments: { zone: 'UTC' } }),
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
  it('derives unspecified properties consistently', () => {
    const turn = turnResult({ finalResponse: 'Hello' });

    expect(turn.items).to.deep.equal([item('agentMessage', { text: 'Hello' })]);
    expect(turn.usage).to.deep.equal(turnUsage());
    expect(turn.threadUsage).to.deep.equal(turnUsage());
    expect(turn.continuation).to.include({ threadId: turn.threadId, turnId: turn.turnId });
    expect(turn).to.be.frozen;
  });

  it('derives the final response from its items, and gives each a unique id', () => {
    const turn = turnResult({
      items: [
        item('agentMessage', { text: 'a', phase: 'commentary' }),
        item('agentMessage', { text: 'b' }),
      ],
    });

    expect([turn.finalResponse, turn.commentary]).to.deep.equal(['b', ['a']]);
    expect(turn.items.map(({ id }) => id)).to.deep.equal(['msg_1', 'msg_2']);
  });

  it('has an output, with its JSON as the final response', () => {
    const turn = turnResult({ output: { risk: 'low' } });

    expect(turn.output.risk).to.equal('low');
    expect(turn.finalResponse).to.equal('{"risk":"low"}');
  });

  it('has no answer and no usage if requested', () => {
    expect(turnResult({ usage: null })).to.deep.include({
      finalResponse: null,
      usage: null,
      items: [],
    });
  });
});
