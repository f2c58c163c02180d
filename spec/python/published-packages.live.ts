import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { TemporaryCodexHome } from '../../lib/testing/index.js';
import { published } from '../options/published-options.js';

// Run by `npm run test:python`, after the harvester, which creates the virtual environment.

const run = promisify(execFile);

const signatures = `
import dataclasses, inspect, json
from openai_codex import Codex, CodexConfig, Thread, TurnResult

def parameters(*functions):
    names = (name for function in functions for name in inspect.signature(function).parameters)
    return sorted(set(names) - {"self"})

def fields(kind):
    return sorted(field.name for field in dataclasses.fields(kind))

print(json.dumps({
    "CodexConfig": fields(CodexConfig),
    "thread_start, thread_resume, thread_fork": parameters(Codex.thread_start, Codex.thread_resume, Codex.thread_fork),
    "thread.run, thread.turn": parameters(Thread.run, Thread.turn),
    "thread_list": parameters(Codex.thread_list),
    "TurnResult": fields(TurnResult),
}))
`;

describe('The options in docs/migration.md are complete', function () {
  this.timeout(120_000);

  it('in the published Python package', async () => {
    const python = resolve('fixtures/python/.venv/bin/python');

    const { stdout } = await run(python, ['-c', signatures]);

    expect(JSON.parse(stdout)).to.deep.equal(mapped('Python'));
  });

  it('in the published official SDK', async () => {
    await using folder = await TemporaryCodexHome.create();
    await run('npm', ['pack', '@openai/codex-sdk@0.163.0', '--pack-destination', folder.path]);
    await run('tar', ['xzf', 'openai-codex-sdk-0.163.0.tgz'], { cwd: folder.path });
    const types = await readFile(join(folder.path, 'package/dist/index.d.ts'), 'utf8');

    expect({
      CodexOptions: membersOf('CodexOptions', types),
      ThreadOptions: membersOf('ThreadOptions', types),
      TurnOptions: membersOf('TurnOptions', types),
      'Turn, the result of run': membersOf('Turn', types),
      'Exported types': exportsOf(types),
    }).to.deep.equal(mapped('TypeScript'));
  });
});

function mapped(client: string): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(published)
      .filter(([section]) => section.startsWith(`${client} `))
      .map(([section, names]) => [section.slice(client.length + 1), [...names].sort()]),
  );
}

/** The members of a type in a declaration file, each on its own line. */
function membersOf(type: string, declarations: string): string[] {
  const body = new RegExp(`^type ${type} = \\{\n(.*?)^\\};`, 'ms').exec(declarations)?.[1] ?? '';
  return [...body.matchAll(/^ {4}(\w+)\??:/gm)].map(([, name]) => name!).sort();
}

/** The exports of a declaration file, from the list at its end. */
function exportsOf(declarations: string): string[] {
  const [, list = ''] = /^export \{ (.*) \};/m.exec(declarations) ?? [];
  return list
    .split(', ')
    .map((name) => name.replace('type ', ''))
    .sort();
}
