import { expect } from 'chai';
import fc from 'fast-check';
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { CodexOptionsRecord } from '../lib/index.js';
import { Gate, ScriptedReply } from '../lib/testing/index.js';
import { fixture } from './transport/real-launch.js';
import { OfflineCodex } from './offline-codex.js';
import { noProcessLeft, processesLeft } from './root-hooks.js';
import { scaled } from './scale.js';

const [hosts, livesEach] = [scaled(18, 6), scaled(10, 3)];
const seed = Number(process.env.CODEX_THREADS_SEED ?? 20_261_122);

/** How one client runs, and how it ends before its host exits. */
interface Life {
  readonly stage: 'described' | 'starting' | 'warm' | 'ran' | 'streaming' | 'commanding';
  readonly end: 'leave' | 'close' | 'closeTwice' | 'abort';
  readonly options?: CodexOptionsRecord;
}

/** The plan of one host program: its concurrent clients, then its own exit. */
interface Plan {
  readonly lives: readonly Life[];
  readonly end: 'return' | 'throw' | 'reject' | 'exit' | 'kill' | 'terminate';
}

const endings: Record<
  Plan['end'],
  { readonly code: number | null; readonly signal: string | null }
> = {
  return: { code: 0, signal: null },
  throw: { code: 1, signal: null },
  reject: { code: 1, signal: null },
  exit: { code: 3, signal: null },
  kill: { code: null, signal: 'SIGKILL' },
  terminate: { code: null, signal: 'SIGTERM' },
};

function plans(stages: readonly Life['stage'][]): Plan[] {
  const life = fc.record<Life>({
    stage: fc.constantFrom(...stages),
    end: fc.constantFrom('leave', 'close', 'closeTwice', 'abort'),
  });
  const lives = fc.array(life, { minLength: livesEach, maxLength: livesEach });
  const ends = Object.keys(endings) as Plan['end'][];
  return fc
    .sample(lives, { seed, numRuns: hosts })
    .map((sample, index) => withEndOfTurns({ lives: sample, end: ends[index % ends.length]! }));
}

/** A host that returns stays alive while its turn is running. */
function withEndOfTurns({ lives, end }: Plan): Plan {
  if (end !== 'return') return { lives, end };
  return {
    lives: lives.map((life) => (life.end === 'leave' ? { ...life, end: 'abort' } : life)),
    end,
  };
}

/** Runs a host until it exits, and checks that it does so as planned. */
async function host(plan: Plan, options: CodexOptionsRecord): Promise<void> {
  const program = resolve('fixtures/programs/lifecycles.mjs');
  const env = { ...process.env, HOME: options.env?.HOME };
  await new Promise<void>((done, fail) => {
    const child = execFile(
      process.execPath,
      [program, JSON.stringify({ ...plan, options })],
      { env },
      (_error, _stdout, stderr) => {
        const { exitCode: code, signalCode: signal } = child;
        try {
          expect({ code, signal }, stderr).to.deep.equal(endings[plan.end]);
          done();
        } catch (error) {
          fail(error instanceof Error ? error : new Error(String(error)));
        }
      },
    );
  });
}

/** The usual number of processors. */
async function twoAtATime(tasks: readonly (() => Promise<void>)[]): Promise<void> {
  const waiting = [...tasks];
  const work = async (): Promise<void> => {
    for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) await task();
  };
  await Promise.all([work(), work()]);
}

function leftBehind(userHome: string): string[] {
  return readdirSync(userHome).filter((name) => /^\.?codex-threads-/.test(name));
}

describe('Lifecycles', function () {
  this.timeout(scaled(300_000, 120_000));
  let offline: OfflineCodex;

  beforeEach(async () => {
    offline = await OfflineCodex.start();
    offline.model
      .replyWhen(
        ({ userTexts }) => userTexts.includes('stream'),
        ScriptedReply.deltas('half ').gate(new Gate()).deltas('whole'),
      )
      .replyWhen(
        ({ userTexts }) => userTexts.includes('command'),
        ScriptedReply.shellCommand('sleep 600', { yieldTimeMs: 60_000 }),
      )
      .otherwise(ScriptedReply.message('Done'));
  });

  afterEach(async () => offline[Symbol.asyncDispose]());

  it(`of ${hosts * livesEach} clients, chosen at random, leave no process and no home (seed ${seed})`, async () => {
    const stages = [
      'described',
      'described',
      'starting',
      'warm',
      'ran',
      'streaming',
      'commanding',
    ] as const;

    await twoAtATime(plans(stages).map((plan) => async () => host(plan, offline.options)));

    // A host killed during its start leaves its lock behind; the next start removes it.
    const last = offline.client();
    await last.warmUp();
    await last.close();
    await noProcessLeft();
    expect(leftBehind(offline.home.path)).to.deep.equal([]);
  });

  it('of killed hosts end at the next start if codex-rs survives them', async () => {
    const records = join(offline.home.path, '.codex-threads', 'processes');
    const life: Life = { stage: 'ran', end: 'leave' };
    const stubborn = {
      ...offline.options,
      codexPath: fixture('odd-codex'),
      env: { ...offline.environment, ODD_CODEX: 'ignoresEndOfInput' },
    };

    await host({ lives: [life, life], end: 'kill' }, stubborn);
    const [left, recorded] = [
      processesLeft().filter((process) => process.includes('odd-codex')),
      readdirSync(records),
    ];
    await host({ lives: [{ ...life, end: 'close' }], end: 'return' }, offline.options);

    expect(left).to.have.length(2);
    expect(recorded).to.have.length(2);
    await noProcessLeft();
    expect(readdirSync(records)).to.deep.equal([]);
  });
});
