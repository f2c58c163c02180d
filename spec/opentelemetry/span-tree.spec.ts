import { SpanKind, SpanStatusCode, type Attributes } from '@opentelemetry/api';
import { expect } from 'chai';
import { IsString } from 'class-validator';
import { AllowApprovals, telemetry, Tool, type Codex } from '../../lib/index.js';
import { OpenTelemetryBridge } from '../../lib/opentelemetry/index.js';
import { Gate, ScriptedReply } from '../../lib/testing/index.js';
import { failure } from '../outcomes.js';
import { OfflineCodex } from '../offline-codex.js';
import { SpanCollector } from './span-collector.js';
import { Tracing } from './tracing.js';

class Word {
  @IsString()
  readonly word!: string;
}

class EchoTools {
  @Tool({ description: 'Says it again', input: Word })
  echo({ word }: Word): string {
    return word;
  }
}

/** Attributes without ids, which differ in every run. */
function steady(attributes: Attributes): Attributes {
  return Object.fromEntries<Attributes[string]>(
    Object.entries(attributes).map(([key, value]) => [
      key,
      /^[0-9a-f-]{36}$/.test(String(value)) ? 'an id' : value,
    ]),
  );
}

describe('The spans of a turn on the real codex-rs', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;
  let codex: Codex;
  let tracing: Tracing;
  let bridge: OpenTelemetryBridge;
  let enabled: Disposable;

  before(async () => {
    enabled = Tracing.enable();
    offline = await OfflineCodex.start();
    codex = offline.client();
    await codex.warmUp();
  });

  after(async () => {
    enabled[Symbol.dispose]();
    await offline[Symbol.asyncDispose]();
  });

  beforeEach(() => {
    tracing = new Tracing();
    bridge = new OpenTelemetryBridge({ tracerProvider: tracing.provider }).connect();
  });

  afterEach(() => {
    bridge.disconnect();
  });

  it("are a tree in the trace of the turn's caller", async () => {
    offline.model.reply(
      ScriptedReply.functionCall('echo', { word: 'Hi' }),
      ScriptedReply.shellCommand('true'),
      ScriptedReply.message('Done'),
    );
    const thread = codex
      .thread()
      .withOptions({ approvalPolicy: 'untrusted' })
      .withLabels({ team: 'payments' })
      .withTools(new EchoTools())
      .withApprovals(new AllowApprovals())
      .build();

    await tracing.within('POST /tickets', async () => thread.run('Go'));

    expect(tracing.tree).to.deep.equal([
      {
        'POST /tickets': [
          'codex.thread.open',
          {
            'invoke_agent codex': [
              'codex.approval',
              'codex.item agentMessage',
              'codex.item commandExecution',
              'codex.item dynamicToolCall',
              'codex.item userMessage',
              'execute_tool echo',
            ],
          },
        ],
      },
    ]);
  });

  it('have the attributes of the semantic conventions', async () => {
    offline.model.reply(
      ScriptedReply.functionCall('echo', { word: 'Hi' }),
      ScriptedReply.message('Done').usage({ inputTokens: 7, outputTokens: 3 }),
    );
    const thread = codex
      .thread()
      .withOptions({ model: 'gpt-5.5' })
      .withLabels({ team: 'payments' })
      .withTools(new EchoTools())
      .build();

    await thread.run('Go');

    const turn = tracing.named('invoke_agent codex');
    expect(turn.kind).to.equal(SpanKind.CLIENT);
    expect(turn.status.code).to.equal(SpanStatusCode.UNSET);
    expect(steady(turn.attributes)).to.deep.equal({
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': 'codex',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-5.5',
      'gen_ai.conversation.id': 'an id',
      'gen_ai.usage.input_tokens': 17,
      'gen_ai.usage.output_tokens': 8,
      'gen_ai.usage.cache_read.input_tokens': 0,
      'gen_ai.usage.cache_creation.input_tokens': 0,
      'gen_ai.usage.reasoning.output_tokens': 0,
      'codex.turn.id': 'an id',
      'codex.turn.status': 'completed',
      'codex.label.team': 'payments',
    });
    expect(steady(tracing.named('execute_tool echo').attributes)).to.deep.equal({
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'echo',
      'gen_ai.tool.type': 'function',
      'gen_ai.tool.call.id': tracing.named('codex.item dynamicToolCall').attributes[
        'codex.item.id'
      ],
      'gen_ai.conversation.id': 'an id',
      'codex.tool.outcome': 'completed',
    });
  });

  it('belong to the caller of a streamed turn, not to its reader', async () => {
    offline.model.reply(ScriptedReply.message('Done'));
    const { turn } = await tracing.within('the asker', async () =>
      Promise.resolve({ turn: codex.startThread().runStreamed('Go') }),
    );

    await tracing.within('who reads', async () => turn.result());

    expect(tracing.tree).to.deep.equal([
      {
        'the asker': [
          'codex.thread.open',
          { 'invoke_agent codex': ['codex.item agentMessage', 'codex.item userMessage'] },
        ],
      },
      'who reads',
    ]);
  });

  it('are separate for two concurrent turns', async () => {
    offline.model.reply(ScriptedReply.message('One'), ScriptedReply.message('Two'));

    await Promise.all(
      ['first', 'second'].map(async (name) =>
        tracing.within(name, async () => codex.startThread().run(name)),
      ),
    );

    const branch = [
      'codex.thread.open',
      { 'invoke_agent codex': ['codex.item agentMessage', 'codex.item userMessage'] },
    ];
    expect(tracing.tree).to.have.deep.members([{ first: branch }, { second: branch }]);
  });

  it('contain the reason for a turn that was never sent', async () => {
    const broken = offline.client({ codexPath: '/bin/false' });

    await tracing.within('the caller', async () => failure(broken.startThread().run('Go')));

    expect(tracing.tree).to.deep.equal([{ 'the caller': ['invoke_agent codex'] }]);
    expect(tracing.named('invoke_agent codex').attributes).to.include({
      'error.type': 'process-exited',
      'codex.turn.status': 'failed',
    });
    expect(tracing.named('invoke_agent codex').status.code).to.equal(SpanStatusCode.ERROR);
  });

  it('show how a turn was stopped', async () => {
    const gate = new Gate();
    offline.model.reply(ScriptedReply.deltas('It begins').gate(gate));
    const turn = codex.startThread().runStreamed('Go');

    await tracing.within('the caller', async () => {
      for await (const event of turn) if (event.type === 'text.delta') await turn.interrupt();
    });
    gate.open();

    expect(tracing.named('codex.turn.stop').attributes).to.include({
      'codex.stop.acknowledged': true,
      'codex.stop.commands_ended': 0,
      'codex.stop.process_recycled': false,
    });
    expect(tracing.named('invoke_agent codex').attributes).to.include({
      'error.type': 'turn-interrupted',
      'codex.turn.status': 'interrupted',
    });
    expect(tracing.named('invoke_agent codex').status.code).to.equal(SpanStatusCode.UNSET);
  });

  it('are propagated with the request that sends the turn', async () => {
    offline.model.reply(ScriptedReply.message('Done'));
    const carried: string[] = [];
    const stop = telemetry.turnSend.subscribe(({ clientMessageId }) => {
      const traceWith = ({ traceparent }: { readonly traceparent: string }): void =>
        void carried.push(traceparent);
      telemetry.request.publish(() => ({ method: 'turn/start', clientMessageId, traceWith }));
    });

    await codex.startThread().run('Go');
    stop();

    const { traceId, spanId } = tracing.named('invoke_agent codex').spanContext();
    expect(carried).to.deep.equal([`00-${traceId}-${spanId}-01`]);
  });

  it('are in one trace with the spans that codex-rs exports', async () => {
    await using collector = await SpanCollector.start();
    const { config, environment } = collector;
    const env = { ...offline.environment, ...environment };
    const exporting = offline.client({ config, env });
    offline.model.reply(ScriptedReply.message('Done'));

    await tracing.within('the caller', async () => exporting.startThread().run('Go'));

    const { traceId, spanId } = tracing.named('the caller').spanContext();
    const login = await collector.whenCollected('account/login/start', traceId);
    expect(login.parentSpanId).to.equal(spanId);
    // Part of the turn; codex-rs keeps the span of turn/start open while the thread may need it.
    await collector.whenCollected('emit_turn_start_lifecycle', traceId);
    expect(offline.model.requests.at(-1)?.headers.traceparent).to.contain(traceId);
  });
});
