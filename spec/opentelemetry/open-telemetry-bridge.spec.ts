import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  type HistogramMetricData,
} from '@opentelemetry/sdk-metrics';
import { SpanStatusCode } from '@opentelemetry/api';
import { expect } from 'chai';
import { IsString } from 'class-validator';
import { AllowApprovals, Tool, type Codex } from '../../lib/index.js';
import { OpenTelemetryBridge } from '../../lib/opentelemetry/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import { failure } from '../outcomes.js';
import { OfflineCodex } from '../offline-codex.js';
import { Tracing } from './tracing.js';

class Word {
  @IsString()
  readonly word!: string;
}

class EchoTools {
  @Tool({ description: 'Says it again', input: Word })
  echo({ word }: Word): string {
    if (word.includes('fail')) throw new Error(`canary: I will not say ${word}`);
    return `${word} again`;
  }
}

describe('OpenTelemetryBridge on the real codex-rs', function () {
  this.timeout(15_000);
  const points = new InMemoryMetricExporter(AggregationTemporality.DELTA);
  const metricReader = new PeriodicExportingMetricReader({
    exporter: points,
    exportIntervalMillis: 2_000_000_000,
  });
  const meterProvider = new MeterProvider({ readers: [metricReader] });
  let offline: OfflineCodex;
  let codex: Codex;
  let tracing: Tracing;
  let bridge: OpenTelemetryBridge;
  let enabled: Disposable;

  before(async () => {
    enabled = Tracing.enable();
    offline = await OfflineCodex.start();
    codex = offline.client();
  });

  after(async () => {
    enabled[Symbol.dispose]();
    await meterProvider.shutdown();
    await offline[Symbol.asyncDispose]();
  });

  beforeEach(async () => {
    tracing = new Tracing();
    // Excludes the measurements of earlier turns.
    await metricReader.forceFlush();
    points.reset();
    bridge = new OpenTelemetryBridge({ tracerProvider: tracing.provider, meterProvider }).connect();
  });

  afterEach(() => {
    bridge.disconnect();
  });

  async function measured(): Promise<readonly HistogramMetricData[]> {
    await metricReader.forceFlush();
    return points
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics)
      .flatMap(({ metrics }) => metrics as HistogramMetricData[]);
  }

  /** All exported data, as text. */
  async function exported(): Promise<string> {
    const spans = tracing.spans.map(({ name, attributes, events, status, links }) => ({
      name,
      attributes,
      events,
      status,
      links,
    }));
    return JSON.stringify([spans, await measured()]);
  }

  /** Runs a turn with a canary in all of its texts, and returns the export. */
  async function sing(): Promise<void> {
    offline.model.reply(
      ScriptedReply.reasoning('canary thought').shellCommand('echo canary output; exit 3'),
      ScriptedReply.functionCall('echo', { word: 'canary' }),
      ScriptedReply.functionCall('echo', { word: 'canary fails' }),
      ScriptedReply.message('a canary answer'),
      ScriptedReply.status(400, { error: { message: 'the canary question is refused' } }),
    );
    const thread = codex
      .thread()
      .withOptions({ approvalPolicy: 'untrusted', developerInstructions: 'canary instructions' })
      .withTools(new EchoTools())
      .withApprovals(new AllowApprovals())
      .build();
    await thread.run('a canary question');
    await failure(thread.run('another canary question'));
  }

  it('excludes all texts from spans, events and metrics', async () => {
    await sing();

    const names = new Set(tracing.spans.map(({ name }) => name));
    expect([...names]).to.include.members(['execute_tool echo', 'codex.item commandExecution']);
    expect(await exported()).not.to.contain('canary');
    expect(offline.model.unexpectedRequests).to.deep.equal([]);
  });

  it('includes texts if requested', async () => {
    bridge.disconnect();
    bridge = new OpenTelemetryBridge({
      tracerProvider: tracing.provider,
      captureContent: true,
    }).connect();
    offline.model.reply(ScriptedReply.message('Hello'));

    await codex.startThread().run('Hi');

    expect(tracing.named('invoke_agent codex').attributes).to.include({
      'gen_ai.input.messages': '[{"role":"user","parts":[{"type":"text","content":"Hi"}]}]',
      'gen_ai.output.messages':
        '[{"role":"assistant","parts":[{"type":"text","content":"Hello"}],"finish_reason":"stop"}]',
    });
  });

  it('marks the span of a failed turn with an error', async () => {
    offline.model.reply(ScriptedReply.status(400, { error: { message: 'no' } }));

    await failure(codex.startThread().run('Hi'));

    const turn = tracing.named('invoke_agent codex');
    expect(turn.status.code).to.equal(SpanStatusCode.ERROR);
    expect(turn.attributes['error.type']).to.equal('turn-failed');
  });

  it('marks the spans of a failed tool call and a failed command with an error', async () => {
    offline.model.reply(
      ScriptedReply.functionCall('echo', { word: 'fail' }),
      ScriptedReply.shellCommand('exit 3'),
      ScriptedReply.message('Done'),
    );
    const thread = codex.thread().withTools(new EchoTools()).build();

    await thread.run('Go');

    const call = tracing.named('execute_tool echo');
    const command = tracing.named('codex.item commandExecution');
    expect(call.status.code).to.equal(SpanStatusCode.ERROR);
    expect(call.attributes).to.include({ 'error.type': 'threw', 'codex.tool.outcome': 'threw' });
    expect(command.status.code).to.equal(SpanStatusCode.ERROR);
  });

  it('marks the span of a refused resume with an error', async () => {
    const threadId = '01997c4e-0000-7000-8000-000000000000';

    await failure(codex.resumeThread(threadId));

    expect(tracing.named('codex.resume').attributes).to.deep.equal({
      'gen_ai.conversation.id': threadId,
      'error.type': 'unknown-thread',
    });
    expect(tracing.named('codex.resume').status.code).to.equal(SpanStatusCode.ERROR);
  });

  it('measures tokens and duration by model and provider, in the buckets of the conventions', async () => {
    offline.model.reply(ScriptedReply.message('Hello'));

    const { usage } = await codex.startThread({ model: 'gpt-5.5' }).run('Hi');

    const shared = {
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': 'codex',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-5.5',
    };
    const [tokens, duration] = await measured();
    expect(tokens?.descriptor).to.include({ name: 'gen_ai.client.token.usage', unit: '{token}' });
    expect(
      tokens?.dataPoints.map(({ attributes, value }) => [attributes, value.sum]),
    ).to.deep.equal([
      [{ ...shared, 'gen_ai.token.type': 'input' }, usage?.inputTokens],
      [{ ...shared, 'gen_ai.token.type': 'output' }, usage?.outputTokens],
    ]);
    expect(tokens?.dataPoints[0]?.value.buckets.boundaries).to.include.members([1, 1024, 67108864]);
    expect(duration?.descriptor).to.include({
      name: 'gen_ai.client.operation.duration',
      unit: 's',
    });
    expect(duration?.dataPoints.map(({ attributes }) => attributes)).to.deep.equal([shared]);
    expect(duration?.dataPoints[0]?.value.buckets.boundaries).to.include.members([0.01, 81.92]);
  });

  it('measures the duration of failed turns, by error', async () => {
    offline.model.reply(ScriptedReply.status(400, { error: { message: 'no' } }));

    await failure(codex.startThread().run('Hi'));

    const durations = (await measured()).filter(({ descriptor }) => descriptor.unit === 's');
    expect(durations[0]?.dataPoints[0]?.attributes['error.type']).to.equal('turn-failed');
  });

  it('ignores a turn that was sent before it was connected', async () => {
    bridge.disconnect();
    offline.model.reply(ScriptedReply.message('Hello'));
    const turn = codex.startThread().runStreamed('Hi');

    for await (const event of turn) if (event.type === 'turn.started') bridge.connect();

    expect(tracing.spans.filter(({ name }) => name === 'invoke_agent codex')).to.deep.equal([]);
  });

  it('creates nothing after it is disconnected', async () => {
    bridge.disconnect();
    offline.model.reply(ScriptedReply.message('Hello'));

    await codex.startThread().run('Hi');

    expect(tracing.spans).to.deep.equal([]);
  });
});
