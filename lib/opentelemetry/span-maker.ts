import {
  SpanKind,
  SpanStatusCode,
  type Attributes,
  type Context,
  type Tracer,
} from '@opentelemetry/api';
import { telemetry } from '../telemetry/telemetry.js';
import type { ApprovalMessage, ToolMessage } from '../telemetry/messages.js';
import type {
  TurnEndMessage,
  TurnSendMessage,
  TurnStartMessage,
} from '../telemetry/turn-messages.js';
import { timers } from '../timers.js';
import { TurnSpan } from './turn-span.js';

const operation = 'gen_ai.operation.name';
const agent: Attributes = { [operation]: 'invoke_agent', 'gen_ai.agent.name': 'codex' };

/** Options of a {@link SpanMaker}. */
export interface SpanMakerProps {
  /** Whether spans contain the text of turns. */
  readonly captureContent: boolean;
  /** Called for every turn that ended, with the attributes common to all turns. */
  readonly ended: (message: TurnEndMessage, attributes: Attributes) => void;
}

/** A running turn, with the data that its end needs. */
interface LivingTurn {
  readonly span: TurnSpan;
  readonly attributes: Attributes;
}

/** Creates spans from the messages of the channels. */
export class SpanMaker {
  readonly #tracer: Tracer;
  readonly #props: SpanMakerProps;
  /** By the id of the input message, because a turn gets its own id only when codex-rs has accepted it. */
  readonly #sent = new Map<string, LivingTurn>();
  readonly #running = new Map<string, TurnSpan>();

  constructor(tracer: Tracer, props: SpanMakerProps) {
    this.#tracer = tracer;
    this.#props = props;
  }

  /** The context of the turn with this input message, or null. */
  contextOf(clientMessageId: string | null): Context | null {
    return this.#sent.get(clientMessageId ?? '')?.span.within ?? null;
  }

  /** Starts listening; returns functions that stop it. */
  listen(): (() => void)[] {
    return [...this.#listenToTurns(), ...this.#listenToThreads()];
  }

  #listenToTurns(): (() => void)[] {
    const { turnSend, turnStart, turnEnd, turnRetry, itemStart, itemEnd, tool, approval } =
      telemetry;
    const content = this.#props.captureContent ? [telemetry.turnContent] : [];
    return [
      turnSend.subscribe((message) => {
        this.#send(message);
      }),
      turnStart.subscribe((message) => {
        this.#start(message);
      }),
      turnEnd.subscribe((message) => {
        this.#end(message);
      }),
      turnRetry.subscribe(({ turnId }) => {
        // The message of the provider may contain the prompt.
        this.#running.get(turnId)?.note('codex.turn.retry', {});
      }),
      itemStart.subscribe((message) => {
        this.#running.get(message.turnId)?.begin(message);
      }),
      itemEnd.subscribe((message) => {
        this.#running.get(message.turnId)?.finish(message);
      }),
      tool.subscribe((message) => {
        this.#call(message);
      }),
      approval.subscribe((message) => {
        this.#decide(message);
      }),
      ...content.map((channel) =>
        channel.subscribe((message) => {
          this.#running.get(message.turnId)?.keep(message);
        }),
      ),
    ];
  }

