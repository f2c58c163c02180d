import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-base';
import { expect } from 'chai';

/** The tracing of a program, with an exporter that stores the spans. */
export class Tracing {
  readonly exporter = new InMemorySpanExporter();
  readonly provider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(this.exporter)],
  });

  /** From now on contexts follow promises, as in a program with tracing. */
  static enable(): Disposable {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    return {
      [Symbol.dispose]: () => {
        context.disable();
      },
    };
  }

  /** Runs the work within a span of the caller. */
  async within<T>(name: string, work: () => Promise<T>): Promise<T> {
    const span = this.provider.getTracer('the caller').startSpan(name);
    try {
      return await context.with(trace.setSpan(context.active(), span), work);
    } finally {
      span.end();
    }
  }

  /** All ended spans. */
  get spans(): readonly ReadableSpan[] {
    return this.exporter.getFinishedSpans();
  }

  /** The only span with this name. */
  named(name: string): ReadableSpan {
    const found = this.spans.filter((span) => span.name === name);
    expect(found, name).to.have.length(1);
    return found[0]!;
  }

  /** The spans by name, each below its parent, sorted by name because two may begin in the same millisecond. */
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

/** Names of spans; a span with children is a record. */
export type Tree = readonly (string | Readonly<Record<string, Tree>>)[];
