import type TypeScript from 'typescript';
import type { Edit } from './edit.js';
import { ImportedTypes } from './imported-types.js';
import {
  changedTypes,
  marks,
  missingTypes,
  officialPackage,
  renamedProperties,
  renamedTypes,
} from './migration-rules.js';
import { NullableValues } from './nullable-values.js';

/** A file after its migration. */
export interface MigratedSource {
  /** The new text. */
  readonly text: string;
  /** How many places were changed. */
  readonly changes: number;
  /** The added comments, which mark decisions for the developer, from top to bottom. */
  readonly marks: readonly MigrationMark[];
}

/** A comment that a migration added. */
export interface MigrationMark {
  /** The line in the old text, from 1. */
  readonly line: number;
  /** The remaining task at this line. */
  readonly text: string;
}

/**
 * Rewrites a program of the official SDK (`@openai/codex-sdk`) for this package. It changes code with exactly one
 * equivalent and marks the rest with a comment. It uses the compiler of the project to read the syntax only, not the
 * types.
 */
export class SourceMigration {
  readonly #compiler: typeof TypeScript;

  constructor(compiler: typeof TypeScript) {
    this.#compiler = compiler;
  }

  /** The migrated file, or null if it does not import the official SDK. */
  migrate(fileName: string, text: string): MigratedSource | null {
    const { ScriptTarget, createSourceFile } = this.#compiler;
    const file = createSourceFile(fileName, text, ScriptTarget.Latest, true);
    const rewrite = new Rewrite(this.#compiler, file);
    rewrite.findThreads(file);
    rewrite.renameTypes();
    rewrite.visit(file);
    return rewrite.importsSdk ? rewrite.result() : null;
  }
}

/** The edits of one file. */
class Rewrite {
  importsSdk = false;
  readonly #ts: typeof TypeScript;
  readonly #file: TypeScript.SourceFile;
  readonly #nullable: NullableValues;
  readonly #edits: Edit[] = [];
  readonly #marks = new Map<string, MigrationMark & { readonly at: number }>();
  /** The variables that hold a thread. */
  readonly #threads = new Set<string>();

  constructor(compiler: typeof TypeScript, file: TypeScript.SourceFile) {
    this.#ts = compiler;
    this.#file = file;
    this.#nullable = new NullableValues(compiler);
  }

  /** Collects the variables that hold a thread, since a function may use one above its assignment. */
  findThreads(node: TypeScript.Node): void {
    const ts = this.#ts;
    if (ts.isVariableDeclaration(node) || ts.isPropertyDeclaration(node))
      this.#assigned(node.name, node.initializer);
    else if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken)
      this.#assigned(node.left, node.right);
    ts.forEachChild(node, (child) => {
      this.findThreads(child);
    });
  }

