import { expect } from 'chai';
import typescript from 'typescript';
import { LanguageService } from '../documentation/language-service.js';
import { SourceMigration, type MigratedSource } from '../../lib/migration/source-migration.js';

const head = "import { Codex } from '@openai/codex-sdk';\n";

function migrated(code: string): MigratedSource {
  const result = new SourceMigration(typescript).migrate('program.ts', head + code);
  if (result === null) throw new Error('The program was not migrated.');
  return result;
}

/** The migrated code, without the import before it. */
function after(code: string): string {
  return migrated(code).text.replace("import { Codex } from 'codex-threads';\n", '');
}

describe('SourceMigration', () => {
  it('does not change files that do not import the official SDK', () => {
    const migration = new SourceMigration(typescript);

    expect(migration.migrate('other.ts', "import 'node:fs';\nusage.input_tokens;\n")).to.equal(
      null,
    );
  });

  describe('changes', () => {
    it('the name of the package, in every kind of import', () => {
      const code = 'export * from \'@openai/codex-sdk\';\nconst x = import("@openai/codex-sdk");\n';

      expect(after(code)).to.equal(code.replaceAll('@openai/codex-sdk', 'codex-threads'));
    });

    it('the types of items where they are compared or passed', () => {
      expect(after("if (item.type === 'agent_message') show(item.text);\n")).to.equal(
        "if (item.type === 'agentMessage') show(item.text);\n",
      );
      expect(after("run([{ type: 'local_image', path }]);\n")).to.equal(
        "run([{ type: 'localImage', path }]);\n",
      );
      expect(after("log('agent_message');\n")).to.equal("log('agent_message');\n");
    });

    it('properties in snake_case', () => {
      expect(after('log(event.usage.input_tokens, item.exit_code, event.thread_id);\n')).to.equal(
        'log(event.usage.inputTokens, item.exitCode, event.threadId);\n',
      );
    });

    it('`id` of threads only', () => {
      expect(after('const thread = codex.startThread();\nlog(thread.id, user.id);\n')).to.equal(
        'const thread = codex.startThread();\nlog(thread.threadId, user.id);\n',
      );
    });

    it('`id` of threads that are assigned later, including to a field', () => {
      expect(after('const show = () => log(thread.id);\nthread = codex.startThread();\n')).to.equal(
        'const show = () => log(thread.threadId);\nthread = codex.startThread();\n',
      );
      expect(
        after('class A { thread = codex.startThread(); get id() { return this.thread.id; } }\n'),
      ).to.include('return this.thread.threadId;');
    });

    it('properties in destructuring, whose variables keep their names', () => {
      expect(after('const { exit_code, input_tokens: tokens } = value;\n')).to.equal(
        'const { exitCode: exit_code, inputTokens: tokens } = value;\n',
      );
    });

    it('`await` of a stream and of a resume', () => {
      expect(after('const { events } = await thread.runStreamed(input);\n')).to.equal(
        'const { events } = thread.runStreamed(input);\n',
      );
      expect(after('const thread = codex.resumeThread(id);\nthread.id;\n')).to.equal(
        'const thread = await codex.resumeThread(id);\nthread.threadId;\n',
      );
      expect(after('async function go() {\n  codex.resumeThread(id).run(x);\n}\n')).to.equal(
        'async function go() {\n  (await codex.resumeThread(id)).run(x);\n}\n',
      );
      expect(after('await codex.resumeThread(id);\n')).to.equal('await codex.resumeThread(id);\n');
    });
  });

  describe('marks', () => {
    it('a client, which must be closed', () => {
      const { text, marks } = migrated('function make() {\n  const codex = new Codex();\n}\n');

      expect(text).to.include(
        '{\n  // TODO(codex-threads): One process serves all threads of a client: end it with `await codex.close()`.\n  const codex',
      );
      expect(marks.map(({ line }) => line)).to.deep.equal([3]);
    });

    it('a resume where `await` cannot stand', () => {
      const { text, marks } = migrated('function go() {\n  return codex.resumeThread(id);\n}\n');

      expect(text).to.include('  return codex.resumeThread(id);');
      expect(marks.map((mark) => mark.text)).to.deep.equal([
        '`resumeThread` returns a promise: await it in an async function.',
      ]);
    });

    it('items of another form, each once', () => {
      const code = "switch (item.type) {\n  case 'todo_list':\n    show(item.items);\n}\n";

      expect(after(code)).to.equal(
        code.replace(
          '  case',
          '  // TODO(codex-threads): The plan is reported by the event `plan.updated` instead of an item.\n  case',
        ),
      );
      expect(migrated("if (item.type === 'reasoning') show(item.text);\n").marks).to.have.length(1);
    });
  });

  describe('converts a program in the style of the official README', () => {
    const program = `import { Codex, type ThreadEvent, type ThreadItem, type Usage } from '@openai/codex-sdk';

const codex = new Codex({ apiKey: process.env.CODEX_API_KEY });

function show(item: ThreadItem): void {
  switch (item.type) {
    case 'agent_message':
      console.log(item.text);
      break;
    case 'command_execution':
      console.log(item.command, item.exit_code, item.aggregated_output);
      break;
    case 'file_change':
      for (const change of item.changes) console.log(change.path);
      break;
  }
}

function count({ input_tokens, output_tokens: output }: Usage): void {
  console.log(input_tokens + output);
}

function handle(event: ThreadEvent): void {
  if (event.type === 'thread.started') console.log(event.thread_id);
  if (event.type === 'item.completed') show(event.item);
  if (event.type === 'turn.completed' && event.usage) count(event.usage);
  if (event.type === 'turn.failed') console.error(event.error.message);
}

const thread = codex.startThread({ workingDirectory: process.cwd(), skipGitRepoCheck: true });
const { events } = await thread.runStreamed('Diagnose the failure');
for await (const event of events) handle(event);

const again = codex.resumeThread(String(thread.id));
const turn = await again.run([
  { type: 'text', text: 'Describe these screenshots' },
  { type: 'local_image', path: './ui.png' },
]);
console.log(turn.finalResponse, turn.usage?.cached_input_tokens);
`;

    it('to one that compiles', function () {
      this.timeout(20_000);
      const result = new SourceMigration(typescript).migrate('program.ts', program);
      const text = result?.text.replace("'codex-threads'", "'./lib/index.js'") ?? '';

      expect(new LanguageService().messages(text)).to.deep.equal([]);
    });

    it('to one with two remaining marks', () => {
      const result = new SourceMigration(typescript).migrate('program.ts', program);

      expect(result?.marks.map(({ line }) => line)).to.deep.equal([3, 13]);
      expect(result?.changes).to.equal(14);
    });
  });
});