  #listenToThreads(): (() => void)[] {
    const { threadOpen, resumeAccept, resumeMismatch, turnStop, turnReconcile } = telemetry;
    return [
      threadOpen.subscribe(({ threadId, isNew, durationMs }) => {
        const attributes = { ...conversation(threadId), 'codex.thread.is_new': isNew };
        this.#past('codex.thread.open', attributes, { durationMs });
      }),
      resumeAccept.subscribe(({ threadId }) => {
        this.#past('codex.resume', conversation(threadId));
      }),
      resumeMismatch.subscribe(({ threadId, reason }) => {
        this.#past('codex.resume', conversation(threadId), { error: reason });
      }),
      turnStop.subscribe(({ threadId, turnId, durationMs, ...report }) => {
        const attributes = {
          ...conversation(threadId),
          ...(turnId === null ? {} : { 'codex.turn.id': turnId }),
          'codex.stop.acknowledged': report.acknowledged,
          'codex.stop.commands_ended': report.commandsEnded,
          'codex.stop.process_recycled': report.processRecycled,
        };
        this.#past('codex.turn.stop', attributes, { durationMs });
      }),
      turnReconcile.subscribe(({ threadId, status }) => {
        const attributes = { ...conversation(threadId), 'codex.reconcile.status': status };
        this.#past('codex.turn.reconcile', attributes);
      }),
    ];
  }

  #send({ clientMessageId, threadId, labels, ...told }: TurnSendMessage): void {
    // A turn that is sent again after a refusal is the same turn.
    if (this.#sent.has(clientMessageId)) return;
    const attributes = {
      ...agent,
      'gen_ai.provider.name': told.modelProvider,
      'gen_ai.request.model': told.model,
    };
    const span = this.#tracer.startSpan('invoke_agent codex', {
      kind: SpanKind.CLIENT,
      attributes: {
        ...attributes,
        ...conversation(threadId),
        ...Object.fromEntries(
          Object.entries(labels).map(([label, value]) => [`codex.label.${label}`, value]),
        ),
      },
    });
    this.#sent.set(clientMessageId, { span: new TurnSpan(this.#tracer, span), attributes });
  }

  #start({ clientMessageId, turnId }: TurnStartMessage): void {
    const turn = this.#sent.get(clientMessageId);
    if (turn === undefined) return;
    turn.span.describe({ 'codex.turn.id': turnId });
    this.#running.set(turnId, turn.span);
  }

  #end(message: TurnEndMessage): void {
    const turn = this.#sent.get(message.clientMessageId) ?? this.#neverSent(message);
    if (turn === null) return;
    this.#sent.delete(message.clientMessageId);
    this.#running.delete(message.turnId ?? '');
    this.#props.ended(message, turn.attributes);
    turn.span.end(message);
  }

  /** A turn that ended before it was sent, for example without a login: a span without duration. */
  #neverSent({ turnId }: TurnEndMessage): LivingTurn | null {
    // This turn was sent before there was a subscriber.
    if (turnId !== null) return null;
    const span = this.#tracer.startSpan('invoke_agent codex', {
      kind: SpanKind.CLIENT,
      attributes: agent,
    });
    return { span: new TurnSpan(this.#tracer, span), attributes: agent };
  }

  #call({ tool, callId, threadId, turnId, outcome, durationMs }: ToolMessage): void {
    const attributes = {
      ...conversation(threadId),
      [operation]: 'execute_tool',
      'gen_ai.tool.name': tool,
      'gen_ai.tool.type': 'function',
      'gen_ai.tool.call.id': callId,
      'codex.tool.outcome': outcome,
    };
    const error = outcome === 'completed' ? null : outcome;
    this.#past(`execute_tool ${tool}`, attributes, { durationMs, error, turnId });
  }

  #decide({ method, threadId, turnId, decision, why, waitedMs }: ApprovalMessage): void {
    const attributes = {
      ...(threadId === null ? {} : conversation(threadId)),
      'codex.approval.method': method,
      'codex.approval.decision': decision ?? 'none',
      'codex.approval.why': why,
    };
    this.#past('codex.approval', attributes, { durationMs: waitedMs, turnId });
  }

  /**
   * Creates a span for something that has ended: a child of its turn if the turn is known, unlike that of a subagent.
   */
  #past(name: string, attributes: Attributes, { durationMs = 0, error, turnId }: Past = {}): void {
    const startTime = timers.Date.now() - durationMs;
    const span =
      this.#running.get(turnId ?? '')?.child(name, attributes, startTime) ??
      this.#tracer.startSpan(name, { attributes, startTime });
    if ((error ?? null) !== null)
      span.setAttribute('error.type', String(error)).setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  }
}

/** Details of something that has ended. */
interface Past {
  readonly durationMs?: number;
  readonly error?: string | null;
  readonly turnId?: string | null;
}

function conversation(threadId: string): Attributes {
  return { 'gen_ai.conversation.id': threadId };
}
