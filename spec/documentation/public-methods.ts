import ts from 'typescript';
import { read } from './snippets.js';

/** A public method or getter, with the errors in its doc comment. */
export interface PublicMember {
  readonly name: string;
  /** Whether it is a method, which may throw, or a property. */
  readonly isMethod: boolean;
  /** The names of the error classes. */
  readonly throws: readonly string[];
  /** The doc comments of all its signatures. */
  readonly comment: string;
}

/** The public members of a class in its source file. */
export function publicMembers(file: string, className: string): readonly PublicMember[] {
  const source = ts.createSourceFile(file, read(file), ts.ScriptTarget.ES2022, true);
  const found = source.statements
    .filter(ts.isClassDeclaration)
    .find(({ name }) => name?.text === className);
  const members = new Map<string, PublicMember>();
  for (const member of found?.members ?? []) {
    if (!ts.isMethodDeclaration(member) && !ts.isGetAccessorDeclaration(member)) continue;
    if (!ts.isIdentifier(member.name) || isHidden(member)) continue;
    const name = member.name.text;
    // An overloaded method is one member.
    const throws = [...(members.get(name)?.throws ?? []), ...thrown(member)];
    const comments = ts.getJSDocCommentsAndTags(member).filter(ts.isJSDoc);
    const comment = [members.get(name)?.comment, ...comments.map((one) => one.getText())].join(
      '\n',
    );
    members.set(name, { name, isMethod: ts.isMethodDeclaration(member), throws, comment });
  }
  return [...members.values()];
}

function isHidden(member: ts.MethodDeclaration | ts.GetAccessorDeclaration): boolean {
  const { Private, Protected, Static } = ts.ModifierFlags;
  if ((ts.getCombinedModifierFlags(member) & (Private | Protected | Static)) !== 0) return true;
  return ts.getJSDocTags(member).some(({ tagName }) => tagName.text === 'internal');
}

function thrown(member: ts.Node): readonly string[] {
  const tags = ts.getJSDocTags(member).filter(({ tagName }) => tagName.text === 'throws');
  return tags.flatMap((tag) => tag.getText().match(/\b\w+Error\b/g) ?? []);
}
