import {
  metrics,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Histogram,
  type MeterProvider,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api';
import {
  telemetry,
  type ApprovalMessage,
  type ThreadOpenMessage,
  type ToolMessage,
  type TurnEndMessage,
  type TurnStartMessage,
} from '../telemetry/telemetry.js';
import { version } from '../version.js';
import { TurnSpan } from './turn-span.js';

const name = 'codex-threads';

/** Where an {@link OpenTelemetryBridge} sends what it makes, and what goes into it. */
export interface OpenTelemetryBridgeProps {
  /** Defaults to the global one. */
  readonly tracerProvider?: TracerProvider;
  /** Defaults to the global one. */
  readonly meterProvider?: MeterProvider;
  /** Whether spans carry the text of inputs and final responses. Defaults to `false`. */
  readonly captureContent?: boolean;
}

/** A turn that goes on, as its end needs it. */
interface LivingTurn {
  readonly span: TurnSpan;
  readonly attributes: Attributes;
}

/**
 * Makes spans and metrics of what all clients in this process do, by the semantic conventions for generative AI:
 *
 * - `invoke_agent codex` for a turn, in the trace of whoever asked for it; beneath it `codex.item …`,
 *   `execute_tool …` and `codex.approval`
 * - `codex.thread.open` for starting or loading a thread, `codex.resume` for judging one
 * - the histograms `gen_ai.client.token.usage` and `gen_ai.client.operation.duration`
 *
 * Nothing that was said is in them unless `captureContent` asks for it.
 *
 * @example
 * ```ts
 * const spans = new InMemorySpanExporter();
 * const tracerProvider = new BasicTracerProvider({
 *   spanProcessors: [new SimpleSpanProcessor(spans)],
 * });
 * const bridge = new OpenTelemetryBridge({ tracerProvider }).connect();
 * await codex.startThread().run('Why is the build red?');
 * bridge.disconnect();
 * console.log(spans.getFinishedSpans().some(({ name }) => name === 'invoke_agent codex')); // true
 * ```
 */
export class OpenTelemetryBridge {
  readonly #props: OpenTelemetryBridgeProps;
  readonly #turns = new Map<string, LivingTurn>();
  #disconnect: (() => void) | null = null;

  constructor(props: OpenTelemetryBridgeProps = {}) {
    this.#props = props;
  }

  /** Begins to listen. Asked again, it goes on with that. */
  connect(): this {
    this.#disconnect ??= this.#listen();
    return this;
  }

  /** Listens no more; spans of turns that still go on are not ended. */
  disconnect(): void {
    this.#disconnect?.();
    this.#disconnect = null;
    this.#turns.clear();
  }

  /** The same as {@link OpenTelemetryBridge.disconnect}. */
  [Symbol.dispose](): void {
    this.disconnect();
  }

  #listen(): () => void {
    const tracer = (this.#props.tracerProvider ?? trace).getTracer(name, version);
    const metering = this.#metering();
    const endings = [
      telemetry.turnStart.subscribe((message) => {
        this.#begin(tracer, message);
      }),
      telemetry.turnEnd.subscribe((message) => {
        this.#end(metering, message);
      }),
      telemetry.itemStart.subscribe((message) => {
        this.#turns.get(message.turnId)?.span.begin(message);
      }),
      telemetry.itemEnd.subscribe((message) => {
        this.#turns.get(message.turnId)?.span.finish(message);
      }),
      telemetry.turnRetry.subscribe(({ turnId, message }) => {
        this.#turns.get(turnId)?.span.note('codex.turn.retry', { 'codex.message': message });
      }),
      telemetry.tool.subscribe((message) => {
        this.#tool(message);
      }),
      telemetry.approval.subscribe((message) => {
        this.#approval(message);
      }),
      telemetry.threadOpen.subscribe((message) => {
        opened(tracer, message);
      }),
      telemetry.resumeAccept.subscribe(({ threadId }) => {
        judged(tracer, threadId, null);
      }),
      telemetry.resumeMismatch.subscribe(({ threadId, reason }) => {
        judged(tracer, threadId, reason);
      }),
    ];
    if (this.#props.captureContent === true)
      endings.push(
        telemetry.turnContent.subscribe((message) => {
          this.#turns.get(message.turnId)?.span.keep(message);
        }),
      );
    return () => {
      for (const end of endings) end();
    };
  }

  #metering(): Metering {
    const meter = (this.#props.meterProvider ?? metrics).getMeter(name, version);
    return {
      tokens: meter.createHistogram('gen_ai.client.token.usage', {
        unit: '{token}',
        description: 'Tokens of a turn, over all its model requests',
      }),
      duration: meter.createHistogram('gen_ai.client.operation.duration', {
        unit: 's',
        description: 'How long a turn took',
      }),
    };
  }

  #begin(
    tracer: Tracer,
    { threadId, turnId, labels, model, modelProvider }: TurnStartMessage,
  ): void {
    const attributes = {
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.provider.name': modelProvider,
      'gen_ai.request.model': model,
    };
    const span = tracer.startSpan('invoke_agent codex', {
      kind: SpanKind.CLIENT,
      attributes: {
        ...attributes,
        'gen_ai.agent.name': 'codex',
        'gen_ai.conversation.id': threadId,
        'codex.turn.id': turnId,
        ...Object.fromEntries(
          Object.entries(labels).map(([label, value]) => [`codex.label.${label}`, value]),
        ),
      },
    });
    this.#turns.set(turnId, { span: new TurnSpan(tracer, span), attributes });
  }

  #end({ tokens, duration }: Metering, message: TurnEndMessage): void {
    const turn = this.#turns.get(message.turnId ?? '');
    if (turn === undefined) return;
    this.#turns.delete(message.turnId ?? '');
    const { attributes } = turn;
    const { inputTokens, outputTokens, durationMs, errorCode } = message;
    for (const [type, count] of [
      ['input', inputTokens],
      ['output', outputTokens],
    ] as const)
      if (count !== null) tokens.record(count, { ...attributes, 'gen_ai.token.type': type });
    if (durationMs !== null)
      duration.record(durationMs / 1000, {
        ...attributes,
        ...(errorCode === null ? {} : { 'error.type': errorCode }),
      });
    turn.span.end(message);
  }

  #tool({ tool, turnId, outcome, durationMs }: ToolMessage): void {
    const span = this.#turns.get(turnId)?.span.child(
      `execute_tool ${tool}`,
      {
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': tool,
        'gen_ai.tool.type': 'function',
        'codex.tool.outcome': outcome,
      },
      Date.now() - durationMs,
    );
    if (outcome !== 'completed')
      span?.setAttribute('error.type', outcome).setStatus({ code: SpanStatusCode.ERROR });
    span?.end();
  }

  #approval({ method, turnId, decision, why, waitedMs }: ApprovalMessage): void {
    this.#turns
      .get(turnId ?? '')
      ?.span.child(
        'codex.approval',
        {
          'codex.approval.method': method,
          'codex.approval.decision': decision ?? 'none',
          'codex.approval.why': why,
        },
        Date.now() - waitedMs,
      )
      .end();
  }
}

interface Metering {
  readonly tokens: Histogram;
  readonly duration: Histogram;
}

function opened(tracer: Tracer, { threadId, isNew, durationMs }: ThreadOpenMessage): void {
  const attributes = { 'gen_ai.conversation.id': threadId, 'codex.thread.is_new': isNew };
  const startTime = Date.now() - durationMs;
  tracer.startSpan('codex.thread.open', { attributes, startTime }).end();
}

function judged(tracer: Tracer, threadId: string, reason: string | null): void {
  const span = tracer.startSpan('codex.resume', {
    attributes: { 'gen_ai.conversation.id': threadId },
  });
  if (reason !== null)
    span.setAttribute('error.type', reason).setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}
