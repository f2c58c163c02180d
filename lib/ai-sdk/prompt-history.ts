import { CodexError } from '../errors.js';
import type { ThreadItem } from '../protocol/index.js';
import type { Thread } from '../thread/thread.js';
import type { TurnInputItem } from '../turn/turn-input.js';
import type { EarlierText } from './model-prompt.js';

/**
 * How to handle the messages of a prompt before the new ones. `check` rejects user messages that the thread does not
 * have. `send` sends them with the turn, as texts. `ignore` omits them.
 *
 * @inline
 */
export type PromptHistory = 'check' | 'send' | 'ignore';

const introductions = {
  user: 'Earlier message of the user:\n',
  assistant: 'Your earlier answer:\n',
};

/**
 * Returns the earlier messages to send with a turn.
 *
 * @throws {@link CodexError} `prompt-not-in-thread` if the thread does not have the messages, unless they are sent or
 * ignored
 */
export async function earlierInput(
  thread: Thread,
  earlier: readonly EarlierText[],
  history: PromptHistory,
): Promise<readonly TurnInputItem[]> {
  if (earlier.length === 0 || history === 'ignore') return [];
  const missing = missingIn(earlier, await textsOf(thread));
  if (missing.length > 0 && history === 'check') throw refusal(thread, missing);
  return missing.map(({ role, text }) => ({ type: 'text', text: introductions[role] + text }));
}

/** Returns the messages from the first user message that is not in the thread, in this order. Answers are not compared. */
function missingIn(
  earlier: readonly EarlierText[],
  known: readonly string[],
): readonly EarlierText[] {
  let place = 0;
  const first = earlier.findIndex(({ role, text }) => {
    if (role === 'assistant') return known.length === 0;
    const found = known.indexOf(text, place);
    place = found + 1;
    return found === -1;
  });
  return first === -1 ? [] : earlier.slice(first);
}

/** Returns the texts of the user in the thread. */
async function textsOf(thread: Thread): Promise<readonly string[]> {
  if (thread.threadId === null) return [];
  await thread.open();
  const texts: string[] = [];
  for await (const { items } of thread.turns()) texts.push(...items.flatMap(textsIn));
  return texts;
}

function textsIn(item: ThreadItem): readonly string[] {
  if (item.type !== 'userMessage') return [];
  return item.content.flatMap((part) =>
    part.type === 'text' ? [part.text.replace(introductions.user, '')] : [],
  );
}

function refusal(thread: Thread, missing: readonly EarlierText[]): CodexError {
  const count = missing.filter(({ role }) => role === 'user').length;
  return new CodexError(
    `The prompt has ${count} earlier user message(s) that thread ${thread.threadId ?? '(new)'} does not contain, beginning with ${JSON.stringify(missing[0]?.text.slice(0, 80))}. The thread stores the history: pass only the new message, or set history: "send" or "ignore" in codexModel().`,
    { code: 'prompt-not-in-thread' },
  );
}
