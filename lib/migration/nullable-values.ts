import type TypeScript from 'typescript';
import { marks, renamedProperties } from './migration-rules.js';

/** Finds the uses of values that are never null in the official SDK and may be null here. */
export class NullableValues {
  readonly #ts: typeof TypeScript;

  constructor(compiler: typeof TypeScript) {
    this.#ts = compiler;
  }

  /** The mark for a use that does not handle null; undefined for all other nodes. */
  markOf(node: TypeScript.Node): string | undefined {
    const ts = this.#ts;
    if (ts.isBindingElement(node))
      return (node.propertyName ?? node.name).getText() === 'finalResponse'
        ? marks.finalResponse
        : undefined;
    if (!ts.isPropertyAccessExpression(node) || this.#isGuarded(node)) return undefined;
    if (node.name.text === 'finalResponse' && !this.#acceptsNull(node)) return marks.finalResponse;
    return node.name.text === 'usage' && this.#isOpened(node) ? marks.usage : undefined;
  }

  /** Whether the code around the value works with null. */
  #acceptsNull(node: TypeScript.Node): boolean {
    const ts = this.#ts;
    const { parent } = node;
    if (ts.isBinaryExpression(parent))
      return ['??', '||', '&&', 'in'].includes(parent.operatorToken.getText());
    if (ts.isPropertyAccessExpression(parent)) return parent.questionDotToken !== undefined;
    if (ts.isNonNullExpression(parent) || ts.isPrefixUnaryExpression(parent)) return true;
    if (ts.isIfStatement(parent) || ts.isJsxExpression(parent)) return true;
    if (ts.isConditionalExpression(parent)) return parent.condition === node;
    return this.#isPrinted(node);
  }

  #isPrinted(node: TypeScript.Node): boolean {
    const ts = this.#ts;
    const call = ts.findAncestor(node, (each) => ts.isCallExpression(each));
    return call?.getText().startsWith('console.') ?? false;
  }

  /** Whether the members of a usage are read without `?.`. */
  #isOpened({ parent }: TypeScript.Node): boolean {
    const ts = this.#ts;
    if (ts.isPropertyAccessExpression(parent))
      return parent.questionDotToken === undefined && renamedProperties.has(parent.name.text);
    return ts.isVariableDeclaration(parent) && ts.isObjectBindingPattern(parent.name);
  }

  /** Whether a condition around the value mentions it. */
  #isGuarded(node: TypeScript.Node): boolean {
    const ts = this.#ts;
    const text = node.getText();
    for (let inner = node; !ts.isSourceFile(inner); inner = inner.parent) {
      const outer = inner.parent;
      const condition =
        ts.isIfStatement(outer) && outer.thenStatement === inner
          ? outer.expression
          : ts.isConditionalExpression(outer) && outer.condition !== inner
            ? outer.condition
            : ts.isBinaryExpression(outer) &&
                outer.right === inner &&
                outer.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken
              ? outer.left
              : undefined;
      if (condition?.getText().includes(text) === true) return true;
    }
    return false;
  }
}
