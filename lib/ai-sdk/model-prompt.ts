import type {
  LanguageModelV4FilePart,
  LanguageModelV4Message,
  LanguageModelV4Prompt,
} from '@ai-sdk/provider';
import { ValidationError } from '../errors.js';
import { ImageInput } from '../turn/image-input.js';
import type { TurnInputItem } from '../turn/turn-input.js';

/** A text before the new messages. */
export interface EarlierText {
  /** The role of the message. */
  readonly role: 'user' | 'assistant';
  /** The text of one part of the message. */
  readonly text: string;
}

/** A parsed prompt of the AI SDK. */
export interface ModelPrompt {
  /** The text of the system messages, or null. */
  readonly system: string | null;
  /** The texts before the new messages, the oldest first. */
  readonly earlier: readonly EarlierText[];
  /** The user messages after the last answer. */
  readonly input: readonly TurnInputItem[];
}

type UserMessage = Extract<LanguageModelV4Message, { role: 'user' }>;

/**
 * Parses a prompt.
 *
 * @throws {@link ValidationError} if it does not end with a user message, or has files that codex-rs does not accept
 */
export function modelPrompt(prompt: LanguageModelV4Prompt): ModelPrompt {
  const messages = prompt.filter(({ role }) => role !== 'system');
  const answered = messages.findLastIndex(({ role }) => role !== 'user') + 1;
  const fresh = messages.slice(answered) as readonly UserMessage[];
  if (fresh.length === 0)
    throw new ValidationError('prompt', [
      {
        path: '',
        reason: `must end with a user message, got ${prompt.at(-1)?.role ?? 'no message'}`,
      },
    ]);
  const system = prompt.flatMap((message) => (message.role === 'system' ? [message.content] : []));
  return {
    system: system.length === 0 ? null : system.join('\n\n'),
    earlier: messages.slice(0, answered).flatMap(textsOf),
    input: fresh.flatMap(({ content }) => content.map(inputOf)),
  };
}

function textsOf({ role, content }: LanguageModelV4Message): readonly EarlierText[] {
  if (role === 'system' || role === 'tool') return [];
  return content.flatMap((part) => (part.type === 'text' ? [{ role, text: part.text }] : []));
}

function inputOf(part: UserMessage['content'][number]): TurnInputItem {
  return part.type === 'text' ? { type: 'text', text: part.text } : fileOf(part);
}

function fileOf({ data, mediaType, filename }: LanguageModelV4FilePart): TurnInputItem {
  const isImage = mediaType === 'image' || mediaType.startsWith('image/');
  if (data.type === 'text') return { type: 'text', text: data.text };
  if (isImage && data.type === 'url') return { type: 'image', url: data.url.href };
  if (data.type === 'data') {
    const bytes = typeof data.data === 'string' ? Buffer.from(data.data, 'base64') : data.data;
    if (isImage) return ImageInput.fromBytes(bytes);
    if (mediaType.startsWith('text/'))
      return { type: 'text', text: Buffer.from(bytes).toString('utf8') };
  }
  throw new ValidationError('prompt', [
    {
      path: '',
      reason: `contains a file ${filename ?? ''} of type ${mediaType}, but codex-rs accepts only images and text: write the file to the working directory, and mention its name.`,
    },
  ]);
}
