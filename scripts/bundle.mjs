// Bundles the output of tsc in .build/package to dist: few files instead of hundreds, since every file adds import time.
// usage: node scripts/bundle.mjs
//
// dist/cjs     what Node runs: CommonJS in a few parts, each loaded when one of its modules is first used
// dist/esm     for `import` in Node: the exports of dist/cjs
// dist/bundle  for bundlers: ES modules, which they can shake, and which use the decorator libraries of the application
import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, posix, relative, resolve } from 'node:path';

const from = resolve('.build/package');
const cjs = resolve('dist/cjs');
// Each module as a separate part, which shows when it is needed.
const modules = resolve('.build/modules');
const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const entries = Object.values(manifest.exports)
  .filter((conditions) => typeof conditions === 'object')
  .map(({ require: { default: file } }) => posix.relative('dist/cjs', file));
const programs = Object.values(manifest.bin).map((file) => posix.relative('dist/cjs', file));
const common = {
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  packages: 'external',
  write: false,
  absWorkingDir: from,
  logLevel: 'warning',
};
const host = 'transport/host.js';
// Loaded by an import, so that it knows the types of the application's decorated classes.
const metadata = 'transport/metadata.js';
const decorators = /^(class-validator|class-transformer)$/;

const { outputs, inputs } = await writeForBundlers();
const reached = reachedModules();
await writeLibraries();
await writeParts(modules, new Map([...reached.keys()].map((module) => [module, module])));
await writeParts(cjs, partsAsNeeded());
for (const program of programs) chmodSync(join(cjs, program), 0o755);
for (const entry of entries) write(`dist/esm/${entry}`, exportsOf(entry));
for (const file of declarations())
  for (const format of ['esm', 'cjs'])
    write(`dist/${format}/${file}`, readFileSync(join(from, file), 'utf8'));

async function writeForBundlers() {
  const { outputFiles, metafile } = await build({
    ...common,
    entryPoints: [...entries, ...programs],
    outdir: 'out',
    format: 'esm',
    splitting: true,
    chunkNames: '[name]-[hash]',
    metafile: true,
    plugins: [outside(/here\.cjs$/, () => '#/transport/here.cjs')],
  });
  for (const { path, text } of outputFiles) {
    const file = relative(join(from, 'out'), path);
    if (!programs.includes(file))
      write(`dist/bundle/${file}`, located(hidden(withClassNames(text)), file));
  }
  const here = 'transport/here.cjs';
  write(`dist/bundle/${here}`, readFileSync(join(from, here), 'utf8'));
  return metafile;
}

/** webpack would replace an imported `createRequire` by its own, which has no `cache` and accepts only constant paths. */
function hidden(text) {
  return text.replace(
    /^import \{ (createRequire)( as )?(\w*) \} from "node:module";$/gm,
    (_, name, as, local) =>
      `const { ${name}${as ? `: ${local}` : ''} } = process.getBuiltinModule("node:module");`,
  );
}

/** The modules with the entries and programs that reach each. */
function reachedModules() {
  const reached = new Map();
  const visit = (module, user) => {
    const users = reached.get(module) ?? new Set();
    if (users.has(user)) return;
    reached.set(module, users.add(user));
    for (const { path, external } of inputs[module].imports) if (!external) visit(path, user);
  };
  for (const user of [...entries, ...programs]) visit(user, user);
  return reached;
}

/** Writes the decorator libraries without unused code. */
async function writeLibraries() {
  const { outputFiles, metafile } = await build({
    ...common,
    stdin: {
      contents: `export const here = __filename;\n${usedOfLibraries()}`,
      resolveDir: resolve('.'),
    },
    entryPoints: { [metadata.replace(/\.js$/, '')]: 'reflect-metadata' },
    outdir: 'out',
    format: 'cjs',
    packages: 'bundle',
    // The bundler builds of class-validator and class-transformer allow esbuild to remove unused code.
    mainFields: ['module', 'main'],
    minify: true,
    metafile: true,
  });
  for (const directory of [modules, cjs]) {
    for (const { path, text } of outputFiles) {
      const file = relative(join(from, 'out'), path);
      write(join(directory, file === 'stdin.js' ? host : file), text);
    }
    write(join(directory, 'package.json'), '{ "type": "commonjs" }\n');
  }
  write('dist/THIRD-PARTY-LICENSES.txt', licenses(metafile));
}

