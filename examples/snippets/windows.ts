// Snippets of the guide on Windows.
import { Codex } from '../../lib/index.js';
import type { Stage } from './stage.js';

export async function installation({ codex }: Stage): Promise<void> {
  // #region installation
  const { binary, sandboxIsUsable, problems } = await codex.doctor();
  if (binary === null || !sandboxIsUsable) console.error(problems);
  // #endregion
}

export async function sandbox(): Promise<void> {
  // #region sandbox
  const codex = new Codex({ config: { windows: { sandbox: 'unelevated' } } });
  const { status } = await codex.request('windowsSandbox/readiness');
  console.log(status); // notConfigured
  // #endregion
  await codex.close();
}
