import { expect } from 'chai';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ImageInput,
  LocalImageInput,
  MentionInput,
  SkillInput,
  TextInput,
  ValidationError,
  type Codex,
  type Thread,
  type TurnInput,
} from '../../lib/index.js';
import { Gate, ScriptedReply } from '../../lib/testing/index.js';
import { failure } from '../outcomes.js';
import { gif, jpeg, png, webp } from '../images.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';

/** The parts of the last user message, as received by the model. */
type Seen = Readonly<Record<string, string>>;

describe('The input of the user, on the real codex-rs', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;
  let codex: Codex;
  let folder: string;
  let thread: Thread;
  let skill: string;

  function file(name: string, content: string | Buffer): string {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  }

  function skillIn(place: string, name: string, body: string): string {
    mkdirSync(join(place, name), { recursive: true });
    const path = join(place, name, 'SKILL.md');
    writeFileSync(path, `---\nname: ${name}\ndescription: For a spec\n---\n${body}`);
    return path;
  }

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message('Yes'));
    folder = join(offline.home.path, 'work');
    mkdirSync(folder);
    skill = skillIn(join(offline.home.path, 'skills'), 'demo', 'Say please.');
    const off = skillIn(join(offline.home.path, 'skills'), 'off', 'Say nothing.');
    codex = offline.client({ config: { skills: { config: [{ path: off, enabled: false }] } } });
    thread = codex.startThread({ workingDirectory: folder });
    await thread.run('First');
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  /** The last user messages in a request, part by part. */
  function seenIn(index: number, messages: number): readonly Seen[] {
    const input = offline.model.requests.at(index)?.body.input as {
      role?: string;
      content: Seen[];
    }[];
    return input
      .filter(({ role }) => role === 'user')
      .slice(-messages)
      .flatMap(({ content }) => content);
  }

  /** The input of a turn, as received by the model. */
  async function seen(input: TurnInput, messages = 1): Promise<readonly Seen[]> {
    await thread.run(input);
    return seenIn(-1, messages);
  }

  async function refusal(input: TurnInput): Promise<Record<string, string>> {
    const sent = offline.model.requests.length;
    const error = await failure(thread.run(input));
    expect(offline.model.requests).to.have.length(sent);
    if (!ValidationError.is(error)) throw new Error('It was not refused.', { cause: error });
    return Object.fromEntries(error.problems.map(({ path, reason }) => [path, reason]));
  }

  it('reaches the model as text', async () => {
    expect(await seen([new TextInput('One'), { type: 'text', text: 'Two' }])).to.deep.equal([
      { type: 'input_text', text: 'One' },
      { type: 'input_text', text: 'Two' },
    ]);
  });

  it('reaches the model as an image', async () => {
    const image = ImageInput.fromBytes(png);

    const parts = await seen([new TextInput('Look'), image]);

    expect(parts.map((part) => [part.type, part.image_url])).to.deep.equal([
      ['input_text', undefined],
      ['input_image', image.url],
    ]);
  });

  it('reaches the model as local images of every format, regardless of the file name', async () => {
    const formats = { png, jpeg, gif, webp };
    const files = Object.entries(formats).map(([name, bytes]) => file(`${name}.dat`, bytes));

    const parts = await seen(files.map((path) => new LocalImageInput(path)));

    expect(parts.filter(({ type }) => type === 'input_image')).to.have.length(4);
    expect(parts[0]?.text).to.contain('png.dat');
  });

  it('reaches the model as a skill, even by another path of the same file', async () => {
    symlinkSync(join(offline.home.path, 'skills'), join(folder, 'link'));
    const byLink = new SkillInput('demo', join(folder, 'link', 'demo', 'SKILL.md'));

    const [text, body] = await seen([new TextInput('Go'), new SkillInput('demo', skill)], 2);
    const [, again] = await seen([new TextInput('Go'), byLink], 2);

    expect(text).to.deep.include({ text: 'Go' });
    expect(body?.text).to.match(/^<skill>\n<name>demo<\/name>[^]*Say please\.[^]*<\/skill>$/);
    expect(again?.text).to.equal(body?.text);
  });

  it('reaches the model as a skill of the working directory', async () => {
    const path = skillIn(join(folder, '.agents', 'skills'), 'local', 'Say thanks.');

    expect(
      (await seen([new TextInput('Go'), { type: 'skill', name: 'local', path }], 2))[1]?.text,
    ).to.contain('Say thanks.');
  });

  it('is in the history as a mention, but the model gets only the text', async () => {
    const path = file('note.txt', 'A note');
    const input = [
      new TextInput('See @note.txt and @mail'),
      new MentionInput('note.txt', path),
      new MentionInput('mail', 'app://mail'),
    ];

    const { items } = await thread.run(input);

    expect(seenIn(-1, 1)).to.deep.equal([{ type: 'input_text', text: 'See @note.txt and @mail' }]);
    const [message] = items;
    expect(message?.type === 'userMessage' && message.content.slice(1)).to.deep.equal([
      { type: 'mention', name: 'note.txt', path },
      { type: 'mention', name: 'mail', path: 'app://mail' },
    ]);
  });

  it('is rejected if a local image does not exist, is not a file or is not an image', async () => {
    const bmp = Buffer.concat([Buffer.from('BM'), Buffer.alloc(56)]);
    const reasons = await refusal([
      new LocalImageInput(join(folder, 'gone.png')),
      new LocalImageInput(folder),
      new LocalImageInput(file('text.png', 'hello')),
      new LocalImageInput(file('empty.png', '')),
      new LocalImageInput(file('picture.bmp', bmp)),
      new LocalImageInput(file('right.png', png)),
      ...[png, jpeg, gif, webp].map(
        (image, index) =>
          new LocalImageInput(file(`cut-${index}`, image.subarray(0, image.length / 2))),
      ),
    ]);

    const [right, ...wrong] = [5, 0, 1, 2, 3, 4, 6, 7, 8, 9].map((index) => `[${index}].path`);
    expect(reasons)
      .to.have.all.keys(...wrong)
      .and.not.to.have.property(right!);
    expect(reasons['[6].path']).to.contain('is a truncated image');
    expect(reasons['[0].path']).to.contain('ENOENT');
    expect(reasons['[1].path']).to.contain('must be a file');
    expect(reasons['[4].path']).to.contain('PNG, JPEG, GIF or WebP');
  });

  it('is rejected if a mentioned file does not exist', async () => {
    const gone = new MentionInput('gone.txt', join(folder, 'gone.txt'));

    expect(await refusal([new TextInput('See @gone.txt'), gone])).to.have.all.keys('[1].path');
  });

  it('is rejected if codex-rs has the skill under another name, disabled, or not at all', async () => {
    const elsewhere = skillIn(folder, 'elsewhere', 'Never read.');
    const off = join(offline.home.path, 'skills', 'off', 'SKILL.md');

    const reasons = await refusal([
      new SkillInput('elsewhere', elsewhere),
      new SkillInput('gone', join(folder, 'gone', 'SKILL.md')),
      new SkillInput('off', off),
      new SkillInput('other', skill),
      new SkillInput('demo', skill),
    ]);

    expect(reasons).to.have.all.keys('[0].path', '[1].path', '[2].path', '[3].name');
    expect(reasons['[0].path']).to.contain('demo');
    expect(reasons['[2].path']).to.contain('disabled');
    expect(reasons['[3].name']).to.contain('"demo"');
  });

  it('is rejected if a skill is broken, with the message of codex-rs', async () => {
    const broken = skillIn(join(offline.home.path, 'skills'), 'broken', '');
    writeFileSync(broken, 'no front matter');

    expect((await refusal(new SkillInput('broken', broken)))['[0].path']).to.contain(
      'is not a valid skill',
    );
  });

  it('is also checked when it steers a turn', async () => {
    const gate = new Gate();
    offline.model.reply(ScriptedReply.deltas('half').gate(gate), ScriptedReply.message('Steered'));
    const turn = thread.runStreamed('Go');
    const events = turn[Symbol.asyncIterator]();
    let event = await events.next();
    while (event.done !== true && event.value.type !== 'text.delta') event = await events.next();

    const error = await failure(turn.steer(new LocalImageInput(join(folder, 'gone.png'))));
    const taken = await turn.steer([new LocalImageInput(file('steer.png', png))]);
    await turn.result();
    gate.open();

    expect(error).to.be.instanceOf(ValidationError);
    expect(taken).to.deep.equal({ status: 'steered' });
    expect(seenIn(-1, 1).map(({ type }) => type)).to.include('input_image');
  });
});
