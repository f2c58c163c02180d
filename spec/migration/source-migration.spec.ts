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
      expect(after('log(event.usage?.input_tokens, item.exit_code, event.thread_id);\n')).to.equal(
        'log(event.usage?.inputTokens, item.exitCode, event.threadId);\n',
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

    it('imported types with another name here, with all references', () => {
      expect(
        after(
          "import type { Input, RunResult, ThreadOptions } from '@openai/codex-sdk';\ninterface Mine extends ThreadOptions { Input: Input[] }\nlet run: (options: ThreadOptions) => Promise<RunResult>;\n",
        ),
      ).to.equal(
        "import type { TurnInput, TurnResult, ThreadOptionsRecord } from 'codex-threads';\ninterface Mine extends ThreadOptionsRecord { Input: TurnInput[] }\nlet run: (options: ThreadOptionsRecord) => Promise<TurnResult>;\n",
      );
    });

    it('imported types with a local name, which they keep', () => {
      expect(
        after("import { type ApprovalMode as Mode } from '@openai/codex-sdk';\nlet mode: Mode;\n"),
      ).to.equal("import { type ApprovalPolicy as Mode } from 'codex-threads';\nlet mode: Mode;\n");
    });

    it('imported types whose name or new name has another use in the file, under a local name', () => {
      expect(
        after(
          "import type { Input, UserInput } from '@openai/codex-sdk';\nconst f = <Input>(input: Input) => input;\nclass TurnInputItem {}\n",
        ),
      ).to.equal(
        "import type { TurnInput as Input, TurnInputItem as UserInput } from 'codex-threads';\nconst f = <Input>(input: Input) => input;\nclass TurnInputItem {}\n",
      );
    });

    it('exported types, which keep their names for the other files', () => {
      expect(
        after(
          "export type { RunResult } from '@openai/codex-sdk';\nimport type { TurnOptions } from '@openai/codex-sdk';\nexport type { TurnOptions };\n",
        ),
      ).to.equal(
        "export type { TurnResult as RunResult } from 'codex-threads';\nimport type { RunOptions } from 'codex-threads';\nexport type { RunOptions as TurnOptions };\n",
      );
    });

    it('types of a namespace and of an import type', () => {
      expect(
        after(
          "import type * as sdk from '@openai/codex-sdk';\nlet a: sdk.CodexOptions;\nlet b: import('@openai/codex-sdk').RunStreamedResult;\nlet c: other.CodexOptions;\n",
        ),
      ).to.equal(
        "import type * as sdk from 'codex-threads';\nlet a: sdk.CodexOptionsRecord;\nlet b: import('codex-threads').Turn;\nlet c: other.CodexOptions;\n",
      );
    });

    it('no types of another package', () => {
      const code = "import type { RunResult } from './run.js';\nlet result: RunResult;\n";

      expect(after(code)).to.equal(code);
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

    it('an imported type without an equivalent', () => {
      const { marks } = migrated("import type { CyberAccessProgram } from '@openai/codex-sdk';\n");

      expect(marks).to.deep.equal([
        {
          line: 2,
          text: '`CyberAccessProgram` has no equivalent: remove it, or use `codex.request`.',
        },
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

  describe('marks values that may be null here', () => {
    function textsOf(code: string): readonly string[] {
      return migrated(code).marks.map(({ text }) => text.split(' ', 1).join());
    }

    it('where a final response is used without a check', () => {
      expect(textsOf('const answer = turn.finalResponse;\n')).to.deep.equal(['`finalResponse`']);
      expect(textsOf('show(turn.finalResponse);\n')).to.deep.equal(['`finalResponse`']);
      expect(textsOf('const { finalResponse } = await run();\n')).to.deep.equal([
        '`finalResponse`',
      ]);
    });

    it('where members of a usage are read without a check', () => {
      expect(textsOf('show(event.usage.input_tokens);\n')).to.deep.equal(['`usage`']);
      expect(textsOf('const { input_tokens: sent } = event.usage;\n')).to.deep.equal(['`usage`']);
    });

    it('but not where they are checked or printed', () => {
      expect(
        textsOf(
          [
            "show(turn.finalResponse ?? '');",
            'show(turn.finalResponse?.length);',
            'console.log(turn.finalResponse);',
            'if (turn.finalResponse) show(turn.finalResponse);',
            'show(event.usage ? event.usage.input_tokens : 0);',
            'event.usage && show(event.usage.input_tokens);',
          ].join('\n'),
        ),
      ).to.deep.equal([]);
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

  it('converts every exported type with another name to one that compiles', function () {
    this.timeout(20_000);
    const program = `import { Codex, type ApprovalMode, type CodexOptions, type Input, type ModelReasoningEffort, type RunResult, type RunStreamedResult, type ThreadOptions, type TurnOptions, type UserInput } from '@openai/codex-sdk';

const settings: CodexOptions = { baseUrl: 'http://127.0.0.1:1/v1' };
const codex = new Codex(settings);
const approvalPolicy: ApprovalMode = 'on-request';
const modelReasoningEffort: ModelReasoningEffort = 'high';
const options: ThreadOptions = { approvalPolicy, modelReasoningEffort };
const thread = codex.startThread(options);
const part: UserInput = { type: 'local_image', path: './ui.png' };
const input: Input = [part];

export async function run(turn: TurnOptions): Promise<void> {
  await thread.run(input, turn);
  const streamed: RunStreamedResult = await thread.runStreamed(input);
  for await (const event of streamed.events) console.log(event.type);
}

export const first: Promise<RunResult> = thread.run(input);
`;
    const { text = '' } = new SourceMigration(typescript).migrate('program.ts', program) ?? {};

    expect(
      new LanguageService().messages(text.replace("'codex-threads'", "'./lib/index.js'")),
    ).to.deep.equal([]);
  });
});
