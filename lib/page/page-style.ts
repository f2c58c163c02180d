/** The style of the page. It loads no resources. */
export const pageStyle = `
:root { color-scheme: light dark; font: 15px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif;
  --back: light-dark(#f6f7f9, #14161b); --card: light-dark(#fff, #1b1e25); --sunk: light-dark(#f1f3f6, #13151a); --line: light-dark(#dfe3e9, #30343e);
  --text: light-dark(#1d2129, #e4e7ee); --soft: light-dark(#586072, #9aa3b5); --link: light-dark(#1f5fd0, #86b0ff);
  --good: light-dark(#17703a, #62d48b); --bad: light-dark(#b3261e, #ff8f86); --warn: light-dark(#8a5a00, #e9bd55);
  --message: light-dark(#3668d8, #6f9dff); --reasoning: light-dark(#8150c8, #bb94f7); --command: light-dark(#0f7d86, #4cc5cf);
  --file: light-dark(#b2570d, #f0a35e); --tool: light-dark(#a8326f, #f08bbb); --other: light-dark(#6b7383, #8d96a8);
  --removed: light-dark(#ffe9e7, #3a1f21); --added: light-dark(#e2f6e8, #17321f); }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; background: var(--back); }
body { margin: 0; color: var(--text); overflow-wrap: anywhere; }
code, pre, .diff { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .87em; }
.layout { display: flex; justify-content: center; gap: 2rem; max-width: 84rem; margin: 0 auto; padding: 0 1.25rem; }
main { flex: 1; min-width: 0; max-width: 64rem; padding: 2rem 0 3rem; }
nav { width: 15rem; flex: none; position: sticky; top: 0; align-self: flex-start; max-height: 100vh; overflow: auto; padding: 2rem 0; font-size: .87rem; }
nav summary { font-weight: 600; cursor: pointer; margin-bottom: .5rem; }
nav ol { list-style: none; margin: 0; padding: 0; }
nav li { content-visibility: auto; contain-intrinsic-size: auto 1.9rem; }
nav a { display: block; padding: .2rem .6rem; border-left: 2px solid var(--line); color: var(--soft); text-decoration: none; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
nav a:hover, nav a:focus-visible { color: var(--text); border-color: var(--link); }
nav a b { color: var(--text); font-variant-numeric: tabular-nums; }
nav .failed i { color: var(--bad); } nav .interrupted i { color: var(--warn); }
h1 { font-size: 1.65rem; line-height: 1.25; margin: 0; letter-spacing: -.01em; }
h2 { font-size: 1.05rem; margin: 0; }
.head { margin-bottom: 2.5rem; }
.id { margin: .3rem 0 0; color: var(--soft); }
.labels { list-style: none; display: flex; flex-wrap: wrap; gap: .4rem; margin: .9rem 0 0; padding: 0; font-size: .85rem; }
.labels li { border: 1px solid var(--line); border-radius: 99px; padding: .08rem .7rem; background: var(--card); }
.labels span { color: var(--soft); margin-right: .45rem; }
.numbers { display: flex; flex-wrap: wrap; gap: .4rem 2rem; margin: 1.3rem 0; color: var(--soft); }
.numbers b { color: var(--text); font-size: 1.25rem; font-variant-numeric: tabular-nums; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 1rem; }
.cards section, .chart, .new-settings { background: var(--card); border: 1px solid var(--line); border-radius: .7rem; padding: .9rem 1.1rem; }
.cards h2 { font-size: .95rem; margin-bottom: .5rem; }
dl { margin: 0; font-size: .9rem; }
dl div { display: flex; gap: .8rem; padding: .12rem 0; }
dt { color: var(--soft); flex: 0 0 6.5rem; } dd { margin: 0; min-width: 0; }
.chart { margin: 0 0 1rem; }
.chart figcaption { display: flex; flex-wrap: wrap; align-items: baseline; gap: .2rem 1.2rem; font-size: .85rem; }
.chart .most { margin-left: auto; color: var(--soft); font-variant-numeric: tabular-nums; }
.chart svg { display: block; width: 100%; height: 6.5rem; margin: .5rem 0 .9rem; border-bottom: 1px solid var(--line); }
.chart svg + .axis { margin-top: -.6rem; }
.chart figcaption ~ figcaption + svg { height: 3rem; }
.axis { display: flex; justify-content: space-between; font-size: .8rem; color: var(--soft); }
.legend { display: flex; flex-wrap: wrap; gap: 0 1rem; color: var(--soft); }
.key { display: inline-block; width: .65rem; height: .65rem; border-radius: 2px; margin-right: .35rem; }
.cached { fill: var(--other); background: var(--other); } .input { fill: var(--message); background: var(--message); }
rect.reasoning, .key.reasoning { fill: var(--reasoning); background: var(--reasoning); } .key.output { background: var(--command); } rect.output { fill: var(--command); } .time { fill: var(--other); }
rect.message { fill: var(--message); } rect.command { fill: var(--command); } rect.file { fill: var(--file); } rect.tool { fill: var(--tool); } rect.other { fill: var(--other); }
.turn { margin: 0 0 2.8rem; padding-top: 1rem; }
.turn-head { display: flex; flex-wrap: wrap; align-items: baseline; gap: .2rem .7rem; border-bottom: 1px solid var(--line); padding-bottom: .45rem; }
.facts { display: flex; flex-wrap: wrap; gap: 0 1.1rem; margin-left: auto; color: var(--soft); font-size: .85rem; font-variant-numeric: tabular-nums; }
.timeline { display: block; width: 100%; height: .55rem; margin: .6rem 0 0; border-radius: 3px; background: var(--sunk); }
.badge { font-size: .76rem; font-weight: 600; border-radius: .35rem; padding: .06rem .45rem; white-space: nowrap; background: var(--sunk); color: var(--soft); }
.good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); }
.turn.short { content-visibility: auto; contain-intrinsic-size: auto 14rem; } .turn.middling { content-visibility: auto; contain-intrinsic-size: auto 40rem; } .turn.long { content-visibility: auto; contain-intrinsic-size: auto 100rem; }
.endless .item { content-visibility: auto; contain-intrinsic-size: auto 3rem; }
.item { margin-top: .75rem; border-left: 3px solid var(--other); padding: .35rem 0 .35rem .95rem; }
.item.message { border-color: var(--message); } .item.reasoning { border-color: var(--reasoning); } .item.command { border-color: var(--command); } .item.file { border-color: var(--file); } .item.tool { border-color: var(--tool); } .item.refused { border-color: var(--bad); }
.item.userMessage { background: var(--card); border: 1px solid var(--line); border-left: 3px solid var(--message); border-radius: .3rem .7rem .7rem .3rem; padding: .7rem 1rem; }
.label { font-size: .8rem; font-weight: 600; color: var(--soft); flex: none; }
summary { cursor: pointer; display: flex; align-items: baseline; gap: .7rem; list-style: none; border-radius: .3rem; }
summary::-webkit-details-marker { display: none; }
summary::before { content: "▸"; color: var(--soft); width: .6rem; flex: none; } details[open] > summary::before { content: "▾"; }
summary:hover .title { text-decoration: underline; text-decoration-color: var(--line); text-underline-offset: .2em; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.title { min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; flex: 0 1 auto; }
details[open] > summary .title { white-space: pre-wrap; }
.took { color: var(--soft); font-size: .82rem; margin-left: auto; white-space: nowrap; font-variant-numeric: tabular-nums; }
.prose p, p { margin: .35rem 0; } .prose p { white-space: pre-wrap; } .prose .heading { font-weight: 650; margin-top: .9rem; }
.prose code { background: var(--sunk); border-radius: .25rem; padding: .05rem .3rem; } .prose pre code { background: none; padding: 0; }
.aside { color: var(--soft); font-size: .87rem; }
pre { margin: .5rem 0; padding: .7rem .9rem; background: var(--sunk); border: 1px solid var(--line); border-radius: .5rem; overflow: auto; max-height: 32rem; white-space: pre-wrap; }
img { max-width: 100%; border-radius: .5rem; }
.patch { margin: .5rem 0 .9rem; } .path { margin: 0 0 .35rem; } .plus { color: var(--good); } .minus { color: var(--bad); } .plus, .minus { font-size: .85rem; font-weight: 600; }
.scroll { overflow-x: auto; }
.patch .scroll { border: 1px solid var(--line); border-radius: .5rem; background: var(--card); max-height: 40rem; overflow: auto; }
table { border-collapse: collapse; }
.diff { width: 100%; table-layout: fixed; line-height: 1.5; }
.diff td { padding: 0 .6rem; white-space: pre-wrap; vertical-align: top; }
col.no { width: 3.4rem; } .diff .no { text-align: right; color: var(--soft); user-select: none; }
.diff .old { border-right: 1px solid var(--line); }
.changed .old, .removed .old { background: var(--removed); } .changed .new, .added .new { background: var(--added); }
.diff .added .old, .diff .removed .new { background: var(--sunk); }
.hunk td, .note td { color: var(--soft); background: var(--sunk); padding-block: .15rem; }
.plain { font-size: .9rem; } .plain td { padding: .2rem 1.2rem .2rem 0; }
.steps { list-style: none; margin: .3rem 0; padding: 0; } .steps li { padding: .1rem 0; } .state { display: inline-block; min-width: 6.2rem; font-size: .82rem; color: var(--soft); }
.done .state { color: var(--good); } .doing .state { color: var(--link); font-weight: 600; }
.failure { border: 1px solid var(--bad); border-radius: .5rem; padding: .5rem .9rem; margin-top: .9rem; }
.turn > .new-settings { margin-top: .8rem; } .turn > .approvals { margin-top: .9rem; }
footer { color: var(--soft); font-size: .85rem; border-top: 1px solid var(--line); padding-top: .8rem; }
@media (max-width: 60rem) { .layout { display: block; } nav { position: static; width: auto; max-height: 13rem; padding: 1rem 0 0; } main { padding-top: 1.2rem; } }
@media (max-width: 42rem) {
  .layout { padding: 0 .9rem; } .facts { margin-left: 0; } h1 { font-size: 1.35rem; } .item { padding-left: .7rem; }
  .diff, .diff tbody, .diff tr { display: block; } .diff td { display: inline-block; } .diff .no { display: none; }
  .diff .old, .diff .new, .hunk td, .note td { display: block; border: 0; width: 100%; } .diff .same .new, .diff .added .old, .diff .removed .new { display: none; }
}
@media print {
  :root { color-scheme: light; font-size: 10pt; } html { background: #fff; } nav { display: none; } main { padding: 0; max-width: none; }
  .turn.short, .turn.middling, .turn.long, .endless .item { content-visibility: visible; } details::details-content { content-visibility: visible; block-size: auto; display: block; }
  summary::before, details[open] > summary::before { display: none; } .title { white-space: pre-wrap; } pre, .patch .scroll { max-height: none; overflow: visible; }
  .turn-head, summary { break-after: avoid; } .item.userMessage, .chart, .cards section, tr { break-inside: avoid; }
}
`;
