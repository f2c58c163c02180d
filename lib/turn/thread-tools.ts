import type {
  DynamicToolCallParams,
  DynamicToolCallResponse,
  DynamicToolSpec,
} from '../protocol/index.js';
import { telemetry } from '../telemetry/telemetry.js';
import { Toolbox } from '../tools/toolbox.js';
import type { ToolContext } from '../tools/tool-context.js';
import type { ToolDigests } from '../tools/tool-digests.js';
import type { ThreadAttachments } from '../loaded/thread-attachments.js';

/**
 * The tools of one thread. codex-rs stores their names and input schemas with the thread but does not return them. So their
 * digests are stored with the thread, and compared with the given tools when the thread is loaded again.
 */
export class ThreadTools {
  readonly #sources: readonly object[];
  #toolbox: Toolbox | null = null;

  constructor(sources: readonly object[]) {
    this.#sources = sources;
  }

  /** The tool specs for `thread/start`; empty without tools. */
  specs(): DynamicToolSpec[] {
    return this.#box()?.specs() ?? [];
  }

  /** The digests that distinguish the tools from others of the same names. */
  digests(): ToolDigests {
    return this.#box()?.digests ?? {};
  }

  /** Stores the digests with a thread that has started a turn. */
  async write(attachments: ThreadAttachments): Promise<void> {
    const box = this.#box();
    if (box === null) return;
    await attachments.ifPossible('tools', async () => attachments.keepToolDigests(box.digests));
  }

  /**
   * Compares the given tools with those the thread was started with.
   *
   * @param known - the known digests if codex-rs has none stored
   * @throws `UnsupportedCodexError` if the digests are unknown and codex-rs cannot store them
   * @throws `ToolsChangedError` if the thread does not have one of them, or has it with another input
   */
  async check(attachments: ThreadAttachments, known: ToolDigests = {}): Promise<void> {
    const box = this.#box();
    if (box === null) return;
    const stored = (await attachments.toolDigests()) as ToolDigests | undefined;
    if (attachments.obstacle !== null && Object.keys(known).length === 0)
      throw attachments.obstacle;
    box.requireKnownTo(stored ?? known);
  }

  /** Calls a tool; returns undefined, which declines, if the thread has no tools in this process. */
  async call(
    { tool, callId, namespace, arguments: args }: DynamicToolCallParams,
    context: ToolContext,
  ): Promise<DynamicToolCallResponse | undefined> {
    const box = this.#box();
    const { threadId, turnId } = context;
    const tell = (outcome: string, durationMs: number): void => {
      telemetry.tool.publish(() => ({ tool, callId, threadId, turnId, outcome, durationMs }));
    };
    if (box === null) {
      tell('declined', 0);
      return undefined;
    }
    return box.call({ tool, namespace, arguments: args }, context, (report) => {
      tell(report.outcome, report.durationMs);
    });
  }

  #box(): Toolbox | null {
    if (this.#sources.length === 0) return null;
    this.#toolbox ??= Toolbox.of(this.#sources);
    return this.#toolbox;
  }
}
