import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ApprovalDispatcher } from '../../lib/approvals/approval-dispatcher.js';
import type { ApprovalHandler, Deciding } from '../../lib/approvals/approval-handler.js';
import type { ApprovalReport } from '../../lib/approvals/approval-report.js';
import type { ApprovalKind, ApprovalRequest } from '../../lib/approvals/approval-request.js';
import { AskApprovals } from '../../lib/approvals/ask-approvals.js';
import { RealSession } from './real-session.js';

/** A request of one kind. */
export type Of<K extends ApprovalKind> = Extract<ApprovalRequest, { kind: K }>;

/** A real codex with an approval handler, and an MCP server in its configuration. */
export class ApprovingCodex {
  readonly real: RealSession;
  /** The reports about requests since the handler was set. */
  reports: readonly ApprovalReport[] = [];
  #handler: ApprovalHandler | null = null;
  #names = 0;

  private constructor(real: RealSession, desk: ApprovalDispatcher) {
    this.real = real;
    real.session.onNotification((notification) => {
      desk.observe(notification);
    });
    real.session.answerWith(async (request, { signal }) =>
      desk.answer(request, { handler: this.#handler, signal, labels: {} }),
    );
  }

  static async open(): Promise<ApprovingCodex> {
    const real = await RealSession.open([
      'features.default_mode_request_user_input=true',
      'features.request_permissions_tool=true',
    ]);
    const server = path.resolve('.build/spec/approvals/mcp-server.js');
    writeFileSync(
      path.join(real.home, 'config.toml'),
      `[mcp_servers.bank]\ncommand=${JSON.stringify(process.execPath)}\nargs=[${JSON.stringify(server)}]\n`,
    );
    const codex = new ApprovingCodex(
      real,
      new ApprovalDispatcher({
        resolved: (report) => {
          codex.reports = [...codex.reports, report];
        },
      }),
    );
    return codex;
  }

  /** Sets the handler of future requests, and discards earlier reports. */
  use(handler: ApprovalHandler | null): void {
    this.#handler = handler;
    this.reports = [];
  }

  /** Sets a handler that decides one kind and denies the others; returns its requests. */
  useOnly<K extends ApprovalKind>(kind: K, decide: (request: Of<K>) => Deciding): readonly Of<K>[] {
    const asked: Of<K>[] = [];
    this.use(
      new AskApprovals(async (request) => {
        if (request.kind !== kind) return request.deny('of another kind');
        asked.push(request as Of<K>);
        return decide(request as Of<K>);
      }),
    );
    return asked;
  }

  /** An unused file name. */
  newName(): string {
    this.#names += 1;
    return `file-${this.#names}`;
  }

  /** Whether the working directory contains a file. */
  has(name: string): boolean {
    return existsSync(path.join(this.real.directory, name));
  }

  /** A file in the home. */
  read(name: string): string {
    return readFileSync(path.join(this.real.home, name), 'utf8');
  }
}
