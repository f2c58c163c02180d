import { markup, type Markup } from './markup.js';
import type { RecordedSettings } from './thread-export.js';

/** Renders the effective settings as a list of terms. */
export function settingsView(settings: RecordedSettings): Markup {
  return termsView([
    ['Model', settings.model],
    ['Effort', settings.effort ?? 'default of the model'],
    ['Approvals', settings.approvalPolicy],
    ['Decided by', settings.approvalsReviewer],
    ['Sandbox', settings.sandbox],
    ['Directory', settings.workingDirectory],
  ]);
}

/** Renders terms with their values. Terms without a value are omitted. */
export function termsView(terms: readonly (readonly [string, string | null])[]): Markup {
  return markup`<dl>${terms.flatMap(([term, value]) =>
    value === null ? [] : [markup`<div><dt>${term}</dt><dd>${value}</dd></div>`],
  )}</dl>`;
}
