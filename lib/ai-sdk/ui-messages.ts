import type { RecordedTurn } from '../record/recorded-history.js';
import type { ThreadItem, UserInput } from '../protocol/index.js';
import type { Thread } from '../thread/thread.js';
import { endedOutcomeOf, toolOf } from './item-tool.js';
import { isOtherItem } from './turn-chunks.js';
import type { CodexUIMessage } from './ui-message.js';

type Part = CodexUIMessage['parts'][number];

/**
 * Returns the recorded history of a thread as chat messages, for example to initialise `useChat` after a reload. The
 * answer of a running turn is omitted: `useChat({ resume: true })` receives it as a stream.
 *
 * @example
 * ```ts
 * await thread.run('Why is the build red?');
 * const messages = await toUIMessages(thread);
 * console.log(messages.map(({ role }) => role).join()); // user,assistant
 * ```
 *
 * @throws `ThreadStateError` for a thread that is not open, is gone or is ephemeral
 */
export async function toUIMessages(thread: Thread): Promise<readonly CodexUIMessage[]> {
  const messages: CodexUIMessage[] = [];
  for await (const turn of thread.turns()) messages.push(...messagesOf(turn, thread.threadId));
  return messages;
}

function messagesOf(turn: RecordedTurn, threadId: string | null): readonly CodexUIMessage[] {
  const asked = turn.items.flatMap((item) => userMessage(item));
  const parts = turn.items.flatMap((item) => partsOf(item));
  if (turn.status === 'inProgress' || parts.length === 0) return asked;
  const metadata = { turnId: turn.id, ...(threadId === null ? {} : { threadId }) };
  return [...asked, { id: turn.id, role: 'assistant', metadata, parts }];
}

function userMessage(item: ThreadItem): readonly CodexUIMessage[] {
  if (item.type !== 'userMessage') return [];
  const parts = item.content.flatMap((input) => partOfInput(input));
  return [{ id: item.clientId ?? item.id, role: 'user', parts }];
}

function partOfInput(input: UserInput): readonly Part[] {
  switch (input.type) {
    case 'text':
      return [{ type: 'text', text: input.text }];
    case 'image':
      return 'url' in input ? [{ type: 'file', mediaType: 'image', url: input.url }] : [];
    case 'skill':
    case 'mention':
      return [{ type: 'text', text: `@${input.name}` }];
    default:
      return [];
  }
}

function partsOf(item: ThreadItem): readonly Part[] {
  switch (item.type) {
    case 'agentMessage': {
      const providerMetadata = { codex: { phase: item.phase } };
      return [{ type: 'text', text: item.text, state: 'done', providerMetadata }];
    }
    case 'reasoning':
      return [...item.summary, ...item.content].map((text, index) => ({
        type: 'reasoning',
        id: `${item.id}/${index}`,
        text,
        state: 'done',
      }));
    case 'imageGeneration':
      return 'result' in item
        ? [{ type: 'file', mediaType: 'image/png', url: `data:image/png;base64,${item.result}` }]
        : [];
    default:
      return isOtherItem(item) ? [{ type: 'data-item', id: item.id, data: item }] : toolPart(item);
  }
}

function toolPart(item: ThreadItem): readonly Part[] {
  const tool = toolOf(item);
  if (tool === null) return [];
  const { toolCallId, toolName, input, isDynamic } = tool;
  const call = {
    ...(isDynamic ? { type: 'dynamic-tool', toolName } : { type: `tool-${toolName}` }),
    toolCallId,
    input,
    providerExecuted: true,
  };
  // The compiler cannot infer that the input and the output belong to the tool of this name.
  return [{ ...call, ...stateOf(item) } as Part];
}

function stateOf(item: ThreadItem): object {
  const outcome = endedOutcomeOf(item);
  switch (outcome.state) {
    case 'done':
      return { state: 'output-available', output: outcome.output };
    case 'denied':
      return { state: 'output-denied', approval: { id: item.id, approved: false } };
    case 'failed':
      return { state: 'output-error', errorText: outcome.errorText };
    default:
      return outcome satisfies never;
  }
}
