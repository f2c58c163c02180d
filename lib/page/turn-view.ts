import { isDeepStrictEqual } from 'node:util';
import type { ApprovalReport } from '../approvals/approval-report.js';
import type { RecordedTurn } from '../record/recorded-history.js';
import { callView } from './call-view.js';
import { itemView } from './item-view.js';
import { markup, type Markup } from './markup.js';
import { settingsView } from './settings-view.js';
import { isRefused, type RecordedSettings, type TurnDetails } from './thread-export.js';
import { timeLine } from './time-line.js';
import { turnEntries } from './turn-entries.js';
import { counted, duration, failureText, moment, tokens } from './wording.js';

/** A turn with its details. */
export interface ShownTurn {
  readonly number: number;
  readonly turn: RecordedTurn;
  readonly details: TurnDetails | null;
  /** The settings of the previous turn, or null. */
  readonly before: RecordedSettings | null;
  /** The decisions from the caller, or null if none were passed. */
  readonly approvals: readonly ApprovalReport[] | null;
}

/** Renders one turn of a thread with its items. */
export function turnView(shown: ShownTurn): Markup {
  const { number, turn, details, before } = shown;
  const settings = details?.settings ?? null;
  const changed = before !== null && settings !== null && !isDeepStrictEqual(before, settings);
  return markup`<section class="turn ${lengthOf(turn)}" id="turn-${number}"><header class="turn-head"><h2>Turn ${number}</h2><span class="badge ${mood(turn)}">${statusOf(turn)}</span><span class="facts">${factsOf(shown).map((fact) => markup`<span>${fact}</span>`)}</span></header>${timeLine(turn)}${
    changed
      ? markup`<div class="new-settings"><p class="aside">Settings from this turn on</p>${settingsView(settings)}</div>`
      : null
  }${turnEntries(turn, details).map((entry) => ('call' in entry ? callView(entry.call) : itemView(entry.item)))}${approvalsView(shown)}${failureView(turn)}</section>`;
}

/** Returns the approximate height of the turn on the page, so that the scroll bar is correct before layout. */
function lengthOf({ items: { length } }: RecordedTurn): string {
  if (length <= 4) return 'short';
  if (length <= 12) return 'middling';
  return length <= 50 ? 'long' : 'endless';
}

/** Returns the outcome of a turn. An unfinished turn has the status of an interrupted one, without a completion time. */
export function statusOf({ status, completedAt }: RecordedTurn): string {
  return status === 'interrupted' && completedAt === null ? 'unfinished' : status;
}

function mood({ status }: RecordedTurn): string {
  return status === 'completed' ? 'good' : status === 'failed' ? 'bad' : 'warn';
}

function factsOf({ turn, details }: ShownTurn): readonly string[] {
  const { startedAt, durationMs, items } = turn;
  const usage = details?.usage ?? null;
  return [
    ...(startedAt === null ? [] : [moment(startedAt * 1000)]),
    ...(durationMs === null ? [] : [duration(durationMs)]),
    counted(items.length, 'item'),
    ...(usage === null ? [] : [tokens(usage)]),
  ];
}

function approvalsView({ details, approvals }: ShownTurn): Markup | null {
  if (approvals !== null && approvals.length > 0)
    return markup`<div class="approvals"><p class="aside">Approvals</p><div class="scroll"><table class="plain"><tbody>${approvals.map(
      ({ kind, method, decision, why, reason, waitedMs }) =>
        markup`<tr><td>${kind ?? method}</td><td><span class="badge ${decision === 'allow' ? 'good' : 'bad'}">${decision ?? 'no decision'}</span></td><td>${deciders[why]}${reason === null ? null : `: ${reason}`}</td><td>${duration(waitedMs)}</td></tr>`,
    )}</tbody></table></div></div>`;
  const { settings = null, calls = [] } = details ?? {};
  const refused = calls.filter(isRefused).length;
  if (settings === null || (settings.approvalPolicy ?? 'never') === 'never') return null;
  return markup`<p class="aside approvals">Approvals: policy <code>${settings.approvalPolicy}</code>, decided by <code>${settings.approvalsReviewer ?? 'user'}</code>; ${refused === 0 ? 'no call was refused' : `${counted(refused, 'call')} refused`}. The history does not contain the individual decisions.</p>`;
}

const deciders: Readonly<Record<ApprovalReport['why'], string>> = {
  handler: 'approval handler',
  threw: 'default: the handler failed',
  late: 'default: the handler timed out',
  invalid: 'default: the handler made no decision',
  'no-handler': 'default: no handler',
  withdrawn: 'no longer needed',
  unreadable: 'default: the request could not be read',
  unsupported: 'default: handlers cannot decide this request',
};

function failureView(turn: RecordedTurn): Markup | null {
  const { error } = turn;
  if (error !== null)
    return markup`<div class="failure"><p><b>The turn failed.</b> ${failureText(error.message)}</p>${error.additionalDetails === null ? null : markup`<p>${error.additionalDetails}</p>`}</div>`;
  return statusOf(turn) === 'unfinished'
    ? markup`<p class="aside">The history does not contain the end of this turn: it is running in another process, or its process was killed.</p>`
    : null;
}
