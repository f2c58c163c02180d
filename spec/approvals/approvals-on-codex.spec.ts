import { expect } from 'chai';
import sinon from 'sinon';
import { AllowApprovals } from '../../lib/approvals/allow-approvals.js';
import type { ApprovalDecision } from '../../lib/approvals/approval-decision.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import { ApprovingCodex, type Of } from './approving-codex.js';

const done = ScriptedReply.message('Done');
const settings = { approvalPolicy: 'untrusted' } as const;
const mcpSettings = { approvalPolicy: 'on-request' } as const;

function patch(file: string): ScriptedReply {
  return ScriptedReply.patch(`*** Begin Patch\n*** Add File: ${file}\n+hello\n*** End Patch`);
}

describe('An approval request of the real codex', function () {
  this.timeout(30_000);
  let codex: ApprovingCodex;
  before(async () => {
    codex = await ApprovingCodex.open();
  });
  after(async () => codex.real.close());

  describe('a file change', () => {
    const change = async (
      decide: (request: Of<'fileChange'>) => ApprovalDecision,
    ): Promise<{ status: string; exists: boolean; asked: readonly Of<'fileChange'>[] }> => {
      const asked = codex.useOnly('fileChange', decide);
      const name = codex.newName();
      const { status } = await codex.real.run(await codex.real.thread(settings), [
        patch(name),
        done,
      ]);
      return { status, exists: codex.has(name), asked };
    };

    it('has the diff, and is applied if it is allowed', async () => {
      const { status, exists, asked } = await change((request) => request.allow());

      expect({ status, exists }).to.deep.equal({ status: 'completed', exists: true });
      expect(asked[0]?.changes).to.have.length(1);
      expect(asked[0]?.changes[0]).to.deep.include({ kind: { type: 'add' }, diff: 'hello\n' });
    });

    it('is not applied if it is denied', async () => {
      const { status, exists } = await change((request) => request.deny());

      expect({ status, exists }).to.deep.equal({ status: 'completed', exists: false });
    });

    it('interrupts the turn if it is cancelled', async () => {
      const { status, exists } = await change((request) => request.cancel());

      expect({ status, exists }).to.deep.equal({ status: 'interrupted', exists: false });
    });
  });

  describe('permissions', () => {
    const ask = ScriptedReply.functionCall('request_permissions', {
      reason: 'to download',
      permissions: { network: { enabled: true }, file_system: { write: ['/extra'] } },
    });
    const permissions = async (
      decide: (request: Of<'permissions'>) => ApprovalDecision,
    ): Promise<unknown> => {
      codex.useOnly('permissions', decide);
      const threadId = await codex.real.thread(mcpSettings);
      await codex.real.run(threadId, [ask, done]);
      return JSON.parse(codex.real.outputs(threadId)[0] ?? '');
    };

    it('are granted fully, partly or not at all', async () => {
      const network = { enabled: true };
      const nothing = { network: null, file_system: null };

      expect(await permissions((request) => request.allowForSession())).to.deep.equal({
        permissions: { network, file_system: { write: ['/extra'] } },
        scope: 'session',
      });
      expect(await permissions((request) => request.allow({ network }))).to.deep.equal({
        permissions: { network, file_system: null },
        scope: 'turn',
      });
      expect(await permissions((request) => request.deny())).to.deep.include({
        permissions: nothing,
      });
    });
  });

  describe('an MCP tool call', () => {
    const pay = ScriptedReply.functionCall('pay', { amount: 3 }, { namespace: 'mcp__bank' });
    const call = async (
      decide: (request: Of<'mcpToolCall'>) => ApprovalDecision,
    ): Promise<{ status: string; output: string; asked: readonly Of<'mcpToolCall'>[] }> => {
      const asked = codex.useOnly('mcpToolCall', decide);
      const threadId = await codex.real.thread(mcpSettings);
      const { status } = await codex.real.run(threadId, [pay, done]);
      return { status, output: codex.real.outputs(threadId)[0] ?? '', asked };
    };

    it('has its arguments, and reaches the server if it is allowed', async () => {
      const { output, asked } = await call((request) => request.allow());

      expect(output).to.contain('paid 3');
      expect(asked[0]).to.include({ serverName: 'bank', toolName: 'pay' });
      expect(asked[0]?.arguments).to.deep.equal({ amount: 3 });
    });

    it('does not reach the server if it is denied', async () => {
      const { status, output } = await call((request) => request.deny());

      expect(status).to.equal('completed');
      expect(output).to.contain('user rejected MCP tool call').and.not.contain('paid');
    });

    it('does not reach the server if it is cancelled, and the turn continues', async () => {
      const { status, output } = await call((request) => request.cancel());

      expect(status).to.equal('completed');
      expect(output).to.contain('user cancelled MCP tool call');
    });

    it('is not asked about again in any thread if it is always allowed for all threads', async () => {
      const first = await call((request) => request.allowAlwaysForAllThreads());
      const second = await call((request) => request.deny());

      expect([first.output, second.output]).to.satisfy((outputs: readonly string[]) =>
        outputs.every((output) => output.includes('paid 3')),
      );
      expect(second.asked).to.deep.equal([]);
      expect(codex.read('config.toml')).to.contain('approval_mode = "approve"');
    });
  });

  describe('an elicitation', () => {
    const ask = ScriptedReply.functionCall('ask', {}, { namespace: 'mcp__bank' });

    it('sends the completed form to the server', async () => {
      codex.useOnly('elicitation', (request) => request.allow({ name: 'Bob' }));
      const threadId = await codex.real.thread(mcpSettings);

      await codex.real.run(threadId, [ask, done]);

      expect(codex.real.outputs(threadId)[0]).to.contain(
        '{"action":"accept","content":{"name":"Bob"}}',
      );
    });

    it('is declined even if all tool calls are allowed', async () => {
      codex.use(new AllowApprovals());
      const threadId = await codex.real.thread(mcpSettings);

      await codex.real.run(threadId, [ask, done]);

      expect(codex.real.outputs(threadId)[0]).to.contain('{"action":"decline"}');
    });
  });

  describe('questions to the user', () => {
    const questions = [
      {
        id: 'colour',
        header: 'Colour',
        question: 'Which?',
        options: [
          { label: 'red', description: 'warm' },
          { label: 'blue', description: 'cold' },
        ],
      },
    ];
    const ask = ScriptedReply.functionCall('request_user_input', { questions });

    it('send the answers to the model', async () => {
      const decide = sinon.spy((request: Of<'userInput'>) => request.answer({ colour: 'blue' }));
      codex.useOnly('userInput', decide);
      const threadId = await codex.real.thread(mcpSettings);

      await codex.real.run(threadId, [ask, done]);

      expect(decide.args[0]?.[0].questions[0]).to.include({ id: 'colour', question: 'Which?' });
      expect(codex.real.outputs(threadId)).to.deep.equal([
        '{"answers":{"colour":{"answers":["blue"]}}}',
      ]);
    });
  });
});
