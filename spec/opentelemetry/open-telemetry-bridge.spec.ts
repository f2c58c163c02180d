import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-base';
import { expect } from 'chai';
import { IsString } from 'class-validator';
import { AllowApprovals, Tool, type Codex } from '../../lib/index.js';
import { OpenTelemetryBridge } from '../../lib/opentelemetry/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import { failure } from '../failure.js';
import { OfflineCodex } from '../offline-codex.js';

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

describe('OpenTelemetryBridge on the real codex-rs', function () {
  this.timeout(15_000);
  const spans = new InMemorySpanExporter();
  const points = new InMemoryMetricExporter(AggregationTemporality.DELTA);
  const tracerProvider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(spans)],
  });
  const metricReader = new PeriodicExportingMetricReader({
    exporter: points,
    exportIntervalMillis: 2_000_000_000,
  });
  const meterProvider = new MeterProvider({ readers: [metricReader] });
  const tracer = tracerProvider.getTracer('the caller');
  let offline: OfflineCodex;
  let codex: Codex;
  let bridge: OpenTelemetryBridge;

  before(async () => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    offline = await OfflineCodex.start();
    codex = offline.client();
  });

  after(async () => {
    context.disable();
    await meterProvider.shutdown();
    await offline[Symbol.asyncDispose]();
  });

  beforeEach(() => {
    bridge = new OpenTelemetryBridge({ tracerProvider, meterProvider }).connect();
    spans.reset();
    points.reset();
  });

  afterEach(() => {
    bridge.disconnect();
  });

  /** Runs the work within a span, as a caller with a trace would. */
  async function traced(work: () => Promise<unknown>): Promise<ReadableSpan[]> {
    const span = tracer.startSpan('the caller');
    await context.with(trace.setSpan(context.active(), span), work);
    span.end();
    return spans.getFinishedSpans();
  }

  function named(all: readonly ReadableSpan[], name: string): ReadableSpan {
    const found = all.filter((span) => span.name === name);
    expect(found, name).to.have.length(1);
    return found[0]!;
  }

  it('makes a span of a turn in the trace of its caller, with its items beneath', async () => {
    offline.model.reply(ScriptedReply.message('Hello'));
    const thread = codex.startThread({ labels: { team: 'payments' } });

    const all = await traced(async () => thread.run('Hi'));

    const caller = named(all, 'the caller');
    const turn = named(all, 'invoke_agent codex');
    const answer = named(all, 'codex.item agentMessage');
    expect(turn.parentSpanContext?.spanId).to.equal(caller.spanContext().spanId);
    expect(answer.parentSpanContext?.spanId).to.equal(turn.spanContext().spanId);
    expect(named(all, 'codex.thread.open').spanContext().traceId).to.equal(
      caller.spanContext().traceId,
    );
    expect(turn.status.code).to.equal(SpanStatusCode.UNSET);
    expect(turn.attributes).to.include({
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.provider.name': 'openai',
      'gen_ai.conversation.id': thread.threadId,
      'codex.label.team': 'payments',
      'codex.turn.status': 'completed',
    });
    expect(turn.attributes['gen_ai.usage.input_tokens']).to.be.a('number');
  });

  it('keeps out what was said', async () => {
    offline.model.reply(ScriptedReply.message('a very secret answer'));

    const all = await traced(async () => codex.startThread().run('a very secret question'));

    expect(
      JSON.stringify(all.map(({ attributes, events }) => [attributes, events])),
    ).not.to.contain('secret');
  });

  it('keeps what was said where that is asked for', async () => {
    bridge.disconnect();
    bridge = new OpenTelemetryBridge({ tracerProvider, captureContent: true }).connect();
    offline.model.reply(ScriptedReply.message('Hello'));

    const all = await traced(async () => codex.startThread().run('Hi'));

    expect(named(all, 'invoke_agent codex').attributes).to.include({
      'gen_ai.input.messages': '[{"role":"user","parts":[{"type":"text","content":"Hi"}]}]',
      'gen_ai.output.messages':
        '[{"role":"assistant","parts":[{"type":"text","content":"Hello"}]}]',
    });
  });

  it('makes spans of tools and approvals beneath the turn', async () => {
    offline.model.reply(
      ScriptedReply.functionCall('echo', { word: 'Hi' }),
      ScriptedReply.shellCommand('true'),
      ScriptedReply.message('Done'),
    );
    const thread = codex
      .thread()
      .withOptions({ approvalPolicy: 'untrusted' })
      .withTools(new EchoTools())
      .withApprovals(new AllowApprovals())
      .build();

    const all = await traced(async () => thread.run('Go'));

    const { spanId } = named(all, 'invoke_agent codex').spanContext();
    expect(named(all, 'execute_tool echo').parentSpanContext?.spanId).to.equal(spanId);
    expect(named(all, 'execute_tool echo').attributes).to.include({
      'gen_ai.tool.name': 'echo',
      'codex.tool.outcome': 'completed',
    });
    expect(named(all, 'codex.approval').parentSpanContext?.spanId).to.equal(spanId);
    expect(named(all, 'codex.approval').attributes).to.include({
      'codex.approval.decision': 'allow',
    });
  });

  it('makes a failed turn a span with an error', async () => {
    offline.model.reply(ScriptedReply.status(400, { error: { message: 'no' } }));

    const all = await traced(async () => failure(codex.startThread().run('Hi')));

    const turn = named(all, 'invoke_agent codex');
    expect(turn.status.code).to.equal(SpanStatusCode.ERROR);
    expect(turn.attributes['error.type']).to.equal('turn-failed');
  });

  it('makes a refused resume a span with an error', async () => {
    const threadId = '01997c4e-0000-7000-8000-000000000000';

    const all = await traced(async () => failure(codex.resumeThread(threadId)));

    expect(named(all, 'codex.resume').attributes).to.include({
      'gen_ai.conversation.id': threadId,
      'error.type': 'unknown-thread',
    });
  });

  it('measures tokens and time', async () => {
    // What the turns before were measured with is not of this one.
    await metricReader.forceFlush();
    points.reset();
    offline.model.reply(ScriptedReply.message('Hello'));

    const { usage } = await codex.startThread().run('Hi');
    await metricReader.forceFlush();

    const metrics = points
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics)
      .flatMap((scope) => scope.metrics);
    const sums = metrics.flatMap(({ descriptor, dataPoints }) =>
      dataPoints.map(({ attributes, value }) => [
        descriptor.name,
        attributes['gen_ai.token.type'] ?? null,
        (value as { sum: number }).sum,
      ]),
    );
    expect(sums).to.deep.include(['gen_ai.client.token.usage', 'input', usage?.inputTokens]);
    expect(sums).to.deep.include(['gen_ai.client.token.usage', 'output', usage?.outputTokens]);
    expect(metrics.map(({ descriptor }) => descriptor.name)).to.include(
      'gen_ai.client.operation.duration',
    );
  });

  it('makes nothing once it is disconnected', async () => {
    bridge.disconnect();
    offline.model.reply(ScriptedReply.message('Hello'));

    const all = await traced(async () => codex.startThread().run('Hi'));

    expect(all.map(({ name }) => name)).to.deep.equal(['the caller']);
  });
});
