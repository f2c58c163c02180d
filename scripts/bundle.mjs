// Bundles the output of tsc in .build/package to dist: few files instead of hundreds, since every file adds import time.
// usage: node scripts/bundle.mjs
import { build, transform } from 'esbuild';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, posix, relative, resolve } from 'node:path';

const from = resolve('.build/package');
const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const entries = Object.values(manifest.exports)
  .filter((conditions) => typeof conditions === 'object')
  .map(({ import: { default: file } }) => posix.relative('dist/esm', file.replace(/\.js$/, '')));
// Programs: only as ES modules, without declarations.
const programs = Object.values(manifest.bin).map((file) =>
  posix.relative('dist/esm', file.replace(/\.js$/, '')),
);
const common = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  write: false,
  absWorkingDir: from,
  metafile: true,
  logLevel: 'warning',
};

const first = await bundled();
const own = await bundled(sharedIn(first.metafile));
const libraries = usedOfLibraries();
const esmHost = await host(`import { fileURLToPath } from 'node:url';
export const here = import.meta.url.startsWith('file:') ? fileURLToPath(import.meta.url) : '';
`);
const cjsHost = await host('export const here = __filename;\n', { format: 'cjs' });

for (const { path, text } of own.outputFiles) {
  const file = relative(join(from, 'out'), path);
  const esm = withClassNames(text);
  write(`dist/esm/${file}`, esm);
  if (programs.includes(file.replace(/\.js$/, ''))) {
    chmodSync(`dist/esm/${file}`, 0o755);
    continue;
  }
  write(`dist/cjs/${file}`, await asCommonJs(esm, posix.relative(posix.dirname(file), '') || '.'));
}
write('dist/esm/transport/host.js', esmHost.outputFiles[0].text);
write('dist/cjs/transport/host.js', cjsHost.outputFiles[0].text);
write('dist/esm/transport/host-in-bundle.js', `export { here } from './here.cjs';\n${libraries}`);
copyFileSync(join(from, 'transport/here.cjs'), 'dist/esm/transport/here.cjs');
write('dist/cjs/package.json', '{ "type": "commonjs" }\n');
write('dist/THIRD-PARTY-LICENSES.txt', licenses(esmHost.metafile));
for (const file of declarations())
  for (const format of ['esm', 'cjs'])
    write(`dist/${format}/${file}`, readFileSync(join(from, file), 'utf8'));

/** The library's code; every entry also imports the given modules, so that esbuild puts them into one chunk. */
async function bundled(shared = { entries: [], modules: [] }) {
  return build({
    ...common,
    entryPoints: [...entries, ...programs].map((entry) => `${entry}.js`),
    outdir: 'out',
    packages: 'external',
    splitting: true,
    chunkNames: '[name]-[hash]',
    plugins: [hosted(), builtins(), alsoImporting(shared)],
  });
}

/** The modules that the main entry shares with other entries, and the entries that may have to import them. */
function sharedIn({ outputs }) {
  const main = outputs['out/index.js'];
  const chunks = main.imports.filter(({ kind }) => kind === 'import-statement');
  return {
    entries: Object.values(outputs).flatMap(({ entryPoint }) => entryPoint ?? []),
    modules: chunks.flatMap(({ path }) => Object.keys(outputs[path]?.inputs ?? {})),
  };
}

function alsoImporting({ entries, modules }) {
  const files = new Set(entries.map((entry) => join(from, entry)));
  const holdsTypesOnly = (text) => text.trim() === 'export {};';
  const lines = modules.map((module) => {
    const [, builtin] = /^builtin:(.*)$/.exec(module) ?? [];
    return `\nimport ${JSON.stringify(builtin ?? join(from, module))};`;
  });
  return {
    name: 'also-importing',
    setup: (build) =>
      build.onLoad({ filter: /\.js$/ }, ({ path }) => {
        const contents = readFileSync(path, 'utf8');
        return {
          contents: contents + (files.has(path) && !holdsTypesOnly(contents) ? lines.join('') : ''),
        };
      }),
  };
}

