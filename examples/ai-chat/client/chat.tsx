// The page of the chat: useChat of the AI SDK, on the routes of ../chat-server.ts.
import { useChat } from '@ai-sdk/react';
import { DefaultChatTransport } from 'ai';
import { StrictMode, useState, type ReactElement } from 'react';
import { createRoot } from 'react-dom/client';
// In your own page: from 'codex-threads/ai-sdk'.
import type { CodexUIMessage } from '../../../lib/ai-sdk/ui-message.js';

type Part = CodexUIMessage['parts'][number];

async function post(path: string, body: object = {}): Promise<void> {
  await fetch(path, { method: 'POST', body: JSON.stringify(body) });
}

/** The pending approval of a command or a change. */
function Question(props: {
  readonly approval: { readonly id: string; readonly requestReason?: string };
  readonly chat: string;
}): ReactElement {
  const { id, requestReason = 'May I?' } = props.approval;
  const answer = (approved: boolean) => () =>
    void post(`${props.chat}/approvals`, { id, approved });
  return (
    <p className="question">
      {requestReason} <button onClick={answer(true)}>Allow</button>{' '}
      <button onClick={answer(false)}>Deny</button>
    </p>
  );
}

function PartView({ part, chat }: { readonly part: Part; readonly chat: string }): ReactElement {
  switch (part.type) {
    case 'text':
      return <p className="text">{part.text}</p>;
    case 'reasoning':
      return <p className="reasoning">{part.text}</p>;
    case 'tool-command':
      return (
        <section className="tool" data-state={part.state}>
          <code>{part.input?.command}</code>
          {part.state === 'approval-requested' && <Question approval={part.approval} chat={chat} />}
          {part.state === 'output-available' && <pre>{part.output.output}</pre>}
          {part.state === 'output-denied' && <p>Denied.</p>}
          {part.state === 'output-error' && <p>{part.errorText}</p>}
        </section>
      );
    case 'tool-fileChange':
      return (
        <section className="tool" data-state={part.state}>
          {part.input?.changes?.map((change) => (
            <pre key={change?.path}>{`${change?.path ?? ''}\n${change?.diff ?? ''}`}</pre>
          ))}
          {part.state === 'approval-requested' && <Question approval={part.approval} chat={chat} />}
        </section>
      );
    case 'data-plan':
      return (
        <ul>
          {part.data.plan.map(({ step, status }) => (
            <li key={step}>{`${step}: ${status}`}</li>
          ))}
        </ul>
      );
    default:
      return <></>;
  }
}

function Chat(props: { readonly id: string; readonly messages: CodexUIMessage[] }): ReactElement {
  const chat = `/api/chat/${props.id}`;
  const [text, setText] = useState('');
  const { messages, sendMessage, status, error } = useChat<CodexUIMessage>({
    ...props,
    // Asks for /api/chat/ID/stream when the page is loaded.
    resume: true,
    transport: new DefaultChatTransport({ api: '/api/chat' }),
  });
  const isBusy = status === 'submitted' || status === 'streaming';
  return (
    <main data-status={status}>
      {messages.map(({ id, role, parts }) => (
        <article key={id} className={role}>
          {parts.map((part, index) => (
            <PartView key={index} part={part} chat={chat} />
          ))}
        </article>
      ))}
      {error && <p role="alert">{error.message}</p>}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void sendMessage({ text });
          setText('');
        }}
      >
        <input
          aria-label="Message"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
          }}
        />
        {isBusy ? (
          // A turn continues when its stream is cut, so the server must stop it.
          <button type="button" onClick={() => void post(`${chat}/stop`)}>
            Stop
          </button>
        ) : (
          <button disabled={text.trim() === ''}>Send</button>
        )}
      </form>
    </main>
  );
}

if (location.hash === '') location.hash = crypto.randomUUID();
const id = location.hash.slice(1);
const response = await fetch(`/api/chat/${id}`);
const root = document.querySelector('#root');
if (root !== null)
  createRoot(root).render(
    <StrictMode>
      <Chat id={id} messages={(await response.json()) as CodexUIMessage[]} />
    </StrictMode>,
  );