  /** Renames the imported types, and marks those without an equivalent. */
  renameTypes(): void {
    const types = new ImportedTypes(this.#ts, this.#file);
    this.#edits.push(...types.edits());
    for (const [name, advice] of missingTypes)
      for (const node of types.named(name)) this.#mark(node, advice);
  }

  visit(node: TypeScript.Node): void {
    const ts = this.#ts;
    const nullable = this.#nullable.markOf(node);
    if (nullable !== undefined) this.#mark(node, nullable);
    if (ts.isStringLiteralLike(node)) this.#literal(node);
    else if (ts.isNewExpression(node) && node.expression.getText() === 'Codex')
      this.#mark(node, marks.client);
    else if (ts.isCallExpression(node)) this.#call(node);
    else if (ts.isPropertyAccessExpression(node)) this.#access(node);
    else if (ts.isBindingElement(node)) this.#binding(node);
    ts.forEachChild(node, (child) => {
      this.visit(child);
    });
  }

  result(): MigratedSource {
    const marked = [...this.#marks.values()].sort((a, b) => a.at - b.at);
    const comments = marked.map(({ at, text }) => ({
      start: at,
      end: at,
      text: `// TODO(codex-threads): ${text}\n${this.#indentAt(at)}`,
    }));
    const edits = [...comments, ...this.#edits].sort((a, b) => a.start - b.start);
    let [text, from] = ['', 0];
    for (const edit of edits) {
      text += this.#file.text.slice(from, edit.start) + edit.text;
      from = edit.end;
    }
    return {
      text: text + this.#file.text.slice(from),
      changes: this.#edits.length,
      marks: marked.map(({ line, text }) => ({ line, text })),
    };
  }

  #literal(node: TypeScript.StringLiteralLike): void {
    if (node.text === officialPackage) {
      this.importsSdk = true;
      this.#replace(node, (old) => old.replace(officialPackage, 'codex-threads'));
      return;
    }
    if (!this.#isType(node)) return;
    const renamed = renamedTypes.get(node.text);
    if (renamed !== undefined) this.#replace(node, (old) => old.replace(node.text, renamed));
    const changed = changedTypes.get(node.text);
    if (changed !== undefined) this.#mark(node, changed);
  }

  /** Whether a literal is compared, is a case, or is the `type` of an object. */
  #isType({ parent }: TypeScript.Node): boolean {
    const ts = this.#ts;
    if (ts.isPropertyAssignment(parent)) return parent.name.getText() === 'type';
    return ts.isBinaryExpression(parent) || ts.isCaseClause(parent) || ts.isLiteralTypeNode(parent);
  }

  #assigned(target: TypeScript.Node, initializer: TypeScript.Expression | undefined): void {
    const ts = this.#ts;
    if (initializer === undefined) return;
    const value = ts.isAwaitExpression(initializer) ? initializer.expression : initializer;
    if (!['startThread', 'resumeThread'].includes(this.#methodOf(value))) return;
    const name = target.getText();
    this.#threads.add(ts.isPropertyDeclaration(target.parent) ? `this.${name}` : name);
  }

  #call(node: TypeScript.CallExpression): void {
    const ts = this.#ts;
    const method = this.#methodOf(node);
    const { parent } = node;
    if (method === 'runStreamed' && ts.isAwaitExpression(parent))
      this.#edits.push({ start: parent.getStart(), end: node.getStart(), text: '' });
    if (method !== 'resumeThread' || ts.isAwaitExpression(parent)) return;
    if (!this.#canAwait(node)) this.#mark(node, marks.resume);
    else {
      const isPart = ts.isPropertyAccessExpression(parent);
      this.#edits.push({
        start: node.getStart(),
        end: node.getStart(),
        text: isPart ? '(await ' : 'await ',
      });
      if (isPart) this.#edits.push({ start: node.end, end: node.end, text: ')' });
    }
  }

  #access({ expression, name }: TypeScript.PropertyAccessExpression): void {
    const isThreadId = name.text === 'id' && this.#threads.has(expression.getText());
    const renamed = isThreadId ? 'threadId' : renamedProperties.get(name.text);
    if (renamed !== undefined) this.#replace(name, () => renamed);
  }

  /** `const { exit_code } = item` keeps its variable. */
  #binding({ propertyName, name }: TypeScript.BindingElement): void {
    const renamed = renamedProperties.get((propertyName ?? name).getText());
    if (renamed === undefined) return;
    if (propertyName !== undefined) this.#replace(propertyName, () => renamed);
    else this.#replace(name, (old) => `${renamed}: ${old}`);
  }

  #methodOf(node: TypeScript.Node): string {
    const ts = this.#ts;
    if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return '';
    return node.expression.name.text;
  }

  /** Whether `await` is allowed at a node: in an async function, or outside all functions. */
  #canAwait(node: TypeScript.Node): boolean {
    const ts = this.#ts;
    const around = ts.findAncestor(
      node,
      (each) => ts.isFunctionLike(each) || ts.isClassElement(each),
    );
    if (around === undefined) return true;
    return (
      ts.canHaveModifiers(around) &&
      (ts.getModifiers(around) ?? []).some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword)
    );
  }

  #replace(node: TypeScript.Node, by: (old: string) => string): void {
    this.#edits.push({ start: node.getStart(), end: node.end, text: by(node.getText()) });
  }

  /** Adds a comment above the statement, unless it is already there. */
  #mark(node: TypeScript.Node, text: string): void {
    const ts = this.#ts;
    const statement =
      ts.findAncestor(node, (each) => ts.isStatement(each) || ts.isCaseClause(each)) ?? node;
    const at = statement.getStart();
    const line = this.#file.getLineAndCharacterOfPosition(at).line + 1;
    this.#marks.set(`${at} ${text}`, { at, line, text });
  }

  #indentAt(position: number): string {
    const { text } = this.#file;
    const line = text.slice(text.lastIndexOf('\n', position - 1) + 1, position);
    return /^\s*/.exec(line)?.[0] ?? '';
  }
}
