import { expect } from 'chai';
import { CodexOptions } from '../../lib/options/codex-options.js';
import { optionSpellings } from '../../lib/options/option-reader.js';
import { ThreadOptions } from '../../lib/options/thread-options.js';
import { LanguageService } from './language-service.js';

const codexOptions = namesOf(CodexOptions);
const threadOptions = namesOf(ThreadOptions);
const timeouts = ['ackMs', 'firstProgressMs', 'idleMs', 'totalMs'];
const streamOptions = [
  'approvals',
  'budget',
  'idempotencyKey',
  'onCutOff',
  'options',
  'output',
  'outputSchema',
  'signal',
  'source',
  'timeouts',
  'whenBusy',
];

/** The names of the options of a class, without their other spellings. */
function namesOf({ prototype }: { readonly prototype: object }): readonly string[] {
  return [...new Set(optionSpellings(prototype).values())];
}

describe('An editor', function () {
  this.timeout(20_000);
  let editor: LanguageService;

  before(() => {
    editor = new LanguageService();
  });

  describe('completes the names of the plain record, and nothing else,', () => {
    it('for a client', () => {
      expect(editor.completions('new Codex({ | })')).to.have.members(codexOptions);
      expect(editor.completions('new Codex({ api| })')).to.have.members(codexOptions);
    });

    it('for a thread', () => {
      expect(editor.completions('codex.startThread({ | })')).to.have.members(threadOptions);
      expect(editor.completions('codex.startThread({ mod| })')).to.have.members(threadOptions);
    });

    it('for a builder', () => {
      const offered = editor.completions('codex.thread().withOptions({ | })');

      expect(offered).to.have.members(threadOptions);
    });

    it('for a turn', () => {
      const offered = editor.completions("thread.run('x', { | })");

      expect(offered).to.have.members([...streamOptions, 'repairs']);
      expect(editor.completions("thread.runStreamed('x', { | })")).to.have.members(streamOptions);
    });

    it('for a turn with some options set', () => {
      const offered = editor.completions("thread.run('x', { output: class {}, sig| })");

      expect(offered).to.include('signal').and.not.include('output');
    });

    it('for the time limits of a turn', () => {
      const offered = editor.completions("thread.run('x', { timeouts: { | } })");

      expect(offered).to.have.members(timeouts);
    });

    it('for the settings of a turn', () => {
      const offered = editor.completions("thread.run('x', { options: { | } })");
      const streamed = editor.completions("thread.runStreamed('x', { options: { mod| } })");

      expect(offered).to.have.members(threadOptions);
      expect(streamed).to.have.members(threadOptions);
    });

    it('for a clone', () => {
      expect(editor.completions('thread.clone({ | })')).to.have.members(['labels', 'options']);
      expect(editor.completions('thread.clone({ options: { | } })')).to.have.members(threadOptions);
    });

    it('for a resume, a fork and a list', () => {
      const resume = editor.completions("codex.resumeThread('id', { con| })");

      expect(resume).to.have.members([
        ...threadOptions,
        'continuation',
        'idempotencyKey',
        'resumeValidator',
      ]);
      expect(editor.completions('thread.fork({ | })')).to.have.members([
        ...threadOptions,
        'at',
        'before',
      ]);
      expect(editor.completions('codex.listThreads({ | })')).to.include('search');
    });

    it('for labels, which have any name', () => {
      expect(editor.completions('codex.startThread({ labels: { | } })')).to.deep.equal([]);
    });
  });

  describe('shows the documentation of an option', () => {
    const shown: Readonly<Record<string, RegExp>> = {
      "new Codex({ api|Key: '' })": /^The API key\./,
      'new Codex({ keep|LoadedMs: 1 })': /^How long an idle thread stays loaded/,
      "codex.startThread({ mod|el: '' })": /^The model, such as/,
      'codex.startThread({ lab|els: {} })': /^The labels of the thread/,
      "codex.thread().withOptions({ sandbox|Mode: 'read-only' })":
        /^The sandbox of the agent's commands/,
      "thread.run('x', { when|Busy: 'queue' })": /^Behavior while another turn/,
      "thread.run('x', { timeouts: { idle|Ms: 1 } })": /^Between two signs of progress/,
      "thread.run('x', { options: { ephem|eral: true } })": /^Whether the thread exists in memory/,
      'thread.clone({ opt|ions: {} })': /^Options merged into the thread's own/,
    };

    for (const [code, documentation] of Object.entries(shown))
      it(`in ${code.replace('|', '')}`, () => {
        expect(editor.hover(code)).to.match(documentation);
      });
  });

  describe('names the intended option, in one line,', () => {
    const meant: Readonly<Record<string, readonly [record: string, name: string]>> = {
      "codex.startThread({ modle: '' })": ['ThreadOptionsRecord', 'model'],
      "codex.thread().withOptions({ model: '', sandboxmode: '' })": [
        'ThreadOptionsRecord',
        'sandboxMode',
      ],
      "thread.run('x', { signl: null })": ['RunOptions<…>', 'signal'],
      "thread.run('x', { whenBusy: 'queue', signl: null })": ['RunOptions<…>', 'signal'],
      "thread.runStreamed('x', { timeout: {} })": ['StreamOptions<…>', 'timeouts'],
      "thread.run('x', { timeouts: { idlMs: 1 } })": ['TurnTimeouts', 'idleMs'],
      "thread.run('x', { options: { modle: '' } })": ['ThreadOptionsRecord', 'model'],
      'thread.clone({ optons: {} })': ['ThreadChanges<…>', 'options'],
      "codex.resumeThread('id', { contination: '' })": ['ResumeOptions', 'continuation'],
      "codex.listThreads({ serch: '' })": ['ThreadFilterRecord', 'search'],
    };

    for (const [code, [record, name]] of Object.entries(meant))
      it(`in ${code}`, () => {
        const messages = editor.messages(code).map((text) => text.replace(/<[^>]*>/, '<…>'));

        expect(messages).to.have.length(1);
        expect(messages[0]).to.match(/^Object literal may only specify known properties, but/);
        expect(messages[0]).to.include(`in type '${record}'. Did you mean to write '${name}'?`);
        expect(messages[0]).to.not.include('\n');
      });
  });

  it('names the intended option of a client, without the types of all others', () => {
    const [message = ''] = editor.messages("new Codex({ apikey: '' })");

    expect(message).to.include("in type 'CodexOptionsRecord'. Did you mean to write 'apiKey'?");
    expect(message).to.have.length.below(500);
  });

  it('lists the values of an option', () => {
    expect(editor.messages("codex.startThread({ sandboxMode: 'none' })")).to.deep.equal([
      `Type '"none"' is not assignable to type 'SandboxMode | undefined'.`,
    ]);
  });
});
