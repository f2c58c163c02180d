import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** A snippet of the documentation: its location, the code without imports, and the imports. */
export interface Snippet {
  readonly place: string;
  readonly code: string;
  readonly imports: readonly Import[];
}

/** The names and the module of one import statement. */
export interface Import {
  readonly names: readonly string[];
  readonly from: string;
}

/** Every `@example` of the library. */
export function shownInComments(): readonly Snippet[] {
  return filesUnder('lib', '.ts').flatMap((file) => commentsOf(file).flatMap(fencesIn));
}

/** A request that an example of the library sends, as shown in the comment after the code. */
export interface ShownRequest {
  readonly code: string;
  readonly method: string;
  readonly params: unknown;
}

/** Every block of JSON that follows an `@example` of the library. */
export function shownRequests(): readonly ShownRequest[] {
  return filesUnder('lib', '.ts')
    .flatMap(commentsOf)
    .flatMap(({ text }) => [...text.matchAll(exampleWithRequests)])
    .flatMap(([, code = '', blocks = '']) =>
      [...blocks.matchAll(/```json\n([^]*?)```/g)].map(([, json = '']) => ({
        code: dedented(code),
        ...(JSON.parse(json) as { readonly method: string; readonly params: unknown }),
      })),
    );
}

/** The classes of the library whose doc comment has an example. */
export function classesWithExample(): readonly string[] {
  return filesUnder('lib', '.ts').flatMap((file) =>
    [...read(file).matchAll(documentedClass)]
      .filter(([, comment = '']) => comment.includes('@example'))
      .map(([, , name = '']) => name),
  );
}

/** Every TypeScript snippet in the pages of `docs/`. */
export function shownInPages(): readonly Snippet[] {
  return filesUnder('docs', '.md')
    .filter((file) => !file.startsWith(join('docs', 'api')))
    .flatMap((file) => fencesIn({ place: file, text: read(file) }));
}

/**
 * Every region of the programs and snippets under `examples/`, which the specs run; regions of the same name are
 * joined.
 */
export function regions(): readonly Snippet[] {
  return filesUnder('examples', '.ts').flatMap((file) => {
    const source = read(file);
    return [...regionsOf(source)].map(([name, code]) => ({
      place: `${file}#${name}`,
      code,
      imports: importsIn(source),
    }));
  });
}

/** The regions in the source of a program, by name. */
export function regionsOf(source: string): ReadonlyMap<string, string> {
  const parts = new Map<string, string[]>();
  for (const [, name = '', code = ''] of source.matchAll(regionShape))
    parts.set(name, [...(parts.get(name) ?? []), dedented(code)]);
  return new Map([...parts].map(([name, codes]) => [name, codes.join('\n\n')]));
}

/** The output of a part of a program, according to the comments after its `console.log` calls. */
export function promisedOutput(code: string): readonly string[] {
  return [...code.matchAll(/\bconsole\.log\(.*?\);(?: *\/\/ (.*))?$/gm)].map(
    ([line, comment]) => comment ?? `(no comment says what this prints: ${line.trim()})`,
  );
}

export function read(file: string): string {
  return readFileSync(resolve(file), 'utf8');
}

const documentedClass =
  /^\/\*\*\n((?: \*.*\n)+?) \*\/\n(?:@\w+\(.*\)\n)*(?:export )?(?:abstract )?class (\w+)/gm;
const regionShape = /^ *\/\/ #region (.+)\n([^]*?)^ *\/\/ #endregion$/gm;

const exampleWithRequests = /```ts\n([^]*?)```\n\nSends:\n((?:\n```json\n[^]*?```\n)+)/g;

interface Text {
  readonly place: string;
  readonly text: string;
}

function filesUnder(folder: string, ending: string): readonly string[] {
  return readdirSync(resolve(folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name).slice(resolve('.').length + 1))
    .filter((file) => !file.includes('generated'))
    .sort();
}

/** The doc comments of a file that have an example, without their stars. */
function commentsOf(file: string): readonly Text[] {
  return [...read(file).matchAll(/^ *\/\*\*\n([^]*?)\*\//gm)]
    .map(([, body = '']) => body.replace(/^ *\* ?/gm, ''))
    .filter((body) => body.includes('@example'))
    .map((text) => ({ place: file, text }));
}

function fencesIn({ place, text }: Text): readonly Snippet[] {
  return [...text.matchAll(/^ *```(?:ts|typescript)\n([^]*?)^ *```$/gm)].map(([, code = '']) => ({
    place,
    code: dedented(code.replace(/^ *import [^;]*;\n+/gm, '')),
    imports: importsIn(code),
  }));
}

function importsIn(code: string): readonly Import[] {
  return [...code.matchAll(/^ *import (?:type )?([^;]*?) from '(.*?)';$/gm)].map(
    ([, names = '', from = '']) => ({
      names: names
        .replace(/[{}]/g, '')
        .split(',')
        .map((name) => name.replace(/\btype /, '').trim())
        .filter((name) => name !== ''),
      from: from
        .replace(/^(\.\.\/)+lib\/index\.js$/, 'codex-threads')
        .replace(/^(\.\.\/)+lib\/([\w-]+)\/index\.js$/, 'codex-threads/$2'),
    }),
  );
}

function dedented(code: string): string {
  const lines = code.replace(/^\n+|\s+$/g, '').split('\n');
  const depth = Math.min(
    ...lines.filter((line) => line !== '').map((line) => line.length - line.trimStart().length),
  );
  return lines.map((line) => line.slice(depth)).join('\n');
}
