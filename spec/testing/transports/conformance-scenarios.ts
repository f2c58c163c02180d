import {
  AllowApprovals,
  DenyApprovals,
  Tool,
  ResumeRejectedError,
  TurnFailedError,
  TurnInterruptedError,
  type Codex,
  type Thread,
} from '../../../lib/index.js';
import { ScriptedReply, type Gate } from '../../../lib/testing/index.js';
import { collected, failure } from '../../outcomes.js';

/** The environment of a scenario, for any backend of the client. */
export interface ConformanceStage {
  readonly codex: Codex;
  /** Opens the gate of the scenario's model. */
  readonly letGo: () => void;
}

/** One scenario, and the facts that hold for every implementation of codex-rs. */
export interface ConformanceScenario {
  /** The replies of the model behind the real codex-rs. */
  readonly model: (go: Gate) => readonly ScriptedReply[];
  readonly play: (stage: ConformanceStage) => Promise<unknown>;
  readonly facts: unknown;
}

class Payments {
  @Tool({ description: 'Tells the state of a payment.' })
  paymentState(): string {
    return 'settled';
  }
}

const answer = (text: string): ScriptedReply => ScriptedReply.message(text);

function asking(codex: Codex, allows: 'allow' | 'deny'): Thread {
  return codex.startThread({
    approvalPolicy: 'untrusted',
    approvals: allows === 'allow' ? new AllowApprovals() : new DenyApprovals(),
  });
}

const commandModel = (): readonly ScriptedReply[] => [
  ScriptedReply.shellCommand('mktemp -u'),
  answer('Done.'),
];

async function approvalFacts(thread: Thread): Promise<unknown> {
  const running = thread.runStreamed('Make a name');
  const verdicts: unknown[] = [];
  for await (const event of running)
    if (event.type === 'approval.resolved') verdicts.push(event.report.decision);
  const { items, finalResponse } = await running.result();
  const statuses = items.flatMap((item) => (item.type === 'commandExecution' ? item.status : []));
  return { verdicts, statuses, finalResponse };
}

