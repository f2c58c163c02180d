import { expect } from 'chai';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { FaultyAppServer } from '../../lib/testing/faulty-app-server.js';
import { FaultyTurn } from '../../lib/testing/faulty-turn.js';
import { ScriptedModel, ScriptedReply, TemporaryCodexHome } from '../../lib/testing/index.js';
import { InMemoryClient, ProcessClient, type Message, type RawClient } from './raw-client.js';

const usage = { inputTokens: 101, outputTokens: 5 };

const uuid = /[0-9a-f]{8}-[0-9a-f-]{27}/g;

/** What the real binary's model says in the scene. */
function rehearse(model: ScriptedModel): void {
  model.reply(
    ScriptedReply.reasoning('thinking').deltas('Hello ', 'world').usage(usage),
    ScriptedReply.shellCommand('echo out').usage(usage),
    ScriptedReply.message('It ran.').usage(usage),
    ScriptedReply.shellCommand('echo no').usage(usage),
    ScriptedReply.message('It did not.').usage(usage),
    ScriptedReply.shellCommand('echo cancel').usage(usage),
    ScriptedReply.status(400),
  );
}

/** The same, as the faulty app-server plays it. */
function script(): FaultyAppServer {
  const asked = { approval: true } as const;
  return new FaultyAppServer()
    .plays(new FaultyTurn().reasoning(['thinking']).message('Hello world'))
    .plays(
      new FaultyTurn()
        .command('echo out', { ...asked, output: ['out\n'], withoutDeltas: true })
        .usage()
        .message('It ran.')
        .usage(),
    )
    .plays(new FaultyTurn().command('echo no', asked).usage().message('It did not.').usage())
    .plays(new FaultyTurn().command('echo cancel', asked))
    .plays(new FaultyTurn().fail({ message: 'bad request' }));
}

async function decide(client: RawClient, threadId: string, decision: string): Promise<void> {
  await client.startTurn(threadId, 'run it');
  const { id } = await client.next('item/commandExecution/requestApproval');
  client.send({ id, result: { decision } });
  await client.next('turn/completed');
}

/** One scene, played with either server; gives the replies by what was asked. */
async function play(
  client: RawClient,
  cwd: string,
  modelProvider?: string,
): Promise<Map<string, Message>> {
  const replies = new Map<string, Message>();
  const ask = async (label: string, params: object = {}): Promise<Message> => {
    const reply = await client.call(label.split(' ')[0] as 'thread/list', params);
    replies.set(label, reply);
    return reply;
  };
  replies.set('initialize', await client.handshake());
  await ask('account/read');
  const started = await client.call('thread/start', {
    cwd,
    approvalPolicy: 'untrusted',
    ...(modelProvider ? { modelProvider } : {}),
  });
  replies.set('thread/start', started);
  const threadId = started.result.thread.id;
  const label = { threadId, attachmentType: 'label', identityKey: 'k', payload: { a: 1 } };
  await ask('thread/turns/list early', { threadId });
  await ask('thread/attachment/add early', label);
  await ask('thread/read', { threadId });
  const first = client.messages.length;
  replies.set(
    'turn/start',
    await client.startTurn(threadId, 'hi', { clientUserMessageId: 'mine' }),
  );
  await client.next('turn/completed');
  replies.set('first turn', {
    result: client.messages.slice(first).flatMap(({ method }) => method ?? []),
  });
  await decide(client, threadId, 'accept');
  await decide(client, threadId, 'decline');
  await decide(client, threadId, 'cancel');
  await client.playTurn(threadId, 'fail');
  await ask('thread/turns/list', { threadId, limit: 1, itemsView: 'full' });
  await ask('thread/turns/list all', { threadId });
  await ask('thread/read turns', { threadId, includeTurns: true });
  await ask('thread/attachment/add', label);
  await ask('thread/attachment/add again', label);
  await ask('thread/attachment/list', { threadId });
  await ask('thread/attachmentOwner/list', label);
  await ask('thread/attachment/remove', label);
  await ask('thread/name/set', { threadId, name: 'Mine' });
  await ask('thread/name/set empty', { threadId, name: ' ' });
  await ask('thread/settings/update', { threadId, summary: 'concise' });
  await client.next('thread/settings/updated');
  await ask('turn/interrupt', { threadId, turnId: 'x' });
  await ask('turn/steer', { threadId, expectedTurnId: 'x', input: [] });
  await ask('thread/backgroundTerminals/list', { threadId });
  await ask('thread/list', {});
  await ask('thread/loaded/list', {});
  await ask('thread/resume', { threadId, excludeTurns: true });
  await ask('thread/fork', { threadId, excludeTurns: true });
  await ask('thread/unsubscribe', { threadId });
  await client.next('thread/closed');
  await ask('turn/start unloaded', { threadId, input: [] });
  await ask('thread/archive', { threadId });
  await ask('thread/resume archived', { threadId });
  await ask('thread/unarchive', { threadId });
  await client.next('thread/unarchived');
  return replies;
}

