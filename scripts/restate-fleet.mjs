// A fleet on Restate for scripts/check-restate.mjs: the server from its npm package, haproxy with the configuration of the example, a
// scripted model, and two workers on the real codex-rs.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const folder = resolve('.build/restate');
const example = join(folder, 'examples/fleet-restate');
const { TurnQueue } = await import(join(example, 'turn-queue.js'));
const { DirectoryThreadStore } = await import(join(folder, 'lib/fleet/index.js'));
const { ScriptedModel, ScriptedReply } = await import(join(folder, 'lib/testing/index.js'));
export const { Gate } = await import(join(folder, 'lib/testing/index.js'));

/** The parts of the fleet; `close` ends all of them. */
export class RestateFleet {
  #processes = [];
  workers = [];

  static async start() {
    const fleet = new RestateFleet();
    try {
      await fleet.#start();
    } catch (error) {
      await fleet.close();
      throw error;
    }
    return fleet;
  }

  async #start() {
    // Outside of the temporary directory, to which commands in a sandbox may write.
    this.directory = mkdtempSync(join(homedir(), '.codex-threads-restate-'));
    this.model = await ScriptedModel.start();
    this.model.otherwise(ScriptedReply.message('Done.'));
    this.store = new DirectoryThreadStore({ directory: join(this.directory, 'threads') });
    const [ingress, admin, node, balancer, ...ports] = await freePorts(8);
    this.#startRestate({ ingress, admin, node });
    const places = [ports.slice(0, 2), ports.slice(2, 4)];
    this.#startBalancer(balancer, places);
    places.forEach(([port, health], index) =>
      this.startWorker(`worker-${index + 1}`, port, health),
    );
    const at = (port) => `http://127.0.0.1:${port}`;
    this.queue = new TurnQueue({ ingress: at(ingress), admin: at(admin) });
    await this.#register(at(balancer));
  }

  #startRestate({ ingress, admin, node }) {
    const { resolve: find } = createRequire(join(folder, 'package.json'));
    const { platform, arch } = process;
    const server = find(`@restatedev/restate-server-${platform}-${arch}/package.json`);
    const address = (port) => `127.0.0.1:${port}`;
    this.#spawn('restate', join(server, '../bin/restate-server'), ['--no-logo'], {
      RESTATE_BASE_DIR: join(this.directory, 'restate'),
      RESTATE_LISTEN_MODE: 'tcp',
      RESTATE_BIND_ADDRESS: address(node),
      RESTATE_INGRESS__BIND_ADDRESS: address(ingress),
      RESTATE_ADMIN__BIND_ADDRESS: address(admin),
      DO_NOT_TRACK: '1',
      RUST_LOG: 'warn',
    });
  }

  /** The configuration of the example, with the addresses of the workers instead of their name in Docker. */
  #startBalancer(port, places) {
    const text = readFileSync('examples/fleet-restate/haproxy.cfg', 'utf8')
      .replace('bind :9080', `bind 127.0.0.1:${port}`)
      .replace(/^ *server-template .*$/m, () =>
        places
          .map(([to, health], index) => `  server ${index} 127.0.0.1:${to} port ${health}`)
          .join('\n'),
      );
    const file = join(this.directory, 'haproxy.cfg');
    writeFileSync(file, text);
    this.#spawn('balancer', 'haproxy', ['-db', '-f', file], { FLEET_CONCURRENCY: '2' });
  }

  startWorker(name, port, health) {
    const home = join(this.directory, `${name}-${this.#processes.length}`);
    mkdirSync(home);
    const settings = ['sandbox_mode = "workspace-write"', 'approval_policy = "never"', ''];
    writeFileSync(join(home, 'config.toml'), settings.join('\n'));
    const worker = this.#spawn(name, process.execPath, [join(example, 'worker.js')], {
      HOME: home,
      CODEX_HOME: home,
      CODEX_API_KEY: 'check-key-1234567890',
      FLEET_PROVIDER: this.model.baseUrl,
      FLEET_STORE: join(this.directory, 'threads'),
      FLEET_DIRECTORY: home,
      FLEET_WORKER: name,
      FLEET_GRACE_MS: '5000',
      PORT: String(port),
      HEALTH_PORT: String(health),
      RESTATE_LOGGING: 'ERROR',
    });
    this.workers.push({ ...worker, name, port, health });
  }

  /** The registration fails until Restate, the balancer and a worker run. */
  async #register(workers) {
    for (let left = 60; ; left -= 1) {
      try {
        return await this.queue.register(workers);
      } catch (error) {
        if (left === 0) throw new Error(`${error.message}\n${this.said()}`, { cause: error });
        await pause(250);
      }
    }
  }

  /** A turn that waits for the gate, once the model has begun to answer. */
  async held(thread, input, job) {
    const gate = new Gate();
    this.model.reply(ScriptedReply.deltas('I begin').gate(gate).message('Done.'));
    const turn = await this.queue.add(thread, { input }, job);
    await gate.reached;
    return { turn, gate, worker: await this.#workerOf(thread) };
  }

  /** The worker with a running turn of a thread. */
  async #workerOf(thread) {
    for (;;) {
      const worker = this.workers.find(
        ({ lines }) => lines.filter((line) => line.thread === thread).at(-1)?.kind === 'started',
      );
      if (worker !== undefined) return worker;
      await pause(20);
    }
  }

  /** The keys of the recorded turns of a thread. */
  async recorded(thread) {
    return ((await this.store.load(thread))?.record.turns ?? []).map(({ key }) => key);
  }

  /** The user messages in the latest request to the model. */
  saidToModel() {
    return (this.model.requests.at(-1)?.userTexts ?? []).filter((text) => !text.startsWith('<'));
  }

  /** The latest output of all processes. */
  said() {
    return this.#processes.map(({ title, output }) => `--- ${title}\n${output.text}`).join('\n');
  }

  async close() {
    for (const { child } of this.#processes) {
      child.kill('SIGCONT');
      child.kill('SIGTERM');
    }
    for (const { child, exit } of this.#processes) {
      const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await exit;
      clearTimeout(late);
    }
    await this.model?.close();
    if (this.directory !== undefined) rmSync(this.directory, { recursive: true, force: true });
  }

  #spawn(title, program, args, env) {
    const child = spawn(program, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = { text: '' };
    const lines = [];
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        output.text = `${output.text}${chunk}`.slice(-6000);
        for (const [line] of String(chunk).matchAll(/^\{"worker".*\}$/gm))
          lines.push(JSON.parse(line));
      });
    const exit = once(child, 'exit').catch((error) => [error]);
    const running = { title, child, output, lines, exit };
    this.#processes.push(running);
    return running;
  }
}

async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map(async (server) => once(server, 'listening')));
  const ports = servers.map((server) => server.address().port);
  for (const server of servers) server.close();
  return ports;
}
