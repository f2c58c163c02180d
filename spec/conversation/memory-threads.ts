import { LinkTransport } from '../link-transport.js';
import { AuthenticatedLaunch } from '../../lib/account/authenticated-launch.js';
import { AppServerSession } from '../../lib/wire/app-server-session.js';
import { AppServer } from '../../lib/wire/app-server.js';
import type { Connection } from '../../lib/transport/connection.js';
import { Conversations } from '../../lib/conversation/conversations.js';
import { CodexOptions, ThreadBuilder, type CodexOptionsRecord } from '../../lib/index.js';
import { Environments } from '../../lib/isolation/environments.js';
import { ThreadOptions } from '../../lib/options/thread-options.js';
import { realPlan } from '../transport/real-launch.js';

/** Threads of the public API, over a link in the spec instead of a process. */
export class MemoryThreads implements AsyncDisposable {
  readonly appServer: AppServer;
  readonly builder: ThreadBuilder;

  constructor(link: () => Connection, options: CodexOptionsRecord = {}) {
    const plan = realPlan('/nowhere');
    this.appServer = new AppServer(async (context) =>
      AppServerSession.open({ ...plan, transport: new LinkTransport(link) }, context),
    );
    const all = CodexOptions.from({ apiKey: 'spec-key-1234567890', ...options });
    const launch = new AuthenticatedLaunch({
      plan,
      ...(all.apiKey === undefined ? {} : { apiKey: all.apiKey }),
    });
    const source = new Conversations({
      options: all,
      appServer: this.appServer,
      launch,
      environments: new Environments(this.appServer, undefined),
    });
    this.builder = new ThreadBuilder({ source, options: ThreadOptions.from({}) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.appServer.close();
  }
}
