import { isSpanContextValid, trace, type Context } from '@opentelemetry/api';
import type { TraceContext } from '../telemetry/messages.js';

/** The trace of a context as W3C Trace Context, the format of codex-rs; null if there is none. */
export function traceContextOf(context: Context): TraceContext | null {
  const span = trace.getSpanContext(context);
  if (span === undefined || !isSpanContextValid(span)) return null;
  const { traceId, spanId, traceFlags, traceState } = span;
  const flags = traceFlags.toString(16).padStart(2, '0');
  const tracestate = traceState?.serialize() ?? '';
  return {
    traceparent: `00-${traceId}-${spanId}-${flags}`,
    ...(tracestate === '' ? {} : { tracestate }),
  };
}
