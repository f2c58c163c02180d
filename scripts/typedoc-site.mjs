// A plugin for TypeDoc: full-text search over the pages, links between pages and the reference, and llms.txt.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CommentTag,
  Converter,
  DocumentReflection,
  IndexEvent,
  PageEvent,
  ReflectionKind,
  RendererEvent,
  Slugger,
} from 'typedoc';

/** The most pages that an entry of the reference links to. */
const mostPages = 4;

/** The weight of a page and of a section in the search; that of an entry of the reference is 1. */
const explains = 3;

/** The classes of the variables that the pages use in their texts. */
const variables = { codex: 'Codex', thread: 'Thread', turn: 'Turn', error: 'CodexError' };

export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const page of project.documents ?? []) retitle(page);
  });
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
    linkBothWays(project, project.documents ?? []);
  });
  app.renderer.on(IndexEvent.PREPARE_INDEX, (event) => {
    addSections(app, event);
  });
  app.renderer.on(PageEvent.END, (page) => {
    page.contents = accessible(page.contents);
  });
  app.renderer.on(RendererEvent.END, ({ outputDirectory, project }) => {
    writeFileSync(join(outputDirectory, 'llms.txt'), overview(app.renderer.router, project));
  });
}

/** A page without front matter has its heading as its title; one beside the README belongs to the reference. */
function retitle(page) {
  const [, heading] = /^# (.+)$/m.exec(textOf(page.content)) ?? [];
  const isBesideReadme = /^[A-Z]+$/.test(page.name);
  if (isBesideReadme) page.frontmatter.category ??= 'Reference';
  if (isBesideReadme || page.name.includes('/')) page.name = heading ?? page.name;
}

function textOf(content) {
  return content.map(({ text }) => text).join('');
}

/** Names of exports in the text of a page become links, and an export links to the pages that name it most. */
function linkBothWays(project, pages) {
  const exported = exportsOf(project);
  const mentions = new Map();
  project.readme &&= linked(project.readme, exported);
  for (const page of pages)
    page.content = linked(page.content, exported, (target) => {
      const owner = target.parent.kindOf(ReflectionKind.Module) ? target : target.parent;
      const counts = mentions.get(owner) ?? new Map();
      mentions.set(owner, counts.set(page, (counts.get(page) ?? 0) + 1));
    });
  for (const [entry, counts] of mentions) addPages(entry, counts);
}

function linked(content, exported, onLink) {
  return content.map((part, index) => {
    const target = part.kind === 'code' ? targetOf(part.text, exported) : undefined;
    if (target === undefined) return part;
    onLink?.(target);
    // A heading is a link to itself.
    if (/(^|\n)#+ [^\n]*$/.test(content[index - 1]?.text ?? '')) return part;
    return { kind: 'inline-tag', tag: '@linkcode', text: part.text.slice(1, -1), target };
  });
}

function exportsOf(project) {
  const modules = [...(project.children ?? [])];
  modules.sort((a, b) => a.name.length - b.name.length);
  const exported = new Map();
  for (const entry of modules.flatMap(({ children = [] }) => children))
    if (!exported.has(entry.name)) exported.set(entry.name, entry);
  return exported;
}

/** The export or the member that an inline code names, such as `Thread`, `thread.run()` or `new Codex()`. */
function targetOf(code, exported) {
  const [, name, member] = /^`(?:await |new )?(\w+)(?:\.(\w+))?(?:\([^`]*\))?`$/.exec(code) ?? [];
  const entry = exported.get(variables[name] ?? name);
  if (entry === undefined || (name in variables && member === undefined)) return undefined;
  return member === undefined ? entry : entry.getChildByName([member]);
}

function addPages(entry, counts) {
  const { comment } = entry.signatures?.[0] ?? entry;
  // An entry without a comment stays one that TypeDoc reports.
  if (comment === undefined) return;
  const pages = [...counts]
    .filter(([page]) => page.frontmatter.category !== 'Reference' || isError(entry))
    .sort(([, a], [, b]) => b - a)
    .slice(0, mostPages);
  if (pages.length === 0) return;
  const content = pages.flatMap(([page]) => [
    { kind: 'text', text: '- ' },
    { kind: 'inline-tag', tag: '@link', text: page.name, target: page },
    { kind: 'text', text: '\n' },
  ]);
  comment.blockTags.push(new CommentTag('@guides', content));
}

/** The pages of the reference list everything, so only an error links to them. */
function isError({ name }) {
  return name.endsWith('Error');
}

/** Each section of a page becomes an entry of the search index. TypeDoc reads the array once, after this event. */
function addSections(app, event) {
  const { router } = app.renderer;
  const configuration = app.options.getValue('sluggerConfiguration');
  const add = (name, url, fields) => {
    const entry = new DocumentReflection(name, event.searchResults[0].project, [], {});
    // A section explains what an entry of the reference only names.
    entry.relevanceBoost = explains;
    router.fullUrls.set(entry, url);
    event.searchFields[event.searchResults.push(entry) - 1] = fields;
  };
  // The words of a code, such as `turn-failed`, are frequent, so the title of its section needs more weight.
  Object.assign(event.searchFieldWeights, { terms: 5, code: 150 });
  const pages = event.searchResults.filter((result) => result.isDocument());
  for (const page of pages) {
    const url = router.getFullUrl(page);
    const slugger = new Slugger(configuration);
    const [introduction, ...sections] = sectionsOf(textOf(page.content)).map((section) => ({
      ...section,
      // TypeDoc leaves code out of an anchor.
      anchor: slugger.slug(section.words),
    }));
    // It names the subjects of the whole page.
    page.relevanceBoost = explains;
    event.searchFields[event.searchResults.indexOf(page)] = fieldsOf(introduction.text);
    for (const { title, text, anchor } of sections) {
      if (text.trim() === '') continue;
      add(`${page.name}: ${title}`, `${url}#${anchor}`, {
        name: title,
        code: /^[a-z]+(-[a-z]+)+$/.test(title) ? title : undefined,
        ...fieldsOf(text),
      });
    }
  }
  const { readme = [], name } = event.searchResults[0].project;
  add(name, 'index.html', fieldsOf(textOf(readme)));
}

