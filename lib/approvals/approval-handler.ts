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

/** A decision, or a promise of one. @inline */
export type Deciding = ApprovalDecision | Promise<ApprovalDecision>;

/**
 * Decides approval requests of codex-rs. Extend it and override the methods of the kinds to decide. All other kinds are
 * declined.
 *
 * A request is declined if its method throws, returns no decision about this request, or takes longer than
 * {@link ApprovalHandler.timeoutMs}.
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

  /** @throws {@link ValidationError} if `timeoutMs` is not a positive number of milliseconds within the range of a timer */
  constructor(options: ApprovalHandlerOptions = {}) {
    this.#timeoutMs = checkedTimeout(options.timeoutMs);
  }

  /** The time limit for a decision, in milliseconds, after which the request is declined. `Infinity` means no limit. */
  get timeoutMs(): number {
    return #timeoutMs in this ? this.#timeoutMs : Infinity;
  }

  /** Decides a request. Rejects if the handler fails; the request is then declined. */
  async handle(request: ApprovalRequest): Promise<ApprovalDecision> {
    const { timeoutMs } = this;
    if (timeoutMs === Infinity) return this.judge(request);
    const timer = timers.setTimeout(() => {
      request.withdraw(lateError(timeoutMs));
    }, timeoutMs);
    // The turn keeps the process alive while it needs the answer.
    timer.unref();
    try {
      return await this.judge(request);
    } finally {
      timers.clearTimeout(timer);
    }
  }

  /** Decides any request by calling the method for its kind. Override it to treat all kinds alike. */
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

  /** Decides whether the agent may run a command. Declines unless overridden. */
  protected command(request: CommandRequest): Deciding {
    return request.deny();
  }

  /** Decides whether the agent may change files. Declines unless overridden. */
  protected fileChange(request: FileChangeRequest): Deciding {
    return request.deny();
  }

  /** Decides whether the agent gets more permissions. Declines unless overridden. */
  protected permissions(request: PermissionsRequest): Deciding {
    return request.deny();
  }

  /** Decides whether the agent may call a tool of an MCP server. Declines unless overridden. */
  protected mcpToolCall(request: McpToolRequest): Deciding {
    return request.deny();
  }

  /** Answers an MCP server that requests input from the user. Declines unless overridden. */
  protected elicitation(request: ElicitationRequest): Deciding {
    return request.deny();
  }

  /** Answers questions of the model to the user. Gives no answers unless overridden. */
  protected userInput(request: UserInputRequest): Deciding {
    return request.deny();
  }
}

/** Options of an {@link ApprovalHandler}. */
export interface ApprovalHandlerOptions {
  /** The time limit for a decision, in milliseconds. Defaults to no limit: the request waits until its turn ends. */
  readonly timeoutMs?: number;
}

/** The abort reason of a request whose time limit has passed. @internal */
export function lateError(timeoutMs?: number): CodexError {
  const limit = timeoutMs === undefined ? '' : ` within ${timeoutMs} ms (timeoutMs)`;
  return new CodexError(`The request was declined because no decision was made${limit}.`, {
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
      reason: `must be a number of milliseconds greater than 0 and at most ${longestTimerMs}, got ${shown(timeoutMs)}`,
    },
  ]);
}
