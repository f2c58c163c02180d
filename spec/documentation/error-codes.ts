import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { read } from './snippets.js';

/** A code, with the classes that use it and the possible values of `retryable`. */
export interface ErrorCode {
  readonly code: string;
  readonly classes: readonly string[];
  /** Null if only the constructor of the class determines it. */
  readonly retryable: Retryable | null;
}

export type Retryable = 'yes' | 'no' | 'depends';

/** The codes in the sources of the library, by type: those of every created error, and of every error class. */
export function errorCodes(): readonly ErrorCode[] {
  const sources = new Sources();
  const found = sources.creations().flatMap((creation) => sources.codesOf(creation));
  return [...new Set(found.map(({ code }) => code))].sort().map((code) => {
    const uses = found.filter((use) => use.code === code);
    const values = new Set(uses.flatMap(({ retryable }) => retryable ?? []));
    const [only] = values;
    return {
      code,
      classes: [...new Set(uses.map(({ className }) => className))].sort(),
      retryable: values.size > 1 ? 'depends' : (only ?? null),
    };
  });
}

/** The codes that are literals in the sources, regardless of the constructor of their error. */
export function literalCodes(): readonly string[] {
  const files = readdirSync(resolve('lib'), { recursive: true, encoding: 'utf8' });
  const sources = files.filter((file) => file.endsWith('.ts') && !file.includes('protocol'));
  return sources.flatMap((file) =>
    [...read(join('lib', file)).matchAll(/\bcode: '([a-z-]+)'/g)].map(([, code = '']) => code),
  );
}

interface Use {
  readonly code: string;
  readonly className: string;
  /** Null if the class determines it. */
  readonly retryable: Retryable | null;
}

/** A `new SomeError(...)`, or the `super(...)` of an error class, with its properties. */
interface Creation {
  readonly className: string;
  readonly props: ts.ObjectLiteralExpression;
  /** The value of `retryable` if the properties have none; null if the class determines it. */
  readonly otherwise: Retryable | null;
}

class Sources {
  readonly #program: ts.Program;
  readonly #checker: ts.TypeChecker;

  constructor() {
    const { config } = ts.readConfigFile('tsconfig.build.json', (path) =>
      ts.sys.readFile(path),
    ) as {
      config: object;
    };
    const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, resolve('.'));
    this.#program = ts.createProgram(fileNames, { ...options, noEmit: true });
    this.#checker = this.#program.getTypeChecker();
  }

  creations(): readonly Creation[] {
    return this.#program
      .getSourceFiles()
      .filter(({ fileName }) => /\/lib\/(?!protocol)/.test(fileName) && !fileName.endsWith('.d.ts'))
      .flatMap((file) => [...this.#creationsIn(file)]);
  }

  codesOf(creation: Creation): readonly Use[] {
    const { className, props } = creation;
    const code = this.#value(props, 'code');
    if (code === undefined) return [];
    return this.#literals(code).map((literal) => ({
      code: literal,
      className,
      retryable: this.#retryable(creation, code, literal),
    }));
  }

  *#creationsIn(node: ts.Node): Generator<Creation> {
    if (ts.isNewExpression(node) || isSuper(node)) {
      const type = this.#classOf(node);
      const props = node.arguments?.find(ts.isObjectLiteralExpression);
      if (type !== undefined && props !== undefined && this.#isError(type))
        yield { className: type.symbol.name, props, otherwise: this.#otherwise(node, type) };
    }
    for (const child of node.getChildren()) yield* this.#creationsIn(child);
  }

  #classOf(node: ts.NewExpression | ts.CallExpression): ts.Type | undefined {
    if (ts.isNewExpression(node)) return this.#checker.getTypeAtLocation(node);
    const name = ts.findAncestor(node, ts.isClassDeclaration)?.name;
    const symbol = name && this.#checker.getSymbolAtLocation(name);
    return symbol && this.#checker.getDeclaredTypeOfSymbol(symbol);
  }

  #isError(type: ts.Type): boolean {
    if (!type.isClassOrInterface()) return false;
    if (type.symbol.name === 'CodexError') return true;
    return this.#checker.getBaseTypes(type).some((base) => this.#isError(base));
  }

  #value(props: ts.ObjectLiteralExpression, name: string): ts.Expression | undefined {
    for (const property of props.properties) {
      if (property.name?.getText() !== name) continue;
      if (ts.isPropertyAssignment(property)) return property.initializer;
      if (ts.isShorthandPropertyAssignment(property)) return property.name;
    }
    return undefined;
  }

  /** The possible strings of an expression; empty if it can be any string. */
  #literals(expression: ts.Expression): readonly string[] {
    if (ts.isBinaryExpression(expression)) return this.#literals(expression.right);
    const type = this.#checker.getTypeAtLocation(expression);
    return (type.isUnion() ? type.types : [type])
      .filter((part) => part.isStringLiteral())
      .map(({ value }) => value);
  }

  #otherwise(node: ts.Node, type: ts.Type): Retryable | null {
    const [base] = type.isClassOrInterface() ? this.#checker.getBaseTypes(type) : [];
    const called = isSuper(node) ? base?.symbol.name : type.symbol.name;
    if (called === 'TransportError') return 'yes';
    return called === 'CodexError' ? 'no' : null;
  }

  #retryable(
    { props, otherwise }: Creation,
    code: ts.Expression,
    literal: string,
  ): Use['retryable'] {
    const value = this.#value(props, 'retryable');
    if (value === undefined) {
      const type = this.#checker.getTypeAtLocation(props);
      return this.#checker.getPropertyOfType(type, 'retryable') === undefined
        ? otherwise
        : 'depends';
    }
    if (value.kind === ts.SyntaxKind.TrueKeyword) return 'yes';
    if (value.kind === ts.SyntaxKind.FalseKeyword) return 'no';
    // The code and `retryable` depend on the same condition, or `retryable` compares the code.
    if (ts.isConditionalExpression(code) && code.condition.getText() === value.getText())
      return this.#literals(code.whenTrue).includes(literal) ? 'yes' : 'no';
    const [, compared] = /^code === '([a-z-]+)'$/.exec(value.getText()) ?? [];
    if (compared === undefined) return 'depends';
    return compared === literal ? 'yes' : 'no';
  }
}

function isSuper(node: ts.Node): node is ts.CallExpression {
  return ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.SuperKeyword;
}
