import { join, resolve } from 'node:path';
import ts from 'typescript';

/** A program in an editor, with the cursor at `|`. */
type Written = string;

/** The answers of the TypeScript language service, which most editors use, for a program that uses the library. */
export class LanguageService {
  readonly #file = resolve('program.ts');
  readonly #service: ts.LanguageService;
  #program = '';
  #version = 0;

  constructor() {
    const { config } = ts.readConfigFile('tsconfig.json', (path) => ts.sys.readFile(path)) as {
      config: object;
    };
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, resolve('.'));
    this.#service = ts.createLanguageService({
      getCompilationSettings: () => ({ ...options, types: ['node'], noEmit: true }),
      getScriptFileNames: () => [this.#file],
      getScriptVersion: (path) => (path === this.#file ? String(this.#version) : '0'),
      getScriptSnapshot: (path) => {
        const text = path === this.#file ? this.#program : ts.sys.readFile(path);
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
      },
      getCurrentDirectory: () => resolve('.'),
      getDefaultLibFileName: (given) =>
        join(resolve('node_modules/typescript/lib'), ts.getDefaultLibFileName(given)),
      fileExists: (path) => path === this.#file || ts.sys.fileExists(path),
      readFile: (path) => ts.sys.readFile(path),
      directoryExists: (path) => ts.sys.directoryExists(path),
      getDirectories: (path) => ts.sys.getDirectories(path),
    });
  }

  /** The completions inside the braces at the cursor. */
  completions(code: Written): readonly string[] {
    const offered = this.#service.getCompletionsAtPosition(this.#file, this.#write(code), {});
    // Outside an object with a known type, the completions include everything in scope.
    return offered?.isMemberCompletion === true ? offered.entries.map(({ name }) => name) : [];
  }

  /** The names of the exported values and types of a module. */
  exports(module: string): readonly string[] {
    const cursor = this.#write(`import { | } from '${module}';`);
    const offered = this.#service.getCompletionsAtPosition(this.#file, cursor, {});
    return (offered?.entries ?? []).map(({ name }) => name).filter((name) => name !== 'type');
  }

  /** The documentation of the name at the cursor. */
  hover(code: Written): string {
    const shown = this.#service.getQuickInfoAtPosition(this.#file, this.#write(code));
    return ts.displayPartsToString(shown?.documentation);
  }

  /** The errors of the compiler. */
  messages(code: string): readonly string[] {
    this.#set(code);
    return this.#service
      .getSemanticDiagnostics(this.#file)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
  }

  /** Opens the program without its mark; returns the position of the cursor. */
  #write(code: Written): number {
    const before = code.split('|', 1).join('');
    this.#set(code.replace('|', ''));
    return this.#program.indexOf(before) + before.length;
  }

  /** A program with imports is complete. */
  #set(code: string): void {
    this.#program = code.startsWith('import ') ? code : `${prelude}${code}\n`;
    this.#version += 1;
  }
}

const prelude = `import { Codex, type Thread } from './lib/index.js';
declare const codex: Codex;
declare const thread: Thread;
`;