/** The scenarios by name; each name is a fact. */
export const conformanceScenarios: Readonly<Record<string, ConformanceScenario>> = {
  'runs a plain turn and counts its tokens': {
    model: () => [answer('A test fails.'), answer('It is fixed.')],
    play: async ({ codex }) => {
      const thread = codex.startThread();
      const one = await thread.run('Why is the build red?');
      const two = await thread.run('Fix it');
      return {
        responses: [one.finalResponse, two.finalResponse],
        items: one.items.map(({ type }) => type),
        spent: [one.usage?.totalTokens, two.usage?.totalTokens, two.threadUsage?.totalTokens],
        isOneThread: one.threadId === two.threadId && two.threadId === thread.threadId,
      };
    },
    facts: {
      responses: ['A test fails.', 'It is fixed.'],
      items: ['userMessage', 'agentMessage'],
      spent: [15, 15, 30],
      isOneThread: true,
    },
  },
  'streams reasoning and text in order': {
    model: () => [ScriptedReply.reasoning('Look first').deltas('Three ', 'tests.')],
    play: async ({ codex }) => {
      const events = await collected(codex.startThread().runStreamed('How many?'));
      const text = events.flatMap((event) => (event.type === 'text.delta' ? event.text : []));
      const order = events.map(({ type }) => type).filter((type) => type !== 'unknown');
      return { text: text.join(''), order: order.filter((type, at) => type !== order[at - 1]) };
    },
    facts: {
      text: 'Three tests.',
      order: [
        'thread.started',
        'turn.started',
        'item.started',
        'item.completed',
        'item.started',
        'reasoning.delta',
        'item.completed',
        'item.started',
        'text.delta',
        'item.completed',
        'usage.updated',
        'turn.completed',
      ],
    },
  },
  'fails a turn for a 429, and runs the next one': {
    model: () => [ScriptedReply.status(429), answer('Now it works.')],
    play: async ({ codex }) => {
      const thread = codex.startThread();
      const error = await failure(thread.run('Fix it'));
      if (!TurnFailedError.is(error)) throw error;
      const { reason, providerStatus, retryable, usage: spent } = error;
      const { finalResponse } = await thread.run('Fix it');
      return { reason, providerStatus, retryable, spent, finalResponse };
    },
    facts: {
      reason: 'rate-limited',
      providerStatus: 429,
      retryable: true,
      spent: null,
      finalResponse: 'Now it works.',
    },
  },
  'runs an allowed command': {
    model: commandModel,
    play: async ({ codex }) => approvalFacts(asking(codex, 'allow')),
    facts: { verdicts: ['allow'], statuses: ['completed'], finalResponse: 'Done.' },
  },
  'does not run a denied command': {
    model: commandModel,
    play: async ({ codex }) => approvalFacts(asking(codex, 'deny')),
    facts: { verdicts: ['deny'], statuses: ['declined'], finalResponse: 'Done.' },
  },
  'calls a tool of the client': {
    model: () => [ScriptedReply.functionCall('paymentState', {}), answer('It is settled.')],
    play: async ({ codex }) => {
      const thread = codex.startThread({ tools: [new Payments()] });
      const { items, finalResponse } = await thread.run('How is the payment?');
      const calls = items.flatMap((item) =>
        item.type === 'dynamicToolCall' ? [[item.tool, item.success, item.contentItems]] : [],
      );
      return { calls, finalResponse };
    },
    facts: {
      calls: [['paymentState', true, [{ type: 'inputText', text: 'settled' }]]],
      finalResponse: 'It is settled.',
    },
  },
  'stops a turn that is interrupted': {
    model: (go) => [ScriptedReply.deltas('I begin').gate(go), answer('Next.')],
    play: async ({ codex }) => {
      const thread = codex.startThread();
      const running = thread.runStreamed('Rewrite everything');
      const reports: unknown[] = [];
      for await (const event of running)
        if (event.type === 'text.delta') reports.push(await running.interrupt());
      const error = await failure(running.result());
      const { finalResponse } = await thread.run('And now?');
      return { reports, isInterruption: TurnInterruptedError.is(error), finalResponse };
    },
    facts: {
      reports: [{ acknowledged: true, commandsEnded: 0, processRecycled: false }],
      isInterruption: true,
      finalResponse: 'Next.',
    },
  },
  'steers a running turn': {
    model: (go) => [ScriptedReply.deltas('I begin').gate(go).deltas('.'), answer('To the left.')],
    play: async ({ codex, letGo }) => {
      const running = codex.startThread().runStreamed('Go');
      const outcomes: unknown[] = [];
      for await (const event of running)
        if (event.type === 'text.delta' && outcomes.length === 0) {
          outcomes.push(await running.steer('Left'));
          letGo();
        }
      const { items, finalResponse } = await running.result();
      const said = items.filter(({ type }) => type === 'userMessage').length;
      return { outcomes, said, finalResponse };
    },
    facts: { outcomes: [{ status: 'steered' }], said: 2, finalResponse: 'To the left.' },
  },
  'resumes by token, and refuses a stale one': {
    model: () => [answer('One.'), answer('Two.')],
    play: async ({ codex }) => {
      const { threadId, continuation } = await codex.startThread().run('1');
      const thread = await codex.resumeThread(threadId, { continuation });
      const { finalResponse } = await thread.run('2');
      const error = await failure(codex.resumeThread(threadId, { continuation }));
      if (!ResumeRejectedError.is(error)) throw error;
      return { finalResponse, reason: error.reason };
    },
    facts: { finalResponse: 'Two.', reason: 'stale' },
  },
  'keeps labels, and finds threads by them': {
    model: () => [answer('Noted.')],
    play: async ({ codex }) => {
      const thread = codex.startThread({ labels: { ticket: 'PAY-124' } });
      const { threadId } = await thread.run('Note it');
      const found = await collected(codex.findThreads({ ticket: 'PAY-124' }));
      const again = await codex.resumeThread(threadId);
      return {
        isFound: found.some((one) => one.threadId === threadId),
        labels: again.labels.toJSON(),
      };
    },
    facts: { isFound: true, labels: { ticket: 'PAY-124' } },
  },
  'reads a thread and its history': {
    model: () => [answer('One.'), answer('Two.')],
    play: async ({ codex }) => {
      const thread = codex.startThread();
      await thread.run('Count the birds');
      await thread.run('Again');
      await thread.setName('Birds');
      const { preview, name } = await thread.read();
      const turns = await collected(thread.turns());
      const listed = await collected(codex.listThreads());
      return {
        preview,
        name,
        statuses: turns.map(({ status }) => status),
        items: turns.map(({ items }) => items.map(({ type }) => type)),
        isListed: listed.some(({ threadId }) => threadId === thread.threadId),
      };
    },
    facts: {
      preview: 'Count the birds',
      name: 'Birds',
      statuses: ['completed', 'completed'],
      items: [
        ['userMessage', 'agentMessage'],
        ['userMessage', 'agentMessage'],
      ],
      isListed: true,
    },
  },
  'forks a thread without changing it': {
    model: () => [answer('One.'), answer('Two.')],
    play: async ({ codex }) => {
      const thread = codex.startThread();
      await thread.run('1');
      const fork = await thread.fork();
      const { finalResponse } = await fork.run('2');
      const [before, after] = [await collected(thread.turns()), await collected(fork.turns())];
      return {
        finalResponse,
        isAnother: fork.threadId !== thread.threadId,
        turns: [before.length, after.length],
      };
    },
    facts: { finalResponse: 'Two.', isAnother: true, turns: [1, 2] },
  },
  'compacts a thread and continues': {
    model: () => [answer('A long story.'), ScriptedReply.compaction('In short'), answer('Next.')],
    play: async ({ codex }) => {
      const thread = codex.startThread();
      const { turnId } = await thread.run('Tell it');
      const compaction = await thread.compact();
      const { finalResponse } = await thread.run('And then?');
      return {
        finalResponse,
        isTurnOfItsOwn: compaction.turnId !== turnId,
        turns: (await collected(thread.turns())).length,
      };
    },
    facts: { finalResponse: 'Next.', isTurnOfItsOwn: true, turns: 3 },
  },
};
