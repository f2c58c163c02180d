import {
  context,
  metrics,
  trace,
  type MeterProvider,
  type TracerProvider,
} from '@opentelemetry/api';
import { telemetry } from '../telemetry/telemetry.js';
import { version } from '../version.js';
import { SpanMaker } from './span-maker.js';
import { traceContextOf } from './trace-context.js';
import { TurnMetrics } from './turn-metrics.js';

const name = 'codex-threads';

/** Options of an {@link OpenTelemetryBridge}: its destination and the content of spans. */
export interface OpenTelemetryBridgeProps {
  /** Defaults to the global one. */
  readonly tracerProvider?: TracerProvider;
  /** Defaults to the global one. */
  readonly meterProvider?: MeterProvider;
  /** Whether spans contain the text of inputs and final responses. Defaults to `false`. */
  readonly captureContent?: boolean;
}

/**
 * Creates spans and metrics for all clients in this process, following the semantic conventions for generative AI:
 *
 * - `invoke_agent codex` for a turn, in the trace of its caller; its children are `codex.item …`,
 *   `execute_tool …` and `codex.approval`
 * - `codex.thread.open` for starting or loading a thread, `codex.resume` for validating one, `codex.turn.stop` and
 *   `codex.turn.reconcile`
 * - the histograms `gen_ai.client.token.usage` and `gen_ai.client.operation.duration`
 *
 * Every request to codex-rs carries the trace, and `turn/start` the span of its turn: a codex-rs that is configured to
 * export its own spans creates them as children.
 *
 * The text of turns is included only with `captureContent`.
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
  #disconnect: (() => void) | null = null;

  constructor(props: OpenTelemetryBridgeProps = {}) {
    this.#props = props;
  }

  /** Starts listening. Further calls have no effect. */
  connect(): this {
    this.#disconnect ??= this.#listen();
    return this;
  }

  /** Stops listening; spans of running turns are not ended. */
  disconnect(): void {
    this.#disconnect?.();
    this.#disconnect = null;
  }

  /** The same as {@link OpenTelemetryBridge.disconnect}. */
  [Symbol.dispose](): void {
    this.disconnect();
  }

  #listen(): () => void {
    const { tracerProvider = trace, meterProvider = metrics, captureContent = false } = this.#props;
    const measures = new TurnMetrics(meterProvider.getMeter(name, version));
    const spans = new SpanMaker(tracerProvider.getTracer(name, version), {
      captureContent,
      ended: (message, attributes) => {
        measures.record(message, attributes);
      },
    });
    const endings = [
      ...spans.listen(),
      telemetry.request.subscribe(({ clientMessageId, traceWith }) => {
        const carried = traceContextOf(spans.contextOf(clientMessageId) ?? context.active());
        if (carried !== null) traceWith(carried);
      }),
    ];
    return () => {
      for (const end of endings) end();
    };
  }
}
