import { added, type TurnUsage } from '../turn/usage.js';
import { markup, type Markup } from './markup.js';
import { settingsView, termsView } from './settings-view.js';
import type { ThreadExport } from './thread-export.js';
import { usageChart } from './usage-chart.js';
import { amount, counted, duration, moment } from './wording.js';

/** Renders the head of the page: the thread, its settings and its usage. */
export function headView(title: string, exported: ThreadExport): Markup {
  const { thread, labels, details } = exported;
  const settings = thread.turns.map(({ id }) => details?.[id]?.settings ?? null);
  const first = settings.find((given) => given !== null) ?? null;
  return markup`<header class="head"><h1>${title}</h1><p class="id"><code>${thread.id}</code></p>${labelsView(labels)}<div class="numbers">${numbersOf(
    exported,
  ).map(([value, noun]) => markup`<span><b>${value}</b> ${noun}</span>`)}</div>${usageChart(
    thread.turns.map(({ id, durationMs }) => ({ usage: details?.[id]?.usage ?? null, durationMs })),
  )}<div class="cards"><section><h2>Thread</h2>${termsView(factsOf(thread))}</section><section><h2>Settings</h2>${
    first === null
      ? markup`<p class="aside">${details === null ? 'Not available: the rollout file was not read.' : 'Not recorded.'}</p>`
      : settingsView(first)
  }</section></div></header>`;
}

function labelsView(labels: ThreadExport['labels']): Markup | null {
  const entries = Object.entries(labels);
  if (entries.length === 0) return null;
  return markup`<ul class="labels">${entries.map(([name, value]) => markup`<li><span>${name}</span>${value}</li>`)}</ul>`;
}

function numbersOf({ thread, details }: ThreadExport): readonly (readonly [string, string])[] {
  const items = thread.turns.flatMap((turn) => turn.items);
  const commands = items.filter(({ type }) => type === 'commandExecution');
  const files = new Set(
    items.flatMap((item) =>
      item.type === 'fileChange' ? item.changes.map(({ path }) => path) : [],
    ),
  );
  const usages = thread.turns
    .map(({ id }) => details?.[id]?.usage ?? null)
    .filter((usage) => usage !== null);
  const took = thread.turns.reduce((total, { durationMs }) => total + (durationMs ?? 0), 0);
  return [
    number(thread.turns.length, 'turn'),
    number(items.length, 'item'),
    number(commands.length, 'command'),
    number(files.size, 'changed file'),
    [duration(took), 'of work'],
    ...(usages.length === 0 ? [] : [tokens(usages.reduce(added))]),
  ];
}

function number(count: number, noun: string): readonly [string, string] {
  return [amount(count), counted(count, noun).replace(/^\S+ /, '')];
}

function tokens({ totalTokens }: TurnUsage): readonly [string, string] {
  return [amount(totalTokens), 'tokens'];
}

function factsOf(thread: ThreadExport['thread']): readonly (readonly [string, string | null])[] {
  const { gitInfo, name } = thread;
  return [
    ['Name', name],
    ['Created', moment(thread.createdAt * 1000)],
    ['Last change', moment(thread.updatedAt * 1000)],
    ['Model', thread.model],
    ['Provider', thread.modelProvider],
    ['Directory', thread.cwd],
    ['Commit', gitInfo?.sha ?? null],
    ['Branch', gitInfo?.branch ?? null],
    ['Forked from', thread.forkedFromId],
    ['codex-rs', thread.cliVersion],
    ['Client', thread.originator],
  ];
}
