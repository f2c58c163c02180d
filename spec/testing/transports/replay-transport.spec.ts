import { expect } from 'chai';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { testedCodexVersion } from '../../../lib/version.js';
import {
  AllowApprovals,
  Codex,
  RequestError,
  Tool,
  TurnLostError,
  TurnInterruptedError,
  ValidationError,
  version,
} from '../../../lib/index.js';
import {
  Gate,
  RecordingTransport,
  ReplayTransport,
  ReplayMismatchError,
  ScriptedReply,
  Transcript,
} from '../../../lib/testing/index.js';
import { collected, failure } from '../../outcomes.js';
import { noProcessLeft, processesLeft } from '../../root-hooks.js';
import { recorded, replayed, type Scene } from './recorded-scenes.js';

class Clock {
  @Tool({ description: 'Tells the time.' })
  now(): string {
    return 'Noon.';
  }
}

const ask: Scene<string | null> = async (codex, { directory }) => {
  const thread = codex.startThread({ workingDirectory: directory, labels: { team: 'payments' } });
  return (await thread.run('Why is the build red?')).finalResponse;
};

const answer = ScriptedReply.message('A test fails.');

describe('ReplayTransport', function () {
  this.timeout(20_000);
  let transcript: Transcript;

  before(async () => {
    ({ transcript } = await recorded([answer], ask));
  });

  afterEach(async () => {
    await noProcessLeft();
  });

  it('replays a run without a binary and a key', async () => {
    const { replay, outcome } = await replayed(transcript, ask);

    replay.assertFinished();
    expect(outcome).to.equal('A test fails.');
  });

  it('starts no process', async () => {
    const scene: Scene<string[]> = async (codex, stage) => {
      await ask(codex, stage);
      return processesLeft();
    };

    expect((await replayed(transcript, scene)).outcome).to.deep.equal([]);
  });

  it('replays from a file, and survives conversion to JSON', async () => {
    const directory = await mkdtemp(join(homedir(), '.codex-threads-spec-'));
    const file = join(directory, 'folder', 'red-build.json');
    await transcript.save(file);

    const replay = await ReplayTransport.load(file);
    await using codex = new Codex({ transport: replay });
    await codex
      .startThread({ workingDirectory: '/', labels: { team: 'payments' } })
      .run('Why is the build red?');

    replay.assertFinished();
    const text = await readFile(file, 'utf8');
    expect(JSON.parse(text)).to.deep.equal(transcript.toJSON());
    expect(text.split('\n').length).to.be.above(transcript.processes[0]!.messages.length);
    await rm(directory, { recursive: true });
  });

  it('uses the directory of the client in place of the recorded one', async () => {
    const scene: Scene<string | undefined> = async (codex, { directory }) => {
      const thread = codex.startThread({
        workingDirectory: directory,
        labels: { team: 'payments' },
      });
      await thread.run('Why is the build red?');
      return thread.metadata?.workingDirectory;
    };

    expect((await replayed(transcript, scene)).outcome).to.equal('/elsewhere');
  });

  describe('with a client that deviates', () => {
    const other: Scene<unknown> = async (codex, { directory }) => {
      const thread = codex.startThread({
        workingDirectory: directory,
        labels: { team: 'payments' },
      });
      return failure(thread.run('Why is the build slow?'));
    };

    it('rejects the deviating request, and shows the difference', async () => {
      const { outcome, replay } = await replayed(transcript, other);

      expect(outcome).to.be.instanceOf(RequestError).and.include({ method: 'turn/start' });
      expect((outcome as Error).message).to.include(
        [
          '  turn/start params.input[0].text (process 1)',
          '    expected "Why is the build red?"',
          '    got      "Why is the build slow?"',
        ].join('\n'),
      );
      expect(() => {
        replay.assertFinished();
      }).to.throw(ReplayMismatchError, 'Why is the build slow?');
    });

    it('ends all other calls with the mismatch, including later ones', async () => {
      const scene: Scene<unknown[]> = async (codex, stage) => {
        await other(codex, stage);
        return [await failure(ask(codex, stage)), await failure(codex.models())];
      };

      const { outcome } = await replayed(transcript, scene);

      for (const error of outcome)
        expect(error)
          .to.be.instanceOf(ReplayMismatchError)
          .and.include({ code: 'replay-mismatch' });
    });

    it('names a request that was not recorded', async () => {
      const scene: Scene<unknown> = async (codex) => failure(codex.models());

      const { outcome } = await replayed(transcript, scene);

      expect((outcome as Error).message).to.include(
        'model/list (process 1) was sent but not recorded here: {',
      );
    });

    it('names an option that is missing or was added', async () => {
      const scene: Scene<unknown> = async (codex, { directory }) =>
        failure(codex.startThread({ workingDirectory: directory, model: 'm' }).run('Hello'));

      const { replay } = await replayed(transcript, scene);

      const error = (await failure(
        (async () => {
          replay.assertFinished();
          return Promise.resolve();
        })(),
      )) as ReplayMismatchError;
      expect(error.differences).to.deep.equal([
        {
          kind: 'changed',
          process: 1,
          method: 'thread/start',
          path: 'params.model',
          expected: undefined,
          got: 'm',
        },
      ]);
    });

    it('names requests that were recorded but not sent', async () => {
      const { replay } = await replayed(transcript, async (codex) => codex.warmUp());

      expect(() => {
        replay.assertFinished();
      }).to.throw(
        ReplayMismatchError,
        /thread\/start \(process 1\) was recorded but not sent: .*\n {2}turn\/start .*/,
      );
    });

    it('refuses more starts than recorded', async () => {
      const scene: Scene<unknown> = async (codex, stage) => {
        await ask(codex, stage);
        return failure(stage.client().warmUp());
      };

      const { outcome } = await replayed(transcript, scene);

      expect(outcome).to.be.instanceOf(ReplayMismatchError);
      expect((outcome as Error).message).to.include('the start of codex-rs (process 2)');
    });

    it('does not hang if a call is missing that was recorded before the reply to another one', async () => {
      const both: Scene<unknown> = async (codex) =>
        Promise.all([codex.models(), codex.request('config/read', { includeLayers: false })]);
      const { transcript: two } = await recorded([], both);
      const one: Scene<unknown> = async (codex) => failure(codex.models());
      const order = two.processes[0]!.messages.flatMap(({ client, server }) =>
        client?.method === undefined ? (server?.id ?? []) : client.method,
      );
      expect(order.slice(-4, -2)).to.deep.equal(['model/list', 'config/read']);

      const { outcome } = await replayed(two, one, { stallMs: 50 });

      expect(outcome).to.be.instanceOf(ReplayMismatchError);
      expect((outcome as Error).message).to.include('config/read (process 1) was recorded but not');
    });
  });

  describe('of more than one turn', () => {
    async function bothWays<T>(
      replies: readonly ScriptedReply[],
      scene: Scene<T>,
    ): Promise<readonly [T, T]> {
      const { transcript: taken, outcome: real } = await recorded(replies, scene);
      const { replay, outcome } = await replayed(taken, scene);
      replay.assertFinished();
      return [real, outcome];
    }

    it('lets a client interrupt a turn', async () => {
      const gate = new Gate();
      const scene: Scene<unknown> = async (codex) => {
        const turn = codex.startThread().runStreamed('Go');
        for await (const event of turn) if (event.type === 'text.delta') await turn.interrupt();
        return [turn.status, (await failure(turn.result())) instanceof TurnInterruptedError];
      };

      const outcomes = await bothWays([ScriptedReply.deltas('I begin').gate(gate)], scene);

      expect(outcomes[1]).to.deep.equal(outcomes[0]).and.to.deep.equal(['interrupted', true]);
    });

    it('replays concurrent turns', async () => {
      const scene: Scene<unknown> = async (codex) =>
        Promise.all(
          ['one', 'two', 'three'].map(
            async (text) =>
              (await codex.startThread({ developerInstructions: text }).run(text)).finalResponse,
          ),
        );

      const [real, outcome] = await bothWays([answer, answer, answer], scene);

      expect(outcome).to.deep.equal(real);
    });

    it('replays several processes, and a thread that is resumed in the second', async () => {
      const scene: Scene<unknown> = async (codex, stage) => {
        const { threadId, continuation } = await codex.startThread().run('One');
        await codex.close();
        const later = stage.client();
        const thread = await later.resumeThread(threadId, { continuation });
        const { finalResponse } = await thread.run('Two');
        await later.close();
        return finalResponse;
      };

      const [real, outcome] = await bothWays([answer, ScriptedReply.message('Two.')], scene);

      expect([real, outcome]).to.deep.equal(['Two.', 'Two.']);
    });

    it('asks for approval and calls tools again', async () => {
      const scene: Scene<unknown> = async (codex) => {
        const thread = codex.startThread({
          tools: [new Clock()],
          approvalPolicy: 'untrusted',
          approvals: new AllowApprovals(),
        });
        const events = await collected(thread.runStreamed('Look'));
        return events.map(({ type }) => type).filter((type) => type.startsWith('approval'));
      };
      const replies = [
        ScriptedReply.functionCall('now', {}),
        ScriptedReply.shellCommand('mktemp -u'),
        answer,
      ];

      const [real, outcome] = await bothWays(replies, scene);

      expect(outcome).to.deep.equal(real);
      expect(real).to.deep.equal(['approval.requested', 'approval.resolved']);
    });

    it('shows an answer to a request of codex-rs that differs from the recording', async () => {
      const scene =
        (approvals: boolean): Scene<unknown> =>
        async (codex) => {
          const thread = codex.startThread({
            approvalPolicy: 'untrusted',
            ...(approvals ? { approvals: new AllowApprovals() } : {}),
          });
          return thread.run('Look').then(
            () => null,
            (error: unknown) => error,
          );
        };
      const replies = [ScriptedReply.shellCommand('mktemp -u'), answer];
      const { transcript: taken } = await recorded(replies, scene(true));

      const { replay, outcome } = await replayed(taken, scene(false));

      expect(outcome).to.be.instanceOf(TurnLostError);
      expect(() => {
        replay.assertFinished();
      }).to.throw(
        ReplayMismatchError,
        /item\/commandExecution\/requestApproval result\.decision .*\n {4}expected "accept"\n {4}got {6}"decline"/,
      );
    });

    it('makes codex-rs exit where it did', async () => {
      const scene: Scene<unknown> = async (codex) => {
        const thread = codex.startThread();
        const turn = thread.runStreamed('Go');
        const died = failure(
          (async () => {
            for await (const event of turn)
              if (event.type === 'text.delta') {
                const { processId } = await codex.serverInfo();
                if (processId !== null) process.kill(processId, 'SIGKILL');
              }
          })(),
        );
        const error = (await died) as Error & { signal?: string };
        return [error.name, error.signal, (await thread.run('Again')).finalResponse];
      };
      const replies = [ScriptedReply.deltas('I begin').gate(new Gate()), answer];

      const [real, outcome] = await bothWays(replies, scene);

      expect(outcome).to.deep.equal(real);
      expect(real).to.deep.equal(['TurnLostError', 'SIGKILL', 'A test fails.']);
    });
  });
});

