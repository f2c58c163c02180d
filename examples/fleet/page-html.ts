// Texts of threads reach the page only as text nodes, so they cannot become markup.
export const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Fleet</title>
<style>
  :root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif; --line: light-dark(#0000002a, #ffffff2e);
    --run: light-dark(#0b62d6, #7db3ff); --good: light-dark(#1b7f37, #57d27a); --bad: light-dark(#c02626, #ff8a80); --wait: light-dark(#8a6100, #e8c05a); }
  body { margin: 2rem auto; max-width: 74rem; padding: 0 1rem; background: light-dark(#fbfbfd, #15171c); color: light-dark(#1c1e24, #e6e8ee); }
  h1 { font-size: 1.35rem; margin: 0; }
  h2 { font-size: .8rem; margin: 1.8rem 0 .6rem; text-transform: uppercase; letter-spacing: .07em; opacity: .65; }
  header.top { display: flex; justify-content: space-between; align-items: baseline; flex-wrap: wrap; gap: .3rem 2rem; }
  header.top p { margin: 0; opacity: .7; }
  #counts { display: flex; flex-wrap: wrap; margin-top: 1rem; border: 1px solid var(--line); border-radius: .6rem; background: light-dark(#fff, #1c1f26); }
  #counts span { flex: 1; min-width: 6rem; padding: .6rem 1rem; opacity: .9; font-size: .85rem; }
  #counts b { font-size: 1.6rem; line-height: 1.2; font-variant-numeric: tabular-nums; display: block; }
  #workers { display: grid; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); gap: .8rem; }
  .worker { border: 1px solid var(--line); border-radius: .6rem; padding: .7rem .9rem; background: light-dark(#fff, #1c1f26); }
  .worker > header { display: flex; justify-content: space-between; font-weight: 600; gap: 1rem; }
  .worker.silent, .worker.down { opacity: .55; border-style: dashed; }
  .turn { margin: .45rem 0 0; padding-top: .45rem; border-top: 1px solid var(--line); overflow-wrap: anywhere; font-size: .92rem; }
  .turn b { font-weight: 600; margin-right: .5rem; }
  .rest { margin: .45rem 0 0; opacity: .5; font-size: .92rem; }
  .tag { font-size: .8rem; font-weight: 600; }
  .started, .up, .busy { color: var(--run); } .ended { color: var(--good); } .failed, .silent .tag, .down .tag { color: var(--bad); } .put-off { color: var(--wait); }
  .scroll { overflow-x: auto; }
  table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
  th { font-size: .8rem; opacity: .65; font-weight: 600; }
  th, td { text-align: left; padding: .35rem .9rem .35rem 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
  code { font-size: .85em; opacity: .8; }
</style>
<header class="top"><h1>Fleet</h1><p>Kill a worker and watch: another worker continues its turns.</p></header>
<div id="counts"></div>
<h2>Workers</h2>
<div id="workers"></div>
<h2>Threads</h2>
<div class="scroll"><table><thead><tr><th>Thread<th>Turn<th>Worker<th>State<th>Version</thead><tbody id="threads"></tbody></table></div>
<script>
  const element = (name, text, className) => Object.assign(document.createElement(name), { textContent: text ?? '', className: className ?? '' });
  const workers = new Map(), threads = new Map();

  const worker = (name) => {
    if (!workers.has(name)) {
      const card = element('article', '', 'worker'), head = element('header'), tag = element('span', '', 'tag');
      card.dataset.worker = name;
      head.append(element('span', name), tag);
      const rest = element('p', 'Waiting for a turn.', 'rest');
      card.append(head, rest);
      document.querySelector('#workers').append(card);
      workers.set(name, { card, tag, rest, turns: new Map(), state: 'up' });
    }
    return workers.get(name);
  };
  const row = (name) => {
    if (!threads.has(name)) {
      const line = element('tr');
      line.append(...Array.from({ length: 4 }, () => element('td')));
      const version = element('td');
      version.append(element('code'));
      line.append(version);
      line.dataset.thread = name;
      line.firstChild.textContent = name;
      document.querySelector('#threads').append(line);
      threads.set(name, line);
    }
    return threads.get(name);
  };
  const show = (shown) => {
    const { card, tag, rest, turns, state } = shown;
    card.classList.toggle('down', state === 'down');
    card.classList.toggle('silent', state === 'silent');
    tag.textContent = state === 'up' ? (turns.size > 0 ? 'runs ' + turns.size : 'idle') : state;
    tag.className = 'tag ' + (state === 'up' && turns.size > 0 ? 'busy' : '');
    rest.hidden = turns.size > 0;
    rest.textContent = state === 'up' ? 'Waiting for a turn.' : 'Other workers have its turns.';
  };
  const drop = (shown, turn) => {
    shown.turns.get(turn)?.remove();
    shown.turns.delete(turn);
  };
  const source = new EventSource('events');
  source.addEventListener('event', ({ data }) => {
    const { worker: name, kind, thread, turn, text, token } = JSON.parse(data);
    const shown = worker(name);
    shown.state = kind === 'down' || kind === 'silent' ? kind : 'up';
    if (kind === 'delta') {
      shown.turns.get(turn)?.lastChild.append(text);
    } else if (turn !== undefined) {
      // A turn is shown at one worker only.
      for (const other of workers.values()) if (kind === 'started' || other === shown) { drop(other, turn); show(other); }
      if (kind === 'started') {
        const line = element('p', '', 'turn');
        line.append(element('b', turn), element('span'));
        shown.card.append(line);
        shown.turns.set(turn, line);
      }
    } else if (kind === 'down' || kind === 'silent') {
      for (const running of [...shown.turns.keys()]) drop(shown, running);
    }
    show(shown);
    if (thread === undefined || kind === 'delta') return;
    const [, turnCell, workerCell, state, version] = row(thread).children;
    turnCell.textContent = turn ?? '';
    workerCell.textContent = name;
    state.textContent = { started: 'runs', ended: text ?? 'ended', 'put-off': 'waits: ' + text, failed: 'failed: ' + text }[kind] ?? kind;
    state.className = kind;
    if (token !== undefined) version.firstChild.textContent = token;
  });
  source.addEventListener('counts', ({ data }) => {
    document.querySelector('#counts').replaceChildren(...Object.entries(JSON.parse(data)).map(([name, count]) => {
      const entry = element('span', name);
      entry.prepend(element('b', count));
      return entry;
    }));
  });
</script>
</html>
`;