/**
 * Writes the modules as CommonJS in the given parts. An entry or program is a separate part.
 *
 * @param parts - the file of each module
 */
async function writeParts(directory, parts) {
  for (const part of new Set(parts.values())) {
    const members = [...parts.keys()].filter((module) => parts.get(module) === part);
    const isPublic = isEntry(part);
    const namespaces = members.map((module) => `export * as '${module}' from './${module}';\n`);
    const { outputFiles } = await build({
      ...common,
      ...(isPublic
        ? { entryPoints: [part] }
        : { stdin: { contents: namespaces.join(''), resolveDir: from } }),
      format: 'cjs',
      // Jest refuses import() inside its sandbox.
      supported: { 'dynamic-import': false },
      plugins: [
        outside(/here\.cjs$/, () => `#/${host}`),
        outside(decorators, () => `#/${host}`),
        outside(/^reflect-metadata$/, () => `#/${metadata}`),
        outside(/^\.{1,2}\//, ({ path, resolveDir, kind }) => {
          const module = relative(from, resolve(resolveDir, path));
          // What import() loads in the same part would otherwise be evaluated with it.
          const isInside = parts.get(module) === part && kind !== 'dynamic-import';
          return isInside ? undefined : `#/${parts.get(module)}#${module}`;
        }),
      ],
    });
    write(join(directory, part), located(lazy(withClassNames(outputFiles[0].text)), part));
  }
}

function isEntry(module) {
  return entries.includes(module) || programs.includes(module);
}

/**
 * The part of each module: `first.js` has what an import evaluates, `start.js` what else a first turn needs before
 * codex-rs starts, and `later.js` the rest, which loads while codex-rs starts.
 */
function partsAsNeeded() {
  const imported = loadedModules('');
  const started = loadedModules(`
    process.getBuiltinModule('node:child_process').spawn = report;
    const codex = new core.Codex({ codexPath: process.execPath, codexHome: ${JSON.stringify(modules)} });
    codex.startThread({ workingDirectory: ${JSON.stringify(modules)} }).runStreamed('Any').result();
    await new Promise(() => undefined);`);
  return new Map(
    [...reached].map(([module, users]) => {
      if (isEntry(module)) return [module, module];
      if (imported.has(module)) return [module, 'first.js'];
      if (started.has(module)) return [module, 'start.js'];
      if (users.has('index.js')) return [module, 'later.js'];
      const [user] = users;
      return [
        module,
        users.size === 1 ? posix.join(posix.dirname(user), 'modules.js') : 'shared.js',
      ];
    }),
  );
}

/** The modules that are loaded once all exports of the main entry have been read and the steps are done. */
function loadedModules(steps) {
  const program = `
    const report = () => {
      process.stdout.write(JSON.stringify(Object.keys(require.cache)));
      process.exit();
    };
    const core = require(${JSON.stringify(join(modules, 'index.js'))});
    void Object.values(core);
    void (async () => {${steps}})().then(report);`;
  const env = { PATH: process.env.PATH, HOME: modules };
  const files = JSON.parse(execFileSync(process.execPath, ['-e', program], { env }));
  return new Set(files.map((file) => relative(modules, file)));
}

