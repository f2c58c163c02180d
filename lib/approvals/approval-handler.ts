import { CodexError, ValidationError } from '../errors.js';
import { shown } from '../validation.js';
import { longestTimerMs, timers } from '../timers.js';
import type { ApprovalDecision } from './approval-decision.js';
import type { ApprovalRequest } from './approval-request.js';
import type { CommandRequest } from './command-request.js';
import type { ElicitationRequest } from './elicitation-request.js';
import type { FileChangeRequest } from './file-change-request.js';
import type { McpToolRequest } from './mcp-tool-request.js';
import type { PermissionsRequest } from './permissions-request.js';
import type { UserInputRequest } from './user-input-request.js';

/** A decision, now or later. @inline */
export type Deciding = ApprovalDecision | Promise<ApprovalDecision>;

/**
 * Decides what codex-rs asks permission for. Extend it and override the kinds you want to decide: every other kind is
 * declined.
 *
 * Whatever goes wrong declines: a method that throws, one that gives no decision about the request it was asked, one that
 * takes longer than {@link ApprovalHandler.timeoutMs}.
 *
 * Not abstract, so that `sinon.createStubInstance(ApprovalHandler)` works: stub {@link ApprovalHandler.handle}.
 *
 * @example
 * ```ts
 * class TestsOnly extends ApprovalHandler {
 *   protected override command(request: CommandRequest): ApprovalDecision {
 *     const isTest = request.command?.endsWith(" -lc 'echo npm test'") === true;
 *     return isTest ? request.allow() : request.deny('not a test run');
 *   }
 * }
 *
 * const thread = codex.startThread({ approvals: new TestsOnly(), approvalPolicy: 'on-request' });
 * for await (const event of thread.runStreamed('Run the tests')) {
 *   if (event.type === 'approval.resolved') console.log(event.report.decision); // allow
 * }
 * ```
 */
export class ApprovalHandler {
  readonly #timeoutMs: number;

  /** @throws {@link ValidationError} when `timeoutMs` is no positive number of milliseconds that a timer can hold */
  constructor(options: ApprovalHandlerOptions = {}) {
    this.#timeoutMs = checkedTimeout(options.timeoutMs);
  }

  /** How long a decision may take, in milliseconds, before the request is declined. `Infinity` for no limit. */
  get timeoutMs(): number {
    return #timeoutMs in this ? this.#timeoutMs : Infinity;
  }

  /** The decision about a request. Rejects when the handler failed; the request is declined then. */
  async handle(request: ApprovalRequest): Promise<ApprovalDecision> {
    const { timeoutMs } = this;
    if (timeoutMs === Infinity) return this.judge(request);
    const timer = timers.setTimeout(() => {
      request.withdraw(lateError(timeoutMs));
    }, timeoutMs);
    // The turn keeps the process alive as long as an answer is of use.
    timer.unref();
    try {
      return await this.judge(request);
    } finally {
      timers.clearTimeout(timer);
    }
  }

  /** The decision about any request; hands it to the method for its kind. Override it to treat all kinds alike. */
  protected async judge(request: ApprovalRequest): Promise<ApprovalDecision> {
    switch (request.kind) {
      case 'command':
        return this.command(request);
      case 'fileChange':
        return this.fileChange(request);
      case 'permissions':
        return this.permissions(request);
      case 'mcpToolCall':
        return this.mcpToolCall(request);
      case 'elicitation':
        return this.elicitation(request);
      case 'userInput':
        return this.userInput(request);
      default:
        return request satisfies never;
    }
  }

  /** Whether the agent may run a command. Declines unless overridden. */
  protected command(request: CommandRequest): Deciding {
    return request.deny();
  }

  /** Whether the agent may change files. Declines unless overridden. */
  protected fileChange(request: FileChangeRequest): Deciding {
    return request.deny();
  }

  /** Whether the agent gets more permissions. Declines unless overridden. */
  protected permissions(request: PermissionsRequest): Deciding {
    return request.deny();
  }

  /** Whether the agent may call a tool of an MCP server. Declines unless overridden. */
  protected mcpToolCall(request: McpToolRequest): Deciding {
    return request.deny();
  }

  /** What an MCP server that asks the user something is told. Declines unless overridden. */
  protected elicitation(request: ElicitationRequest): Deciding {
    return request.deny();
  }

  /** What the model that has questions to the user is told. Gives no answers unless overridden. */
  protected userInput(request: UserInputRequest): Deciding {
    return request.deny();
  }
}

/** How an {@link ApprovalHandler} goes about it. */
export interface ApprovalHandlerOptions {
  /** How long a decision may take, in milliseconds. Defaults to no limit: the request waits as long as its turn. */
  readonly timeoutMs?: number;
}

/** The reason a request is withdrawn with when its time is up. @internal */
export function lateError(timeoutMs?: number): CodexError {
  const limit = timeoutMs === undefined ? '' : ` within ${timeoutMs} ms (timeoutMs)`;
  return new CodexError(`Nobody decided the request${limit}: it was declined.`, {
    code: 'approval-late',
  });
}

function checkedTimeout(timeoutMs: unknown): number {
  if (timeoutMs === undefined || timeoutMs === Infinity) return Infinity;
  if (typeof timeoutMs === 'number' && timeoutMs > 0 && timeoutMs <= longestTimerMs)
    return timeoutMs;
  throw new ValidationError('approval handler', [
    {
      path: 'timeoutMs',
      reason: `must be more than 0 and at most ${longestTimerMs} milliseconds, got ${shown(timeoutMs)}`,
    },
  ]);
}
