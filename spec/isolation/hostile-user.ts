import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Codex, type CodexOptionsRecord } from '../../lib/index.js';
import { ScriptedModel, TemporaryCodexHome } from '../../lib/testing/index.js';

const server = {
  command: process.execPath,
  args: [resolve('.build/spec/approvals/mcp-server.js')],
};

/**
 * A user and a repository with everything that codex-rs may read: configuration with an MCP server, instructions,
 * rules, trusted hooks, skills, and a shell profile. Anything that gets in contains `CANARY`, or leaves a mark.
 */
export class HostileUser {
  readonly model: ScriptedModel;
  readonly #place: TemporaryCodexHome;
  readonly #clients: Codex[] = [];
  readonly #homeBefore = process.env.HOME;

  private constructor(model: ScriptedModel, place: TemporaryCodexHome) {
    this.model = model;
    this.#place = place;
  }

  /** Creates all files, and makes this user the one of this process. */
  static async create(): Promise<HostileUser> {
    const user = new HostileUser(await ScriptedModel.start(), await TemporaryCodexHome.create());
    mkdirSync(user.#at('marks'));
    await user.#plant('home/.codex', 'user');
    await user.#plant('repository/.codex', 'project');
    const trusted = `[projects.${JSON.stringify(user.repository)}]\ntrust_level="trusted"\n`;
    const configuration = readFileSync(user.#at('home/.codex/config.toml'), 'utf8');
    await user.#place.write('home/.codex/config.toml', `${configuration}${trusted}`);
    await user.#plantSkill('home/.agents', 'agents-of-user');
    await user.#plantSkill('repository/.agents', 'agents-of-project');
    await user.#place.write('repository/AGENTS.md', 'CANARY-instructions-project');
    for (const profile of ['.bashrc', '.bash_profile', '.profile', '.zshenv'])
      await user.#place.write(
        `home/${profile}`,
        `touch ${user.#at('marks/profile')}\nexport FROM_PROFILE=CANARY-profile\n`,
      );
    execFileSync('git', ['init', '--quiet', user.repository]);
    process.env.HOME = user.home;
    return user;
  }

  get home(): string {
    return this.#at('home');
  }

  get repository(): string {
    return this.#at('repository');
  }

  /** The marks so far. */
  get marks(): string[] {
    return readdirSync(this.#at('marks')).sort();
  }

  /** The existing temporary homes of private clients. */
  get privateHomes(): string[] {
    return readdirSync(this.home)
      .filter((name) => name.startsWith('.codex-threads-'))
      .map((name) => join(this.home, name));
  }

  /** The planted texts that have reached the model. */
  get canaries(): string[] {
    const bodies = this.model.requests.map(({ body }) => JSON.stringify(body)).join('\n');
    return [...new Set(bodies.match(/CANARY-[\w-]+|mcp__(?:user|project|bank)/g))].sort();
  }

  /** A client with its own process. */
  client(options: CodexOptionsRecord = {}): Codex {
    const codex = new Codex({
      apiKey: 'spec-key-1234567890',
      baseUrl: this.model.baseUrl,
      ...options,
    });
    this.#clients.push(codex);
    return codex;
  }

  /** Enables the hooks of the user and of the project, which the user has to allow. */
  async trustHooks(): Promise<void> {
    await using codex = new Codex({ apiKey: 'spec-key-1234567890', baseUrl: this.model.baseUrl });
    const { data } = await codex.request('hooks/list', { cwds: [this.repository] });
    const file = 'home/.codex/config.toml';
    const states = data
      .flatMap(({ hooks }) => hooks)
      .map(
        ({ key, currentHash }) =>
          `[hooks.state.${JSON.stringify(key)}]\ntrusted_hash=${JSON.stringify(currentHash)}\n`,
      );
    await this.#place.write(file, `${readFileSync(this.#at(file), 'utf8')}${states.join('')}`);
  }

  async write(file: string, text: string): Promise<void> {
    await this.#place.write(file, text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.env.HOME = this.#homeBefore;
    await Promise.all(this.#clients.map(async (codex) => codex.close()));
    await this.model.close();
    await this.#place.remove();
  }

  async #plant(folder: string, name: string): Promise<void> {
    const put = async (file: string, text: string): Promise<void> =>
      this.#place.write(`${folder}/${file}`, text);
    const hook = { type: 'command', command: `touch ${this.#at(`marks/hook-${name}`)}` };
    await put(
      'config.toml',
      `developer_instructions="CANARY-developer-${name}"\n[mcp_servers.${name}]\ncommand=${JSON.stringify(server.command)}\nargs=${JSON.stringify(server.args)}\n`,
    );
    await put('AGENTS.md', `CANARY-instructions-${name}`);
    await put('hooks.json', JSON.stringify({ hooks: { SessionStart: [{ hooks: [hook] }] } }));
    await put('rules/default.rules', 'prefix_rule(pattern=["touch"], decision="allow")\n');
    await this.#plantSkill(folder, `skill-of-${name}`);
  }

  async #plantSkill(folder: string, name: string): Promise<void> {
    await this.#place.write(
      `${folder}/skills/${name}/SKILL.md`,
      `---\nname: ${name}\ndescription: Does something\n---\nCANARY-${name}\n`,
    );
  }

  #at(path: string): string {
    return join(this.#place.path, path);
  }
}

/** All files below a directory except links: the helper programs of codex-rs are links to its binary. */
export function filesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
