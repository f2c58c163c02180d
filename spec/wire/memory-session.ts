import { testedCodexVersion } from '../../lib/version.js';
import { Redactor, Secret } from '../../lib/redaction.js';
import { AppServerSession } from '../../lib/wire/app-server-session.js';
import type { SessionPlan } from '../../lib/wire/session-plan.js';
import { LinkTransport } from '../link-transport.js';
import { realPlan } from '../transport/real-launch.js';
import type { MemoryConnection } from './memory-connection.js';

/** The reply to the handshake. */
export const info = {
  userAgent: `spec/${testedCodexVersion} (Debian 12; x86_64) unknown (spec; 0)`,
  codexHome: '/home',
};
/** The plan of the session. */
export const plan = realPlan('/nonexistent', {
  redactor: new Redactor([new Secret('hunter2hunter2')]),
});

/** Resolves when all delivered messages have been processed. */
export async function nextRound(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** A session in memory; the next call has the id 2. */
export async function openOver(
  transport: MemoryConnection,
  changes: Partial<SessionPlan> = {},
): Promise<AppServerSession> {
  const opening = AppServerSession.open({
    ...plan,
    transport: new LinkTransport(() => transport),
    ...changes,
  });
  transport.say({ id: 1, result: info });
  const session = await opening;
  await nextRound();
  return session;
}