/**
 * Modules that differ between Node and bundlers: package.json maps `#host` to a file for each. Node gets the decorator
 * libraries without unused code; a bundle shares them with its application. Both files are in the directory of here.cjs,
 * since paths are relative to it.
 */
function hosted() {
  const filter = /^(class-validator|class-transformer|reflect-metadata|\.{1,2}\/(.*\/)?here\.cjs)$/;
  return plugin('hosted', filter, () => ({ path: '#host', external: true }));
}

async function host(here, options = {}) {
  return build({
    ...common,
    stdin: { contents: here + libraries, resolveDir: resolve('.'), sourcefile: 'host.js' },
    outfile: 'host.js',
    // The bundler builds of class-validator and class-transformer allow esbuild to remove unused code.
    mainFields: ['module', 'main'],
    minify: true,
    ...options,
  });
}

async function asCommonJs(text, root) {
  // Jest refuses import() inside its sandbox.
  const options = { format: 'cjs', target: common.target, supported: { 'dynamic-import': false } };
  const { code } = await transform(text, options);
  return code
    .replaceAll('"#host"', `"${root}/transport/host.js"`)
    .replaceAll('process.getBuiltinModule(', 'require(');
}

/**
 * Built-in modules that load slowly are loaded at the first call. An `import` of them costs more: it evaluates every
 * export, such as the web streams of `node:fs`. (`node:module` is included because webpack tries to analyse the use of an
 * imported `createRequire`.)
 */
function builtins() {
  const filter = /^node:(child_process|crypto|fs|fs\/promises|http|module|net|os|util)$/;
  const { name, setup } = plugin('builtins', filter, ({ path }) => ({
    path,
    namespace: 'builtin',
  }));
  return {
    name,
    setup(build) {
      setup(build);
      build.onLoad({ filter, namespace: 'builtin' }, ({ path }) => ({
        contents: onFirstCall(path),
      }));
    },
  };
}

function onFirstCall(id) {
  const module = process.getBuiltinModule(id);
  const loaded = `process.getBuiltinModule(${JSON.stringify(id)})`;
  const all = `export default /* @__PURE__ */ new Proxy({}, { get: (_, key) => ${loaded}[key] });`;
  const usual = ['length', 'name', 'prototype', 'arguments', 'caller'];
  const lines = Object.keys(module).flatMap((name) => {
    if (name === 'constants')
      return [`export const constants = /* @__PURE__ */ (() => ${loaded}.constants)();`];
    // Constructors and non-functions cannot be deferred to a call: esbuild then reports a missing export.
    if (!/^[a-z]/.test(name) || typeof module[name] !== 'function') return [];
    const call = `(...given) => ${loaded}.${name}(...given)`;
    const own = Reflect.ownKeys(module[name]).filter((key) => !usual.includes(key));
    if (own.length === 0) return [`export const ${name} = ${call};`];
    return [
      `export const ${name} = /* @__PURE__ */ new Proxy(${call}, { get: (_, key) => ${loaded}.${name}[key] });`,
    ];
  });
  return [all, ...lines].join('\n');
}

function plugin(name, filter, resolution) {
  return { name, setup: (build) => build.onResolve({ filter }, resolution) };
}

/** The parts of the decorator libraries that this library uses. */
function usedOfLibraries() {
  const used = new Map([
    ['reflect-metadata', new Set()],
    ['class-transformer', new Set()],
    ['class-validator', new Set()],
  ]);
  for (const file of readdirSync(from, { recursive: true }).filter((file) => file.endsWith('.js')))
    for (const [, list, library] of readFileSync(join(from, file), 'utf8').matchAll(
      /^import \{([^}]+)\} from '([^']+)';$/gm,
    ))
      for (const name of list.split(',')) used.get(library)?.add(name.trim().split(' ')[0]);
  return [...used]
    .map(([library, names]) =>
      names.size === 0
        ? `import '${library}';\n`
        : `export { ${[...names].sort().join(', ')} } from '${library}';\n`,
    )
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
function declarations(found = new Set(), files = entries.map((entry) => `${entry}.d.ts`)) {
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
