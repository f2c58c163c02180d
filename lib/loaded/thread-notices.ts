import { mcpServerOf, warningOf } from '../wire/notices.js';
import type { ServerNotification } from '../protocol/index.js';
import type { Redactor } from '../redaction.js';
import { telemetry } from '../telemetry/telemetry.js';
import type { McpServerMessage } from '../telemetry/messages.js';

/** A warning of codex-rs, as an event of a turn. @inline */
export interface WarningEvent {
  /** Discriminator. */
  readonly type: 'warning';
  /** The message of codex-rs. */
  readonly message: string;
}

/** The state of an MCP server, as an event of a turn. @inline */
export interface McpUpdatedEvent {
  /** Discriminator. */
  readonly type: 'mcp.updated';
  /** The server's name in the configuration. */
  readonly server: string;
  /** Its state; `late` if the turn continued without it. */
  readonly status: McpServerMessage['status'];
  /** The reason why it failed or was cancelled, as reported by codex-rs; else null. */
  readonly error: string | null;
}

type NoticeEvent = McpUpdatedEvent | WarningEvent;

/** The turn that receives the events. */
export interface NoticedTurn {
  readonly isOver: boolean;
  emit(event: NoticeEvent): void;
}

/** Converts a thread's warnings and the states of its MCP servers to events for the running turn, or else for the next one. */
export class ThreadNotices {
  readonly #redactor: Redactor;
  /** Of equal warnings, and of the states of one server, only the latest is kept; `late` is kept separately. */
  readonly #waiting = new Map<string, NoticeEvent>();
  #run: NoticedTurn | null = null;

  constructor(redactor: Redactor) {
    this.#redactor = redactor;
  }

  /** A turn has begun: it receives the buffered events, and those that arrive while it runs. */
  begin(run: NoticedTurn): void {
    this.#run = run;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const event of waiting) this.#add(event);
  }

  /** Accepts a notification of the thread. */
  accept(notification: ServerNotification): void {
    const warning = warningOf(notification, this.#redactor);
    if (warning !== null) this.#add({ type: 'warning', message: warning.message });
    const state = mcpServerOf(notification, this.#redactor);
    if (state === null) return;
    const { server, status, error } = state;
    this.#add({ type: 'mcp.updated', server, status, error });
  }

  /** The next turn continues without a late server. */
  miss(threadId: string, server: string): void {
    telemetry.mcpServer.publish(() => ({ threadId, server, status: 'late', error: null }));
    this.#add({ type: 'mcp.updated', server, status: 'late', error: null });
  }

  #add(event: NoticeEvent): void {
    if (this.#run?.isOver === false) this.#run.emit(event);
    else this.#waiting.set(keyOf(event), event);
  }
}

function keyOf(event: NoticeEvent): string {
  if (event.type === 'warning') return event.message;
  return event.status === 'late' ? `late ${event.server}` : event.server;
}