/** Every path in a value with what stands there; lists count as their first entry. */
function shape(value: unknown, path = ''): Record<string, string> {
  if (Array.isArray(value)) return value.length > 0 ? shape(value[0], `${path}[]`) : {};
  if (typeof value !== 'object' || value === null)
    return { [path]: value === null ? 'null' : typeof value };
  return Object.assign(
    { [path]: 'object' },
    ...Object.entries(value).map(([key, part]) =>
      shape(part, `${path}.${key.replace(uuid, 'ID')}`),
    ),
  ) as Record<string, string>;
}

/** Where two values differ in keys or types; a null fits everything. */
function differences(real: unknown, faulty: unknown): string[] {
  const [a, b] = [shape(real), shape(faulty)];
  const underNull = (path: string, of: Record<string, string>): boolean =>
    Object.entries(of).some(([other, type]) => type === 'null' && path.startsWith(`${other}.`));
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .filter((path) => a[path] !== b[path] && a[path] !== 'null' && b[path] !== 'null')
    .filter((path) => !underNull(path, a) && !underNull(path, b))
    .map((path) => `${path}: ${a[path] ?? 'absent'}, not ${b[path] ?? 'absent'}`);
}

function codexBinary(): string {
  const codex = createRequire(resolve('package.json')).resolve('@openai/codex/package.json');
  const platform = `@openai/codex-${process.platform}-${process.arch}/package.json`;
  const vendor = join(dirname(createRequire(codex).resolve(platform)), 'vendor');
  return join(vendor, readdirSync(vendor)[0] ?? '', 'bin', 'codex');
}

describe('a faulty app-server beside the real one', function () {
  this.timeout(30_000);
  let real: ProcessClient;
  let faulty: InMemoryClient;
  let realReplies: Map<string, Message>;
  let faultyReplies: Map<string, Message>;

  before(async () => {
    const model = await ScriptedModel.start();
    const home = await TemporaryCodexHome.create();
    rehearse(model);
    const provider = `{name="mock",base_url="${model.baseUrl}",wire_api="responses",request_max_retries=0,stream_max_retries=0,supports_websockets=false}`;
    const settings = [
      'thread_unload_delay_secs=0',
      'model="gpt-5.5"',
      'model_provider="mock"',
      `model_providers.mock=${provider}`,
    ];
    const args = ['app-server', ...settings.flatMap((setting) => ['-c', setting])];
    real = new ProcessClient(codexBinary(), args, {
      PATH: process.env.PATH,
      HOME: home.path,
      CODEX_HOME: home.path,
    });
    faulty = new InMemoryClient(script());
    try {
      realReplies = await play(real, home.path);
      faultyReplies = await play(faulty, home.path);
    } finally {
      await real.leave();
      await model.close();
      await home.remove();
    }
  });

  it('plays a turn in the same order', () => {
    expect(faultyReplies.get('first turn')).to.deep.equal(realReplies.get('first turn'));
  });

  it('answers every request with the same keys and types', () => {
    const different = [...realReplies].map(([label, { result }]) => [
      label,
      differences(result, faultyReplies.get(label)?.result),
    ]);

    expect(different.filter(([, found]) => found?.length)).to.deep.equal([]);
  });

  it('refuses what the real one refuses, in the same words', () => {
    const words = (replies: Map<string, Message>): unknown[] =>
      [...replies].map(([label, { error }]) => [
        label,
        error?.code,
        error?.message.replaceAll(uuid, 'ID'),
      ]);

    expect(words(faultyReplies)).to.deep.equal(words(realReplies));
  });

  it('says only what the real one says, with the same keys and types', () => {
    const kinds = (client: RawClient): Map<string, unknown> => {
      const found = new Map<string, unknown>();
      for (const { method, params } of client.messages) {
        const item = (params as { item?: { type: string; status?: string } } | undefined)?.item;
        if (method) found.set([method, item?.type, item?.status].filter(Boolean).join(' '), params);
      }
      return found;
    };
    const [truth, said] = [kinds(real), kinds(faulty)];

    const different = [...said].map(([kind, params]) => [
      kind,
      truth.has(kind) ? differences(truth.get(kind), params) : ['never said'],
    ]);

    expect(different.filter(([, found]) => found?.length)).to.deep.equal([]);
  });

  it('leaves out only warnings', () => {
    const left = new Set(real.methods.filter((method) => !faulty.methods.includes(method)));

    expect([...left].sort()).to.deep.equal(['configWarning']);
  });
});
