import type TypeScript from 'typescript';
import type { Edit } from './edit.js';
import { officialPackage, typeNames } from './migration-rules.js';

/** Renames the types that a file imports from the official SDK or exports again. */
export class ImportedTypes {
  readonly #ts: typeof TypeScript;
  readonly #file: TypeScript.SourceFile;
  readonly #identifiers: readonly TypeScript.Identifier[];

  constructor(compiler: typeof TypeScript, file: TypeScript.SourceFile) {
    this.#ts = compiler;
    this.#file = file;
    this.#identifiers = identifiersIn(compiler, file);
  }

  /** The edits that rename the types. */
  edits(): readonly Edit[] {
    return this.#identifiers.flatMap((each) => this.#editsOf(each));
  }

  /** The places of the names with this text that belong to the official SDK. */
  named(text: string): readonly TypeScript.Node[] {
    return this.#identifiers.filter((each) => each.text === text && this.#isOfficial(each));
  }

  #editsOf(name: TypeScript.Identifier): readonly Edit[] {
    const ts = this.#ts;
    const renamed = typeNames.get(name.text);
    if (renamed === undefined || !this.#isOfficial(name)) return [];
    const { parent } = name;
    if (!ts.isImportSpecifier(parent) && !ts.isExportSpecifier(parent))
      return [replaced(name, renamed)];
    if (parent.propertyName !== undefined) return [replaced(name, renamed)];
    if (ts.isImportSpecifier(parent) && this.#isRenamable(name.text, renamed))
      return [
        replaced(name, renamed),
        ...this.#referencesTo(name.text).map((each) => this.#renamedReference(each, renamed)),
      ];
    return [replaced(name, `${renamed} as ${name.text}`)];
  }

  /** Whether an identifier is a name of the official SDK, rather than a local name. */
  #isOfficial(name: TypeScript.Identifier): boolean {
    const ts = this.#ts;
    const { parent } = name;
    if (ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent)) {
      const declaration = ts.isImportSpecifier(parent)
        ? parent.parent.parent.parent
        : parent.parent.parent;
      const isFromSdk = !ts.isJSDocImportTag(declaration) && isOf(declaration);
      return isFromSdk && (parent.propertyName ?? parent.name) === name;
    }
    if (ts.isImportTypeNode(parent))
      return (
        parent.qualifier === name && parent.argument.getText().slice(1, -1) === officialPackage
      );
    return (
      ts.isQualifiedName(parent) &&
      parent.right === name &&
      this.#isNamespace(parent.left.getText())
    );
  }

  #isNamespace(name: string): boolean {
    const ts = this.#ts;
    return this.#file.statements.some(
      (each) =>
        ts.isImportDeclaration(each) &&
        isOf(each) &&
        each.importClause?.namedBindings !== undefined &&
        ts.isNamespaceImport(each.importClause.namedBindings) &&
        each.importClause.namedBindings.name.text === name,
    );
  }

  /** Whether every use of the name is a reference to the imported type, and the new name is free. */
  #isRenamable(name: string, renamed: string): boolean {
    return this.#identifiers.every(
      (each) =>
        (each.text !== name && each.text !== renamed) ||
        this.#isMember(each) ||
        (each.text === name && (this.#isOfficial(each) || this.#isReference(each))),
    );
  }

  #referencesTo(name: string): readonly TypeScript.Identifier[] {
    return this.#identifiers.filter((each) => each.text === name && this.#isReference(each));
  }

  #renamedReference(reference: TypeScript.Identifier, renamed: string): Edit {
    const { parent } = reference;
    const isWhole = this.#ts.isExportSpecifier(parent) && parent.propertyName === undefined;
    return replaced(reference, isWhole ? `${renamed} as ${reference.text}` : renamed);
  }

  #isReference(name: TypeScript.Identifier): boolean {
    const ts = this.#ts;
    const { parent } = name;
    if (ts.isExportSpecifier(parent))
      return (
        parent.parent.parent.moduleSpecifier === undefined &&
        (parent.propertyName ?? parent.name) === name
      );
    return (
      ts.isTypeReferenceNode(parent) ||
      (ts.isExpressionWithTypeArguments(parent) && ts.isInterfaceDeclaration(parent.parent.parent))
    );
  }

  /** Whether an identifier names a member, which has no effect on types of the same name. */
  #isMember(name: TypeScript.Identifier): boolean {
    const ts = this.#ts;
    const { parent } = name;
    if (ts.isQualifiedName(parent)) return parent.right === name;
    if (ts.isPropertyAccessExpression(parent)) return parent.name === name;
    return (
      (ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent)) && parent.name === name
    );
  }
}

function isOf(declaration: { readonly moduleSpecifier?: TypeScript.Node }): boolean {
  return declaration.moduleSpecifier?.getText().slice(1, -1) === officialPackage;
}

function identifiersIn(
  ts: typeof TypeScript,
  node: TypeScript.Node,
): readonly TypeScript.Identifier[] {
  const found: TypeScript.Identifier[] = [];
  const visit = (each: TypeScript.Node): void => {
    if (ts.isIdentifier(each)) found.push(each);
    ts.forEachChild(each, visit);
  };
  visit(node);
  return found;
}

function replaced(node: TypeScript.Node, text: string): Edit {
  return { start: node.getStart(), end: node.end, text };
}
