// What the guide on AG-UI and the doc comments of codex-threads/ag-ui show.
import type { RunAgentInput } from '@ag-ui/core';
import { toAgUiResponse, toAgUiStream } from '../../lib/ag-ui/index.js';
import type { Stage } from './stage.js';

export async function stream({ codex }: Stage): Promise<void> {
  const thread = codex.startThread();
  // #region toAgUiStream
  const stream = toAgUiStream(thread.runStreamed('Why is the build red?'));
  for await (const event of stream)
    if (event.type === 'TEXT_MESSAGE_CONTENT') console.log(event.delta); // A test fails.
  // #endregion
}

export async function response({ codex }: Stage): Promise<void> {
  const thread = codex.startThread();
  // #region toAgUiResponse
  const post = async (request: Request): Promise<Response> => {
    const run = (await request.json()) as RunAgentInput;
    const { content } = run.messages.findLast(({ role }) => role === 'user') ?? {};
    const input = typeof content === 'string' ? content : '';
    return toAgUiResponse(thread.runStreamed(input), { run });
  };
  // #endregion
  const messages = [{ id: 'm', role: 'user', content: 'Why is the build red?' }];
  const body = JSON.stringify({ threadId: 't', runId: 'r', messages, tools: [], context: [] });
  await (await post(new Request('http://agent/', { method: 'POST', body }))).text();
}
