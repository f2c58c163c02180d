import { markup, type Markup } from './markup.js';

/**
 * Renders the text of a message with the most common parts of Markdown: fenced code, `code`, **bold**, headings. Links
 * and images stay text, so the page has no external links.
 */
export function prose(text: string): Markup {
  const parts = text.split(/^[ \t]*```[^\n]*\n?/m);
  return markup`<div class="prose">
    ${parts.map((part, index) =>
      index % 2 === 1
        ? markup`<pre class="code"><code>${part.replace(/\n$/, '')}</code></pre>`
        : paragraphs(part),
    )}
  </div>`;
}

function paragraphs(text: string): readonly Markup[] {
  return text
    .split(/\n{2,}/)
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const [, heading] = /^#{1,6} +([^\n]+)$/.exec(part.trim()) ?? [];
      return heading === undefined
        ? markup`<p>${inline(part.replace(/^\n+|\n+$/g, ''))}</p>`
        : markup`<p class="heading">${inline(heading)}</p>`;
    });
}

function inline(text: string): readonly (Markup | string)[] {
  return text.split(/(`[^`\n]+`|\*\*[^*\n]+\*\*)/).map((piece) => {
    if (/^`[^`]+`$/.test(piece)) return markup`<code>${piece.slice(1, -1)}</code>`;
    if (/^\*\*[^*]+\*\*$/.test(piece)) return markup`<strong>${piece.slice(2, -2)}</strong>`;
    return piece;
  });
}
