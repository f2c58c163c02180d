// A plugin for TypeDoc: puts every export of the library into a category, by its folder, so that the sidebar
// is grouped. This needs no tags in the sources.
import { Comment, CommentTag, Converter, ReflectionKind } from 'typedoc';

/** The folders and files of lib/, each with its category. */
const rooms = {
  'codex.ts': 'Clients and threads',
  'doctor-report.ts': 'Clients and threads',
  'version.ts': 'Clients and threads',
  conversation: 'Clients and threads',
  turn: 'Turns',
  resume: 'Resuming',
  record: 'Resuming',
  approvals: 'Approvals',
  tools: 'Tools',
  output: 'Structured output',
  'errors.ts': 'Errors',
  options: 'Options',
  thread: 'Clients and threads',
  'redaction.ts': 'Options',
  'validation.ts': 'Options',
  account: 'Accounts',
  telemetry: 'Telemetry',
  wire: 'Raw requests',
  transport: 'Transports',
  remote: 'Transports',
  isolation: 'Options',
};

/** The exports whose category differs from that of their folder. The first match counts. */
const moved = [
  [/Error$|^(ThreadState|TurnFailureReason|ReconciledTurn)$/, 'Errors'],
  [/^Request[A-Z]\w+$|^retryOnOverload$/, 'Raw requests'],
  [/^(Thread|ThreadBuilder|ThreadChanges|ForkOptions)$/, 'Clients and threads'],
  [/^(Recorded|ThreadFilter|ThreadSourceKind)/, 'Clients and threads'],
  [/^(Run|Stream)Options$/, 'Turns'],
  [/^Resume(Options|Proof)$/, 'Resuming'],
  [/^(GranularApprovals|ApprovalPolicy|ApprovalMode)/, 'Approvals'],
];

/** The rooms whose entries have their own module page. */
const separate = ['testing', 'opentelemetry', 'fleet', 'page', 'ai-sdk', 'nestjs'];

export function load({ converter }) {
  converter.on(Converter.EVENT_CREATE_DECLARATION, (context, reflection) => {
    if (!reflection.parent?.kindOf(ReflectionKind.Module)) return;
    const room = fileOf(context, reflection);
    // They have their own pages.
    if (separate.includes(room)) return;
    const category = categoryOf(reflection.name, room);
    if (category === undefined) throw new Error(`${reflection.name} has no category.`);
    reflection.comment ??= new Comment();
    reflection.comment.blockTags.push(
      new CommentTag('@category', [{ kind: 'text', text: category }]),
    );
  });
}

function categoryOf(name, file) {
  const [, elsewhere] = moved.find(([pattern]) => pattern.test(name)) ?? [];
  return elsewhere ?? rooms[file];
}

/** The folder of lib/ that contains the declaration, or the file if it is directly in lib/. */
function fileOf(context, reflection) {
  const path = context
    .getSymbolFromReflection(reflection)
    ?.declarations?.[0]?.getSourceFile().fileName;
  return /.*\/lib\/([^/]+)/.exec(path ?? '')?.[1];
}
