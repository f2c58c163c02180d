import { Deferred } from '../deferred.js';
import { messageOf } from '../shapes.js';
import type { ThreadBackgroundTerminal } from '../protocol/index.js';
import { reportProblem } from '../telemetry/report-problem.js';
import type { AppServerSession } from '../wire/app-server-session.js';
import { paged } from '../wire/paged.js';

/** How long a killed command may take to exit, in milliseconds. It takes some 3 ms. */
const killMs = 1000;

/** The commands to end, their connection, and the time limit for each step. */
export interface CommandsToEnd {
  readonly session: AppServerSession;
  readonly threadId: string;
  /** The items of the commands. */
  readonly commandIds: ReadonlySet<string>;
  readonly limits: { readonly timeoutMs: number };
}

/** Ends the thread's commands that still run and returns their number. A failure is reported, never thrown. */
export async function endCommands(commands: CommandsToEnd): Promise<number> {
  const { session, threadId, commandIds } = commands;
  if (commandIds.size === 0) return 0;
  const exits = new Map([...commandIds].map((id) => [id, new Deferred()]));
  const forget = session.onThread(threadId, ({ method, params }) => {
    if (method === 'item/completed') exits.get(params.item.id)?.resolve();
  });
  const terminals = await runningTerminals(commands);
  const ended = await Promise.all(
    terminals.map(async ({ itemId, processId }) =>
      endCommand(commands, processId, exits.get(itemId)),
    ),
  );
  forget();
  return ended.filter((isEnded) => isEnded).length;
}

async function runningTerminals(commands: CommandsToEnd): Promise<ThreadBackgroundTerminal[]> {
  const { session, threadId, commandIds, limits } = commands;
  const terminals: ThreadBackgroundTerminal[] = [];
  const pages = paged(session, async (cursor) =>
    session.request('thread/backgroundTerminals/list', { threadId, cursor }, limits),
  );
  try {
    for await (const terminal of pages)
      if (commandIds.has(terminal.itemId)) terminals.push(terminal);
  } catch (error) {
    report(commands, error);
  }
  return terminals;
}

/** Ends one command. Resolves with whether it still ran. */
async function endCommand(
  commands: CommandsToEnd,
  processId: string,
  exit: Deferred | undefined,
): Promise<boolean> {
  const { session, threadId, limits } = commands;
  try {
    const params = { threadId, processId };
    const { terminated } = await session.request(
      'thread/backgroundTerminals/terminate',
      params,
      limits,
    );
    // The reply confirms that the signal was sent. The process has exited when its item is completed.
    if (terminated) await exit?.within(killMs);
    return terminated;
  } catch (error) {
    report(commands, error);
    return false;
  }
}

function report({ session, threadId }: CommandsToEnd, error: unknown): void {
  // An exited process has already ended its commands.
  if (session.closeReason !== null) return;
  reportProblem(
    threadId,
    'stop',
    `A command of the stopped turn may still be running: ${messageOf(error)}`,
  );
}
