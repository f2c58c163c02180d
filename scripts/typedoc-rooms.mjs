// A plugin for TypeDoc: puts every export of the library into a category, by its folder, so that the sidebar
// is grouped. This needs no tags in the sources.
import { Comment, CommentTag, Converter, DefaultTheme, ReflectionKind } from 'typedoc';

/** The folders and files of lib/, each with its category. */
const rooms = {
  'codex.ts': 'Clients and threads',
  'doctor-report.ts': 'Clients and threads',
  'version.ts': 'Clients and threads',
  conversation: 'Clients and threads',
  turn: 'Turns',
  'turn/official-names.ts': 'Names of the official SDK',
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

/** The classes that programs use most, in the order of the sidebar. */
const main = [
  'Codex',
  'ThreadBuilder',
  'Thread',
  'Turn',
  'TurnResult',
  'Goal',
  'CodexOptions',
  'ThreadOptions',
  'CodexError',
];
const mainCategory = 'Main classes';

/** The exports whose category differs from that of their folder. The first match counts. */
const moved = [
  [/Error$|^(ThreadState|TurnFailureReason|ReconciledTurn)$/, 'Errors'],
  [/^Request[A-Z]\w+$|^retryOnOverload$/, 'Raw requests'],
  [/^ForkOptions$/, 'Clients and threads'],
  [/^(Recorded|ThreadFilter|ThreadSourceKind)/, 'Clients and threads'],
  [/^(Run|Stream)Options$/, 'Turns'],
  [/^Resume(Options|Proof)$/, 'Resuming'],
  [/^(GranularApprovals|ApprovalPolicy|ApprovalMode)/, 'Approvals'],
];

/** Types that only describe parameters and results of other exports: interfaces and type aliases with these endings. */
const auxiliary =
  /(Record|Input|InputItem|InputSchema|Source|OutputOf|Method|RequestParams|RequestResult|Measures|Changes|Kind|Digests)$|^(Handshake|LaunchPlan|ConnectionHandlers|JsonObject|TelemetryMessages)$/;

/** The rooms whose entries have their own module page. */
const separate = ['testing', 'opentelemetry', 'fleet', 'page', 'ai-sdk', 'ag-ui', 'nestjs'];

/** The main classes are the first group of the sidebar. */
class SiteTheme extends DefaultTheme {
  buildNavigation(project) {
    const groups = super.buildNavigation(project);
    for (const module of groups.flatMap(({ children = [] }) => children)) {
      const first = module.children?.find(({ text }) => text === mainCategory);
      if (first === undefined) continue;
      module.children.splice(module.children.indexOf(first), 1);
      return [first, ...groups];
    }
    return groups;
  }
}

export function load({ converter, renderer }) {
  renderer.defineTheme('site', SiteTheme);
  // After the plugin of TypeDoc that makes the categories.
  converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => sortCategories(project), -1000);
  converter.on(Converter.EVENT_CREATE_DECLARATION, (context, reflection) => {
    if (reflection.kindOf(ReflectionKind.Module)) {
      categorize(reflection, 'API reference');
      return;
    }
    if (!reflection.parent?.kindOf(ReflectionKind.Module)) return;
    const path = pathOf(context, reflection);
    // They have their own pages.
    if (separate.includes(roomOf(path))) return;
    const category = categoryOf(reflection, path);
    if (category === undefined) throw new Error(`${reflection.name} has no category.`);
    categorize(reflection, category);
  });
}

/** The main classes in their order, and the modules in that of the entry points. */
function sortCategories(project) {
  for (const { children } of project.categories ?? [])
    children.sort((a, b) => project.children.indexOf(a) - project.children.indexOf(b));
  for (const { title, children } of project.children.flatMap(({ categories = [] }) => categories))
    if (title === mainCategory)
      children.sort((a, b) => main.indexOf(a.name) - main.indexOf(b.name));
}

function categorize(reflection, category) {
  reflection.comment ??= new Comment();
  reflection.comment.blockTags.push(
    new CommentTag('@category', [{ kind: 'text', text: category }]),
  );
}

function categoryOf(reflection, path) {
  const { name } = reflection;
  if (main.includes(name)) return mainCategory;
  if (path.includes('/') && path in rooms) return rooms[path];
  if (isType(reflection) && auxiliary.test(name)) return 'Auxiliary types';
  const [, elsewhere] = moved.find(([pattern]) => pattern.test(name)) ?? [];
  return elsewhere ?? rooms[roomOf(path)];
}

function isType(reflection) {
  return reflection.kindOf(ReflectionKind.Interface | ReflectionKind.TypeAlias);
}

/** The path of the declaration below lib/. */
function pathOf(context, reflection) {
  const path = context
    .getSymbolFromReflection(reflection)
    ?.declarations?.[0]?.getSourceFile().fileName;
  return /.*\/lib\/(.+)/.exec(path ?? '')?.[1] ?? '';
}

/** The folder of lib/ that contains the declaration, or the file if it is directly in lib/. */
function roomOf(path) {
  return path.split('/')[0];
}