describe('Transcript', function () {
  this.timeout(20_000);

  it('contains no secrets: no key, no secret variable, no listed text, and none split across deltas', async () => {
    const canaries = [
      'host-canary-4711',
      'named-canary-4711',
      'spec-key-1234567890',
      'torn-canary-4711',
    ];
    process.env.SPEC_DB_PASSWORD = 'host-canary-4711';
    process.env.SPEC_TORN_TOKEN = 'torn-canary-4711';
    const scene: Scene<void> = async (codex) => {
      await codex.startThread().run('Say named-canary-4711 {"a":"host-canary-4711"}');
    };
    const replies = [
      ScriptedReply.shellCommand('echo $SPEC_DB_PASSWORD; echo $SPEC_DB_PASSWORD | base64'),
      ScriptedReply.deltas('It is torn-ca', 'nary-47', '11, or sk-liv', 'e-1234567890.'),
    ];

    const { transcript } = await recorded(replies, scene, { secrets: ['named-canary-4711'] });
    delete process.env.SPEC_DB_PASSWORD;
    delete process.env.SPEC_TORN_TOKEN;

    const text = JSON.stringify(transcript);
    const pieces = transcript.processes[0]!.messages.flatMap(({ server }) => {
      const { delta = '' } = (server?.params ?? {}) as { delta?: string };
      return delta;
    });
    const forms = canaries.flatMap((one) => [
      one,
      Buffer.from(one).toString('base64').slice(0, 16),
    ]);
    for (const canary of [...forms, 'sk-live-1234567890']) {
      expect(text).not.to.include(canary);
      expect(pieces.join('')).not.to.include(canary);
    }
    expect(text).to.include('[redacted]');
    const { replay } = await replayed(transcript, scene);
    replay.assertFinished();
  });

  it('is the same for two recordings of one run, except for concurrent messages of codex-rs', async () => {
    const [one, other] = [await recorded([answer], ask), await recorded([answer], ask)].map(
      ({ transcript }) => transcript.processes[0]!.messages.map((line) => JSON.stringify(line)),
    );
    const withoutIds = (lines: readonly string[]): string[] =>
      lines.map((line) => line.replace(/0{8}-0{4}-[47]000-8000-\d{12}/g, 'id')).sort();

    expect(withoutIds(one!)).to.deep.equal(withoutIds(other!));
    expect(one!.join()).not.to.include(homedir());
  });

  it('names the versions that recorded it', async () => {
    const { transcript } = await recorded([], async (codex) => codex.models());

    expect(transcript.toJSON()).to.deep.include({
      version: 1,
      recordedWith: { codexThreads: version, codexRs: testedCodexVersion },
    });
  });

  it('refuses another version', () => {
    expect(() => Transcript.fromJSON({ version: 2 })).to.throw(
      ValidationError,
      'version: must be 1, the only version this package supports, got 2: record it again',
    );
  });

  it('refuses an invalid transcript, with all problems', () => {
    const json = {
      version: 1,
      recordedWith: null,
      directories: [1],
      processes: [{ messages: [{ client: {}, server: {} }, { client: 1 }], end: 7 }],
    };

    const problems = [json, []].map((value) => {
      try {
        Transcript.fromJSON(value);
        return [];
      } catch (error) {
        return (error as ValidationError).problems.map(({ path }) => path);
      }
    });

    expect(problems).to.deep.equal([
      [
        'recordedWith',
        'directories',
        'processes[0].messages[0]',
        'processes[0].messages[1]',
        'processes[0].end',
      ],
      [''],
    ]);
  });

  it('is frozen', async () => {
    const { transcript } = await recorded([], async (codex) => codex.models());

    expect(transcript).to.be.frozen;
    expect(transcript.processes[0]!.messages[0]).to.be.frozen;
  });

  it('is empty without use', () => {
    expect(new RecordingTransport().transcript.processes).to.deep.equal([]);
  });
});
