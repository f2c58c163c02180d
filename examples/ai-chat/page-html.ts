export const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Chat</title>
<style>
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  main { max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }
  article { margin: 1rem 0; overflow-wrap: anywhere; }
  .user { background: light-dark(#eef3fb, #22304a); border-radius: .6rem; padding: .1rem 1rem; margin-left: 4rem; }
  .reasoning { opacity: .7; font-style: italic; }
  .tool { border: 1px solid light-dark(#0000002a, #ffffff2e); border-radius: .6rem; padding: .6rem 1rem; margin: .6rem 0; }
  pre { white-space: pre-wrap; margin: .4rem 0; }
  form { display: flex; gap: .6rem; }
  input { flex: 1; } input, button { font: inherit; padding: .4rem .8rem; }
  [role=alert] { color: light-dark(#b3261e, #ff8a80); }
</style>
<div id="root"></div>
<script type="module" src="/chat.js"></script>
</html>
`;
