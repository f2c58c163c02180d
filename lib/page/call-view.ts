import { markup, type Markup } from './markup.js';
import { data, foldView } from './item-view.js';
import { isRecord } from '../shapes.js';
import { isRefused, type RecordedCall } from './thread-export.js';

/** Renders a call of the model without an item: a plan, a refused command, or a tool that codex-rs runs itself. */
export function callView(call: RecordedCall): Markup {
  const plan = planIn(call);
  if (plan !== null) return planView(plan);
  const isBad = isRefused(call);
  return markup`<article class="item ${isBad ? 'command refused' : 'tool'}">${foldView({
    label: isBad ? 'Refused' : 'Call',
    title: markup`<code>${isBad ? subjectOf(call) : call.name}</code>`,
    mark: isBad ? markup`<span class="badge bad">refused</span>` : markup``,
    isOpen: isBad,
    body: markup`<p class="aside">${isBad ? `${call.name} was not run.` : 'Arguments'}</p>${data(call.arguments)}${call.output === null ? null : markup`<p class="aside">Answer to the model</p>${data(call.output)}`}`,
  })}</article>`;
}

/** A plan as the model wrote it. */
export interface RecordedPlan {
  readonly explanation: string | null;
  readonly steps: readonly { readonly step: string; readonly status: string }[];
}

/** Returns the plan of an `update_plan` call, or null for other calls. */
export function planIn({ name, arguments: text }: RecordedCall): RecordedPlan | null {
  if (name !== 'update_plan') return null;
  const { explanation, plan } = recordIn(text);
  if (!Array.isArray(plan)) return null;
  return {
    explanation: typeof explanation === 'string' && explanation !== '' ? explanation : null,
    steps: plan
      .filter(isRecord)
      .map(({ step, status }) => ({ step: String(step), status: String(status) })),
  };
}

/** Returns the refused command, or the name of the tool. */
export function subjectOf({ name, arguments: text }: RecordedCall): string {
  const { cmd, command } = recordIn(text);
  if (typeof cmd === 'string') return cmd;
  if (typeof command === 'string') return command;
  return Array.isArray(command) ? command.join(' ') : name;
}

function planView({ explanation, steps }: RecordedPlan): Markup {
  return markup`<article class="item reasoning plan"><header><span class="label">Plan</span></header>${
    explanation === null ? null : markup`<p>${explanation}</p>`
  }<ul class="steps">${steps.map(
    ({ step, status }) =>
      markup`<li class="${status === 'completed' ? 'done' : status === 'in_progress' ? 'doing' : 'open'}"><span class="state">${status.replace('_', ' ')}</span>${step}</li>`,
  )}</ul></article>`;
}

function recordIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}
