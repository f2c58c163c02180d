// A program: a worker that runs one turn of a stored thread, and that the spec may kill meanwhile.
// usage: node fleet-worker.js '{"options":{…},"directory":"…","key":"…","input":"…","turn":{…},"isHeld":true}'
// Prints the process id of its codex-rs, then `unrecorded` once the turn has ended without being saved, if it is held
// there;
// otherwise the outcome, or the code of the error.
import { DirectoryThreadStore, runTurn, type RunTurnOptions } from '../../lib/fleet/index.js';
import { Codex, CodexError, type CodexOptionsRecord } from '../../lib/index.js';

interface Order {
  readonly options: CodexOptionsRecord;
  readonly directory: string;
  readonly key: string;
  readonly input: string;
  readonly turn: RunTurnOptions;
  /** Whether it stops before it records the turn. */
  readonly isHeld: boolean;
}

const order = JSON.parse(process.argv[2] ?? '') as Order;

class HeldStore extends DirectoryThreadStore {
  protected override async write(
    ...args: Parameters<DirectoryThreadStore['write']>
  ): Promise<string | null> {
    const { turns } = JSON.parse(args[1].record) as { turns: unknown[] };
    if (!order.isHeld || turns.length === 0) return super.write(...args);
    console.log('unrecorded');
    setInterval(() => undefined, 1000);
    return new Promise(() => undefined);
  }
}

async function main(): Promise<void> {
  const codex = new Codex(order.options);
  console.log(String((await codex.serverInfo()).processId));
  const { directory, key, input, turn } = order;
  try {
    const { outcome } = await runTurn(new HeldStore({ directory }), codex, key, input, turn);
    console.log(outcome);
  } catch (error) {
    console.log(CodexError.is(error) ? error.code : String(error));
  }
  await codex.close();
}

void main();