function fieldsOf(text) {
  return { document: plain(text), terms: termsIn(text) };
}

/** The inline code of a text, which names its subjects. */
function termsIn(markdown) {
  const prose = markdown.replace(/^```.*\n[^]*?^```$/gm, '');
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, term]) => term).join(' ');
}

/** The parts of a text from one heading to the next, without the marks of Markdown in the headings. */
function sectionsOf(markdown) {
  const sections = [];
  let isCode = false;
  for (const line of markdown.split('\n')) {
    if (line.startsWith('```')) isCode = !isCode;
    const [, title] = isCode ? [] : (/^#+ (.+)$/.exec(line) ?? []);
    if (title === undefined) sections.at(-1).text += `${line}\n`;
    else
      sections.push({ title: plain(title), words: plain(title.replace(/`.*?`/g, '')), text: '' });
  }
  return sections;
}

function plain(markdown) {
  return markdown.replace(/`|\[|\]\(.*?\)/g, '');
}

/** The content is the main landmark, and a wide table scrolls by keyboard. */
function accessible(html) {
  return html
    .replace('<div class="col-content">', '<div class="col-content" role="main">')
    .replaceAll('<table>', '<table tabindex="0">');
}

/** One line for every page and for every entry of the reference: https://llmstxt.org. */
function overview(router, project) {
  const line = (entry, text) => {
    const [first = ''] = text
      .replace(/\s+/g, ' ')
      .trim()
      .split(/(?<=\.) /, 1);
    return `- [${entry.name}](${router.getFullUrl(entry)})${first === '' ? '' : `: ${first}`}`;
  };
  const pages = (project.documents ?? []).map((page) => line(page, introductionIn(page.content)));
  const modules = (project.children ?? []).flatMap((module) => [
    '',
    `## ${module.name}`,
    '',
    ...(module.children ?? []).map((entry) => {
      const { comment } = entry.signatures?.[0] ?? entry;
      return line(entry, textOf(comment?.summary ?? []));
    }),
  ]);
  const summary = introductionIn(project.readme ?? []).replace(/\s+/g, ' ');
  return [
    `# ${project.name}`,
    '',
    `> ${summary}`,
    '',
    '## Pages',
    '',
    ...pages,
    ...modules,
    '',
  ].join('\n');
}

/** The first paragraph that is not a heading, code, a list or a table. */
function introductionIn(content) {
  const prose = textOf(content).replace(/^```.*\n[^]*?^```$/gm, '');
  return prose.split('\n\n').find((paragraph) => /^\w/.test(paragraph.trim())) ?? '';
}
