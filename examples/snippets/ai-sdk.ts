// The snippets of the guide on the AI SDK and of the doc comments of codex-threads/ai-sdk.
import { generateText, Output, readUIMessageStream, streamText } from 'ai';
import { z } from 'zod';
import {
  ChatTurns,
  codexModel,
  toUIMessages,
  toUIMessageStream,
  toUIMessageStreamResponse,
  type CodexUIMessage,
} from '../../lib/ai-sdk/index.js';
import { QueuedApprovals } from '../../lib/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import type { Stage } from './stage.js';

export async function stream({ codex }: Stage): Promise<void> {
  const thread = codex.startThread();
  let answer: CodexUIMessage | undefined;
  // #region toUIMessageStream
  const stream = toUIMessageStream(thread.runStreamed('Why is the build red?'));
  for await (const message of readUIMessageStream<CodexUIMessage>({ stream })) answer = message;
  const texts = answer?.parts.filter((part) => part.type === 'text') ?? [];
  console.log(texts.map(({ text }) => text).join('')); // A test fails.
  // #endregion
}

export async function response({ codex }: Stage): Promise<void> {
  const thread = codex.startThread();
  // #region toUIMessageStreamResponse
  const post = async (request: Request): Promise<Response> => {
    const { messages } = (await request.json()) as { messages: CodexUIMessage[] };
    const [part] = messages.at(-1)?.parts ?? [];
    return toUIMessageStreamResponse(thread.runStreamed(part?.type === 'text' ? part.text : ''));
  };
  // #endregion
  const messages = [{ id: 'm', role: 'user', parts: [{ type: 'text', text: 'Hi' }] }];
  const body = JSON.stringify({ messages });
  await (await post(new Request('http://chat/', { method: 'POST', body }))).text();
}

export async function chats({ codex }: Stage): Promise<void> {
  // #region ChatTurns
  const approvals = new QueuedApprovals({ timeoutMs: 15 * 60_000 });
  await using chats = new ChatTurns({ approvals });

  const turn = codex.startThread({ approvals }).runStreamed('Why is the build red?');
  const first = chats.respond('chat-7', turn); // POST /api/chat
  await first.body?.cancel(); // the page is reloaded
  const second = chats.resume('chat-7'); // GET /api/chat/chat-7/stream

  console.log((await second.text()).includes('A test fails.')); // true
  console.log(chats.resume('chat-8').status); // 204
  // #endregion
}

export async function history({ codex }: Stage): Promise<void> {
  const thread = codex.startThread();
  // #region toUIMessages
  await thread.run('Why is the build red?');
  const messages = await toUIMessages(thread);
  console.log(messages.map(({ role }) => role).join()); // user,assistant
  // #endregion
}

export async function model({ codex }: Stage): Promise<void> {
  // #region codexModel
  const model = codexModel(codex.startThread({ sandboxMode: 'read-only' }));

  const { text, finalStep } = await generateText({ model, prompt: 'Why is the build red?' });
  console.log(text); // A test fails.
  const { threadId } = finalStep.providerMetadata?.codex ?? {};

  const { textStream } = streamText({ model, prompt: 'How would you fix it?' });
  for await (const part of textStream) process.stdout.write(part);
  console.log(typeof threadId, model.provider); // string codex
  // #endregion
}

export async function structured({ codex, model: scripted }: Stage): Promise<void> {
  const model = codexModel(codex.startThread());
  scripted.reply(ScriptedReply.message('{"title":"A test fails","risk":"high"}'));
  // #region structured
  const { output } = await generateText({
    model,
    prompt: 'Assess the risk',
    output: Output.object({
      schema: z.object({ title: z.string(), risk: z.enum(['low', 'high']) }),
    }),
  });
  console.log(output.title, output.risk); // A test fails high
  // #endregion
}

export function routes({ codex }: Stage): void {
  // #region routes
  const approvals = new QueuedApprovals({ timeoutMs: 15 * 60_000 });
  const chats = new ChatTurns({ approvals });
  const threads = new Map([['chat-7', codex.startThread({ approvals })]]);

  const routes = {
    // POST /api/chat: the request of useChat
    send: async (request: Request): Promise<Response> => {
      const { id, messages } = (await request.json()) as { id: string; messages: CodexUIMessage[] };
      const message = messages.at(-1);
      const thread = threads.get(id);
      const [part] = message?.parts ?? [];
      if (message === undefined || part?.type !== 'text' || thread === undefined)
        return new Response(null, { status: 400 });
      // The same request sent twice runs one turn.
      return chats.respond(id, thread.runStreamed(part.text, { idempotencyKey: message.id }));
    },
    // GET /api/chat/ID/stream: the request of useChat({ resume: true })
    resume: (id: string): Response => chats.resume(id),
    // POST /api/chat/ID/approvals: { id, approved }
    decide: async (id: string, request: Request): Promise<Response> => {
      chats.decide(id, await request.json());
      return new Response(null, { status: 204 });
    },
    // POST /api/chat/ID/stop
    stop: async (id: string): Promise<Response> => {
      await chats.stop(id);
      return new Response(null, { status: 204 });
    },
  };
  // #endregion
  routes.resume('chat-8');
}
