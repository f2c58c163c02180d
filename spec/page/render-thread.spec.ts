import { expect } from 'chai';
import { Secret, ThreadMetadata } from '../../lib/index.js';
import { renderThread, type ThreadExport } from '../../lib/page/index.js';
import { approvalReport, item } from '../../lib/testing/index.js';

const threadId = '01890000-0000-7000-8000-000000000001';
const turnId = '01890000-0000-7000-8000-000000000002';

type Items = ThreadExport['thread']['turns'][number]['items'];

/** A thread with one turn of these items. */
function exportOf(items: Items, changes: Partial<ThreadExport['thread']> = {}): ThreadExport {
  const turn = {
    id: turnId,
    items,
    status: 'completed',
    error: null,
    startedAt: 1_700_000_000,
    completedAt: 1_700_000_002,
    durationMs: 2300,
  };
  const thread = {
    id: threadId,
    sessionId: threadId,
    preview: 'Why is the build red?',
    ephemeral: false,
    modelProvider: 'openai',
    createdAt: 1_700_000_000,
    updatedAt: 1_700_000_002,
    status: { type: 'notLoaded' },
    cwd: '/work',
    cliVersion: '0.171.0',
    source: 'vscode',
    turns: [turn],
    ...changes,
  } as unknown as ThreadExport['thread'];
  return { version: 1, exportedAt: '2026-01-01T00:00:00.000Z', thread, labels: {}, details: null };
}

/** The visible text: without markup, with collapsed white space. */
function seen(page: string): string {
  const [, body = ''] = /<body>(.*)<\/body>/s.exec(page) ?? [];
  return body.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
}

const hostile = '</title></style></pre><script>alert(1)</script><img src=x onerror=alert(1)>';

describe('renderThread', () => {
  it('returns one page that allows only its own style', () => {
    const page = renderThread(exportOf([]));

    expect(page).to.match(/^<!doctype html>/);
    expect(page).to.contain("default-src 'none'");
    expect(page).not.to.match(/<script|<link|\sstyle=|\son\w+=|https?:/);
  });

  it('is the same for equal histories', () => {
    expect(renderThread(exportOf([]))).to.equal(renderThread(exportOf([])));
  });

  it('escapes every text of a thread', () => {
    const page = renderThread({
      ...exportOf(
        [
          item('agentMessage', { text: hostile }),
          item('commandExecution', { command: hostile, aggregatedOutput: hostile, cwd: hostile }),
          item('fileChange', {
            changes: [{ path: hostile, kind: { type: 'add' }, diff: hostile }],
          }),
          item('reasoning', { summary: [`**${hostile}**`] }),
          { type: hostile, id: '1', nested: hostile } as unknown as Items[number],
        ],
        { name: hostile, cwd: hostile },
      ),
      labels: { [hostile]: hostile },
    });

    expect(page).not.to.contain('<script');
    expect(page).not.to.contain('<img');
    expect(page).to.contain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  it('uses the title of the options, the name, or the first words', () => {
    const named = exportOf([], { name: 'Red build' });

    expect(renderThread(named, { title: 'Mine' })).to.contain('<title>Mine</title>');
    expect(renderThread(named)).to.contain('<title>Red build</title>');
    expect(renderThread(exportOf([]))).to.contain('<title>Why is the build red?</title>');
  });

  it('shows a command without its shell, with its exit code and duration', () => {
    const command = item('commandExecution', {
      command: "/bin/bash -lc 'npm test'",
      aggregatedOutput: '\u001b[31mnot ok\u001b[0m',
      status: 'failed',
      exitCode: 3,
      durationMs: 1200,
    });

    const page = renderThread(exportOf([command]));

    expect(page).to.contain('<code>npm test</code>');
    expect(page).to.contain('not ok</pre');
    expect(seen(page)).to.contain('exit 3').and.to.contain('1.2 s');
    expect(page).to.contain('<details open>');
  });

  it('shows replaced lines side by side', () => {
    const change = {
      path: 'a.ts',
      kind: { type: 'update' as const, move_path: 'b.ts' },
      diff: '@@ -4,3 +4,3 @@\n four\n-five\n+5\n six\n',
    };

    const page = renderThread(exportOf([item('fileChange', { changes: [change] })]));

    expect(seen(page)).to.contain('a.ts → b.ts +1 −1');
    const [row = ''] = /<tr class="changed">.*?<\/tr>/s.exec(page) ?? [];
    expect(seen(`<body>${row}</body>`).trim()).to.equal('5 five 5 5');
  });

  it('replaces characters that reorder text with their names', () => {
    const page = renderThread(exportOf([item('agentMessage', { text: 'a\u202eb' })]));

    expect(page).to.contain('a⟨U+202E⟩b');
  });

  it('omits the middle of a long output', () => {
    const command = item('commandExecution', { aggregatedOutput: 'x'.repeat(300_000) });

    const page = renderThread(exportOf([command]));

    expect(page.length).to.be.below(150_000);
    expect(page).to.contain('200,000 characters omitted');
  });

  it('shows the origin of each decision if it has the reports', () => {
    const approvals = [
      approvalReport({ turnId, decision: 'deny', reason: 'not today', why: 'handler' }),
      approvalReport({ turnId: threadId, reason: 'of another turn' }),
    ];

    const page = seen(renderThread(exportOf([]), { approvals }));

    expect(page).to.contain('approval handler: not today');
    expect(page).not.to.contain('of another turn');
  });

  it('marks an unfinished turn', () => {
    const { thread, ...rest } = exportOf([]);
    const turns = [{ ...thread.turns[0]!, status: 'interrupted' as const, completedAt: null }];

    const page = seen(renderThread({ ...rest, thread: { ...thread, turns } }));

    expect(page).to.contain('unfinished');
    expect(page).to.contain('it is running in another process, or its process was killed');
  });

  it('shows the message of the provider for a failed turn', () => {
    const { thread, ...rest } = exportOf([]);
    const message = JSON.stringify({ error: { type: 'invalid', message: 'Too many images.' } });
    const error = { message, codexErrorInfo: null, additionalDetails: null, misalignment: null };
    const turns = [{ ...thread.turns[0]!, status: 'failed' as const, error }];

    const page = seen(renderThread({ ...rest, thread: { ...thread, turns } }));

    expect(page).to.contain('The turn failed. Too many images.');
  });

  it('lists the missing parts of a history without details', () => {
    const page = seen(renderThread(exportOf([])));

    expect(page).to.contain('the rollout file was not read');
    expect(page).to.contain('Tokens per turn not recorded');
  });

  it('accepts the metadata of a thread', () => {
    const metadata = ThreadMetadata.fromJSON(
      exportOf([item('agentMessage', { text: 'Yes' })]).thread,
    );

    expect(seen(renderThread(metadata))).to.contain('Yes');
  });

  it('hides credentials and the given secrets', () => {
    const text = 'Bearer abcdefgh12345678 and hunter2hunter2';

    const page = renderThread(exportOf([item('agentMessage', { text })]), {
      secrets: [new Secret('hunter2hunter2')],
    });

    expect(seen(page)).to.contain('[redacted] and [redacted]');
  });

  it('rejects a value that is not a thread', () => {
    const broken = { ...exportOf([]), thread: {} } as unknown as ThreadExport;

    expect(() => renderThread(broken))
      .to.throw()
      .with.property('name', 'ValidationError');
  });
});
