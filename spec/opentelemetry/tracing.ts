import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-base';
import { expect } from 'chai';

/** The tracing of a program: what a caller has, with an exporter that keeps the spans. */
export class Tracing {
  readonly exporter = new InMemorySpanExporter();
  readonly provider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(this.exporter)],
  });

  /** Contexts go along with promises from now on, as in a program with tracing. */
  static enable(): Disposable {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    return {
      [Symbol.dispose]: () => {
        context.disable();
      },
    };
  }

  /** Does the work within a span of the caller's. */
  async within<T>(name: string, work: () => Promise<T>): Promise<T> {
    const span = this.provider.getTracer('the caller').startSpan(name);
    try {
      return await context.with(trace.setSpan(context.active(), span), work);
    } finally {
      span.end();
    }
  }

  /** All spans that were ended. */
  get spans(): readonly ReadableSpan[] {
    return this.exporter.getFinishedSpans();
  }

  /** The one span of this name. */
  named(name: string): ReadableSpan {
    const found = this.spans.filter((span) => span.name === name);
    expect(found, name).to.have.length(1);
    return found[0]!;
  }

  /** The spans by their names, each beneath its parent, in the order of the names: two may begin in one millisecond. */
  get tree(): Tree {
    return this.#beneath(undefined);
  }

  #beneath(parent: string | undefined): Tree {
    return this.spans
      .filter(({ parentSpanContext }) => parentSpanContext?.spanId === parent)
      .sort((one, other) => (one.name < other.name ? -1 : 1))
      .map((span) => {
        const children = this.#beneath(span.spanContext().spanId);
        return children.length === 0 ? span.name : { [span.name]: children };
      });
  }
}

/** Names of spans: a span with others beneath it is a record. */
export type Tree = readonly (string | Readonly<Record<string, Tree>>)[];