/** Makes each `require` happen at the first use of what it returns, except those of packages that may not be installed. */
function lazy(text) {
  const first = new Map();
  const renamed = new Map();
  const declared = text.replace(
    /^var (import_\w+) = ((?:__toESM\()?require\("([^"]+)"\).*);\n/gm,
    (line, name, value, required) => {
      if (required in manifest.peerDependencies || required === `#/${metadata}`) return line;
      const known = first.get(value);
      renamed.set(name, known ?? name);
      if (known !== undefined) return '';
      first.set(value, name);
      return `const ${name} = { get $() { const $ = ${value}; Object.defineProperty(this, "$", { value: $ }); return $; } };\n`;
    },
  );
  return declared.replace(/\b(import_\w+)\./g, (use, name) =>
    renamed.has(name) ? `${renamed.get(name)}.$.` : use,
  );
}

/** Replaces the references to files by relative paths. */
function located(text, file) {
  return text.replace(/"#\/([^"#]+)(?:#([^"]+))?"(\))?/g, (_, target, module, end = '') => {
    const path = posix.relative(posix.dirname(file), target);
    const reference = `"${path.startsWith('.') ? path : `./${path}`}"${end}`;
    return module === undefined || isEntry(target) ? reference : `${reference}["${module}"]`;
  });
}

/** The exports of an entry of dist/cjs as an ES module. Node's own import of CommonJS would have to parse it for them. */
function exportsOf(entry) {
  const output = Object.values(outputs).find(({ entryPoint }) => entryPoint === entry);
  if (output.exports.length === 0) return 'export {};\n';
  const path = posix.relative(`dist/esm/${posix.dirname(entry)}`, `dist/cjs/${entry}`);
  return `import { createRequire } from 'node:module';
export const { ${output.exports.join(', ')} } = createRequire(import.meta.url)('${path}');
`;
}

/** A plugin that leaves an import outside, with another path. */
function outside(filter, pathOf) {
  return {
    name: 'outside',
    setup: ({ onResolve }) =>
      onResolve({ filter }, (given) => {
        const path = given.kind === 'entry-point' ? undefined : pathOf(given);
        return path === undefined ? undefined : { path, external: true };
      }),
  };
}

/** The parts of the decorator libraries that this library uses. */
function usedOfLibraries() {
  const used = new Map([
    ['class-transformer', new Set()],
    ['class-validator', new Set()],
  ]);
  for (const file of readdirSync(from, { recursive: true }).filter((file) => file.endsWith('.js')))
    for (const [, list, library] of readFileSync(join(from, file), 'utf8').matchAll(
      /^import \{([^}]+)\} from '([^']+)';$/gm,
    ))
      for (const [name] of list.matchAll(/\w+(?: as \w+)?/g))
        used.get(library)?.add(name.split(' ')[0]);
  return [...used]
    .map(([library, names]) => `export { ${[...names].sort().join(', ')} } from '${library}';\n`)
    .join('');
}

/** esbuild writes `var Thread = class _Thread`; users see the name of a class, so the original name is restored. */
function withClassNames(text) {
  return [...text.matchAll(/^var (\w+) = class _\1\b/gm)].reduce(
    (all, [, name]) => all.replace(new RegExp(`\\b_${name}\\b`, 'g'), name),
    text,
  );
}

/** The declarations reachable from an entry. */
function declarations(
  found = new Set(),
  files = entries.map((entry) => entry.replace(/js$/, 'd.ts')),
) {
  for (const file of files) {
    if (found.has(file)) continue;
    found.add(file);
    const text = readFileSync(join(from, file), 'utf8');
    const targets = [...text.matchAll(/(?:from |import ?\(?)'(\.[^']+)\.js'/g)];
    declarations(
      found,
      targets.map(([, target]) => posix.join(posix.dirname(file), `${target}.d.ts`)),
    );
  }
  return found;
}

function licenses({ inputs }) {
  const folders = Object.keys(inputs).map((file) => /^(.*node_modules\/[^/]+)\//.exec(file)?.[1]);
  return [...new Set(folders.filter(Boolean))]
    .sort()
    .map((folder) => {
      const read = (file) => readFileSync(join(from, folder, file), 'utf8');
      const { name, version, license } = JSON.parse(read('package.json'));
      const text = ['LICENSE', 'LICENSE.txt', 'LICENSE.md'].find((file) =>
        existsSync(join(from, folder, file)),
      );
      return `${name} ${version} (${license})\n\n${read(text).trim()}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}

function write(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
