// Checks docs/parity.md: every spec it names exists, and every public member of the main classes is in it. usage: node scripts/check-parity.mjs [FILE]
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';

const classes = {
  codex: ['lib/codex.ts', 'Codex'],
  account: ['lib/account/account.ts', 'Account'],
  thread: ['lib/thread/thread.ts', 'Thread'],
  builder: ['lib/thread/thread-builder.ts', 'ThreadBuilder'],
  turn: ['lib/turn/turn.ts', 'Turn'],
};

/** The errors in the text of the page; empty if it is correct. */
export function objections(text) {
  const rows = rowsOf(text);
  const problems = rows.length === 0 ? ['it has no rows'] : rows.flatMap(problemsIn);
  const named = new Set(rows.flatMap((cells) => methodsIn(cells[3] ?? '')));
  const existing = existingMethods();
  for (const method of existing) if (!named.has(method)) problems.push(`no row contains ${method}`);
  for (const method of named) if (!existing.has(method)) problems.push(`${method} does not exist`);
  return problems;
}

function rowsOf(text) {
  return text
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\| *(-|Feature)/.test(line))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

function existingMethods() {
  return new Set(
    Object.entries(classes).flatMap(([name, [path, type]]) => publicMethods(name, path, type)),
  );
}

function problemsIn(cells) {
  const [feature, , , , proof = ''] = cells;
  if (cells.length !== 5) return [`"${feature}" has ${cells.length} cells instead of 5`];
  if (cells.includes('')) return [`"${feature}" has an empty cell`];
  const [, path, title] = /^`([^`]+)` › (.+)$/.exec(proof) ?? [];
  if (path === undefined) return [`"${feature}" does not name a spec: ${proof}`];
  if (!existsSync(resolve(path))) return [`"${feature}" names ${path}, which does not exist`];
  return titlesIn(path).includes(title)
    ? []
    : [`"${feature}" names a title that ${path} does not have: ${title}`];
}

function methodsIn(cell) {
  return [...cell.matchAll(/`(codex|account|thread|builder|turn)\.(\w+)/g)].map(
    ([, name, method]) => `${name}.${method}`,
  );
}

function parsed(path) {
  return ts.createSourceFile(
    path,
    readFileSync(resolve(path), 'utf8'),
    ts.ScriptTarget.ES2022,
    true,
  );
}

function titlesIn(path) {
  const titles = [];
  const visit = (node) => {
    if (ts.isCallExpression(node) && node.expression.getText() === 'it') {
      const [title] = node.arguments;
      if (title && ts.isStringLiteralLike(title)) titles.push(title.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(parsed(path));
  return titles;
}

function publicMethods(name, path, type) {
  const found = parsed(path).statements.find(
    (node) => ts.isClassDeclaration(node) && node.name?.text === type,
  );
  if (found === undefined) throw new Error(`${path} has no class ${type}`);
  return found.members
    .filter(
      (member) =>
        (ts.isMethodDeclaration(member) ||
          ts.isGetAccessor(member) ||
          ts.isPropertyDeclaration(member)) &&
        ts.isIdentifier(member.name) &&
        !isHidden(member),
    )
    .map((member) => `${name}.${member.name.text}`);
}

function isHidden(member) {
  const { Private, Static } = ts.ModifierFlags;
  if (ts.getCombinedModifierFlags(member) & (Private | Static)) return true;
  return ts.getJSDocTags(member).some((tag) => tag.tagName.text === 'internal');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const problems = objections(readFileSync(process.argv[2] ?? 'docs/parity.md', 'utf8'));
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
