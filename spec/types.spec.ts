import { toStandardJsonSchema } from '@valibot/to-json-schema';
import { type } from 'arktype';
import { IsString } from 'class-validator';
import { expectTypeOf } from 'expect-type';
import * as v from 'valibot';
import * as z from 'zod';
import {
  ApprovalHandler,
  Codex,
  ContinuationToken,
  type CodexOptionsRecord,
  ImageInput,
  Labels,
  LocalImageInput,
  MentionInput,
  SkillInput,
  TextInput,
  type CodexError,
  type JsonObject,
  type OutputOf,
  type OutputSource,
  type ReconciledTurn,
  type ResumeVerdict,
  type RunOptions,
  type SteerOutcome,
  type Thread,
  type ThreadBuilder,
  type ThreadOptionsInput,
  type ThreadOptionsRecord,
  type ThreadSnapshot,
  type Turn,
  type TurnEvent,
  type TurnFailedError,
  type TurnInput,
  type TurnOptions,
  type TurnResult,
  type TurnUsage,
} from '../lib/index.js';

class Report {
  @IsString() summary!: string;
}

declare const codex: Codex;
declare const builder: ThreadBuilder;
declare const thread: Thread;
declare const other: Thread;
declare const turn: Turn;
declare const result: TurnResult;
declare const event: TurnEvent;

/** Code that is compiled but not run. */
function compiled(code: (given: never) => unknown): void {
  expectTypeOf(code).toBeFunction();
}

describe('The types of the public API', () => {
  describe('of clients and threads', () => {
    it('reject unknown options and invalid values', () => {
      compiled(() => {
        // @ts-expect-error: the name is misspelt.
        new Codex({ apikey: 'x' });
        // @ts-expect-error: it is a thread that has a model.
        new Codex({ model: 'gpt-5.5' });
        // @ts-expect-error: there is no such way to log in.
        new Codex({ auth: 'chatgpt' });
        // @ts-expect-error: a number of milliseconds.
        new Codex({ keepLoadedMs: '5m' });
        // @ts-expect-error: the name is misspelt.
        codex.startThread({ workingDir: '/repo' });
        // @ts-expect-error: there is no such sandbox.
        codex.startThread({ sandboxMode: 'workspace' });
        // @ts-expect-error: labels are texts.
        codex.startThread({ labels: { ticket: 7 } });
        // @ts-expect-error: the key belongs to the client.
        builder.withOptions({ apiKey: 'x' });
        // @ts-expect-error: a token, not any object.
        void codex.resumeThread('id', { continuation: {} });
        // @ts-expect-error: there is no such direction.
        void thread.clone({ labels: 'a' });
      });
    });

    it('accept Python names and snake_case names as well', () => {
      compiled(() => {
        new Codex({ api_key: 'x', codex_home: '/home' });
        codex.startThread({ working_directory: '/repo', model_reasoning_effort: 'low' });
        codex.startThread({ cwd: '/repo', sandbox: 'read-only', effort: 'low' });
        codex.startThread(new Map<string, unknown>([['model', 'gpt-5.5']]));
        // @ts-expect-error: a directory is a text.
        codex.startThread({ cwd: 5 });
        // @ts-expect-error: the name is misspelt, next to one of Python.
        codex.startThread({ cwd: '/repo', modle: 'gpt-5.5' });
        // @ts-expect-error: the name is misspelt, next to one in snake_case.
        new Codex({ api_key: 'x', codex_hom: '/home' });
      });
    });

    it('accept options in every form', () => {
      compiled((given: ThreadOptionsInput, optional?: ThreadOptionsInput) => {
        const map = new Map<string, unknown>([['model', 'gpt-5.5']]);
        const entries = [['model', 'gpt-5.5']] as const;
        const { threadOptions, labels } = other;

        for (const one of [map, entries, threadOptions]) codex.startThread(one);
        codex.startThread(given);
        codex.startThread(optional);
        codex.startThread({ labels, model: 'x', toolSurface: threadOptions.toolSurface });
        builder.withOptions(map).withOptions(entries).withOptions(threadOptions).withOptions(given);
        builder.withOptions({ working_directory: '/repo', effort: 'low' });
        threadOptions.merge({ sandbox: 'read_only' }).merge(map).merge(other.threadOptions);
        thread.clone({ options: map }).clone({ options: given, labels });
        thread.clone({ options: { cwd: '/repo' } }).clone({ options: threadOptions });
        void codex.resumeThread('id', map);
        void codex.resumeThread('id', { cwd: '/repo', continuation: 'token' });
        void codex.forkThread('id', entries);
        void thread.fork({ at: 'id', working_directory: '/repo' });
        codex.listThreads(new Map([['search', 'Count']]));
        new Codex(new Map([['auth', 'apiKey']]));
        new Codex([['auth', 'apiKey']]);
        new Codex(codex.options);
        const again: Parameters<Codex['startThread']> = [map];
        return codex.startThread(...again);
      });
      compiled(() => {
        // @ts-expect-error: there is nothing to lay over.
        builder.withOptions();
        // @ts-expect-error: no form of options.
        codex.startThread(5);
        // @ts-expect-error: the value belongs to another option.
        thread.clone({ options: { sandbox: 'none' } });
        // @ts-expect-error: a thread that exists stays where it is kept.
        void codex.resumeThread('id', { ephemeral: true });
        // @ts-expect-error: there is no such order.
        codex.listThreads({ order: 'newest' });
      });
    });

    it('can only be created by their factories', () => {
      compiled(() => {
        // @ts-expect-error: a thread comes from a client.
        new (null as unknown as typeof Thread)();
        // @ts-expect-error: a token is issued, or read from its text.
        new ContinuationToken();
        // @ts-expect-error: labels come from Labels.from.
        new Labels({});
      });
    });

    it('cannot be changed', () => {
      compiled(() => {
        // @ts-expect-error: readonly.
        thread.threadOptions = other.threadOptions;
        // @ts-expect-error: readonly.
        thread.threadOptions.model = 'other';
        // @ts-expect-error: only a getter.
        thread.threadId = 'other';
        // @ts-expect-error: only a getter.
        thread.continuation = null;
        // @ts-expect-error: readonly.
        codex.options = other.codexOptions;
        // @ts-expect-error: readonly.
        codex.options.codexHome = '/other';
        // @ts-expect-error: readonly.
        result.finalResponse = 'other';
        // @ts-expect-error: a readonly list.
        result.items.length = 0;
        // @ts-expect-error: readonly.
        turn.status = 'completed';
        // @ts-expect-error: an event is readonly.
        event.type = 'unknown';
      });
    });

    it('show which ids and values may be missing', () => {
      compiled(() => {
        expectTypeOf(thread.threadId).toEqualTypeOf<string | null>();
        expectTypeOf(thread.continuation).toEqualTypeOf<ContinuationToken | null>();
        expectTypeOf(turn.turnId).toEqualTypeOf<string | null>();
        expectTypeOf(result.turnId).toEqualTypeOf<string>();
        expectTypeOf(result.finalResponse).toEqualTypeOf<string | null>();
        expectTypeOf(result.usage).toEqualTypeOf<TurnUsage | null>();
        expectTypeOf(result.status).toEqualTypeOf<'completed'>();
        expectTypeOf(thread.toJSON()).toEqualTypeOf<ThreadSnapshot>();
        expectTypeOf<CodexOptionsRecord['env']>().not.toEqualTypeOf<
          ThreadOptionsRecord['config']
        >();
      });
    });

    it('start synchronously, and resume as a promise', () => {
      expectTypeOf<Codex['startThread']>().returns.toEqualTypeOf<Thread>();
      expectTypeOf<ThreadBuilder['build']>().returns.toEqualTypeOf<Thread>();
      expectTypeOf<Codex['resumeThread']>().returns.resolves.toEqualTypeOf<Thread>();
    });
  });

  describe('of turns', () => {
    it('reject unknown options and invalid values', () => {
      compiled(() => {
        // @ts-expect-error: the name is misspelt.
        void thread.run('Hi', { signl: new AbortController().signal });
        // @ts-expect-error: the name is misspelt, next to one that is not.
        void thread.run('Hi', { whenBusy: 'queue', singal: new AbortController().signal });
        // @ts-expect-error: settings for one turn go into options.
        thread.runStreamed('Hi', { whenBusy: 'queue', model: 'gpt-5.5' });
        // @ts-expect-error: there is no steering by run.
        void thread.run('Hi', { whenBusy: 'steer' });
        // @ts-expect-error: a signal, not its controller.
        void thread.run('Hi', { signal: new AbortController() });
        // @ts-expect-error: there is no such budget.
        void thread.run('Hi', { timeouts: { total: 5 } });
        // @ts-expect-error: a handler, not an answer.
        void thread.run('Hi', { approvals: 'accept' });
        // @ts-expect-error: a permanent option of a thread cannot be set for a turn.
        void thread.run('Hi', { labels: {} });
        // @ts-expect-error: only run() repairs.
        thread.runStreamed('Hi', { output: Report, repairs: 1 });
        // @ts-expect-error: one of the two.
        void thread.run('Hi', { output: Report, outputSchema: { type: 'object' } });
        // @ts-expect-error: one of the two.
        thread.runStreamed('Hi', { output: Report, outputSchema: { type: 'object' } });
      });
    });

    it('accept every kind of input, and reject other values', () => {
      expectTypeOf('Hi').toExtend<TurnInput>();
      expectTypeOf<TextInput | ImageInput | LocalImageInput>().toExtend<TurnInput>();
      expectTypeOf<(SkillInput | MentionInput)[]>().toExtend<TurnInput>();
      expectTypeOf<
        readonly [{ readonly type: 'local_image'; readonly path: string }]
      >().toExtend<TurnInput>();
      compiled(() => {
        // @ts-expect-error: a text goes into a TextInput.
        void thread.run(['Hi']);
        // @ts-expect-error: there is no such part.
        void thread.run({ type: 'video', url: 'x' });
        // @ts-expect-error: an image has a URL.
        void thread.run({ type: 'image', path: 'x' });
        // @ts-expect-error: a skill has a path.
        new SkillInput('demo');
        // @ts-expect-error: readonly.
        new TextInput('Hi').text = 'other';
        // @ts-expect-error: nothing to say.
        void thread.run();
        // @ts-expect-error: bytes, not a text.
        ImageInput.fromBytes('data:');
      });
    });

    it('are not promises, and have no result until it is requested', () => {
      compiled(() => {
        expectTypeOf<Turn>().not.toHaveProperty('then');
        expectTypeOf<Awaited<Turn>>().toEqualTypeOf<Turn>();
        expectTypeOf<Turn>().not.toHaveProperty('finalResponse');
        expectTypeOf(turn.result()).resolves.toEqualTypeOf<TurnResult>();
        expectTypeOf<Turn<Report>>().toExtend<AsyncIterable<TurnEvent>>();
      });
    });

    it('return a discriminated outcome from steer', () => {
      expectTypeOf<SteerOutcome['status']>().toEqualTypeOf<'steered' | 'turnEnded' | 'unknown'>();
      compiled(async () => {
        const { status } = await turn.steer('Hi');
        // @ts-expect-error: there is no such answer.
        return status === 'queued';
      });
      compiled((outcome?: ReconciledTurn) => {
        if (outcome?.status === 'found') return outcome.turnId;
        // @ts-expect-error: a turn that is absent has no id.
        return outcome?.turnId;
      });
    });
  });

  describe('of an output', () => {
    it('has the requested type', () => {
      compiled(() => {
        const schema = { type: 'object', properties: {}, required: [] } as const;
        const zod = z.object({ n: z.number() });
        const valibot = toStandardJsonSchema(v.object({ n: v.number() }));
        const ark = type({ n: 'number' });
        type Numbered = TurnResult<{ n: number }>;

        expectTypeOf(thread.run('Hi')).resolves.toEqualTypeOf<TurnResult>();
        expectTypeOf(thread.run('Hi', {})).resolves.toEqualTypeOf<TurnResult>();
        expectTypeOf(thread.run('Hi', { whenBusy: 'queue' })).resolves.toEqualTypeOf<TurnResult>();
        expectTypeOf(thread.run('Hi', { output: Report })).resolves.toEqualTypeOf<
          TurnResult<Report>
        >();
        expectTypeOf(thread.run('Hi', { output: Report, repairs: 2 })).resolves.toEqualTypeOf<
          TurnResult<Report>
        >();
        expectTypeOf(thread.run('Hi', { output: zod })).resolves.toEqualTypeOf<Numbered>();
        expectTypeOf(thread.run('Hi', { output: valibot })).resolves.toEqualTypeOf<Numbered>();
        expectTypeOf(thread.run('Hi', { output: ark })).resolves.toEqualTypeOf<Numbered>();
        expectTypeOf(thread.run('Hi', { outputSchema: schema })).resolves.toEqualTypeOf<
          TurnResult<JsonObject>
        >();
        expectTypeOf(
          thread.run('Hi', { output: { jsonSchema: { type: 'object' } } }),
        ).resolves.toEqualTypeOf<TurnResult<JsonObject>>();
        expectTypeOf(thread.runStreamed('Hi', { output: Report })).toEqualTypeOf<Turn<Report>>();
      });
    });

    it('has the requested type next to settings in any form', () => {
      compiled((given: ThreadOptionsInput) => {
        const schema = { type: 'object', properties: {}, required: [] } as const;

        expectTypeOf(
          thread.run('Hi', { output: Report, options: { model: 'gpt-5.5' } }),
        ).resolves.toEqualTypeOf<TurnResult<Report>>();
        expectTypeOf(
          thread.run('Hi', { output: Report, repairs: 1, options: { cwd: '/repo' } }),
        ).resolves.toEqualTypeOf<TurnResult<Report>>();
        expectTypeOf(
          thread.run('Hi', { outputSchema: schema, options: new Map() }),
        ).resolves.toEqualTypeOf<TurnResult<JsonObject>>();
        expectTypeOf(thread.run('Hi', { options: given })).resolves.toEqualTypeOf<TurnResult>();
        expectTypeOf(
          thread.runStreamed('Hi', { output: Report, options: [['model', 'gpt-5.5']] }),
        ).toEqualTypeOf<Turn<Report>>();
        // @ts-expect-error: the name is misspelt, next to one of Python.
        void thread.run('Hi', { options: { cwd: '/repo', modle: 'gpt-5.5' } });
        // @ts-expect-error: the name is misspelt, next to settings of Python.
        void thread.run('Hi', { signl: null, options: { cwd: '/repo' } });
        // @ts-expect-error: one of the two.
        void thread.run('Hi', { output: Report, outputSchema: {}, options: { cwd: '/repo' } });
      });
    });

    it('has the requested type if it overrides other options', () => {
      compiled((defaults: RunOptions, plain: TurnOptions = {}, maybe?: typeof Report) => {
        expectTypeOf(thread.run('Hi', { ...defaults, output: Report })).resolves.toEqualTypeOf<
          TurnResult<Report>
        >();
        expectTypeOf(thread.runStreamed('Hi', { ...plain, output: Report })).toEqualTypeOf<
          Turn<Report>
        >();
        expectTypeOf(thread.run('Hi', plain)).resolves.toEqualTypeOf<TurnResult<unknown>>();
        const options = maybe === undefined ? {} : { output: maybe };
        expectTypeOf(thread.run('Hi', options)).resolves.toExtend<TurnResult<unknown>>();
      });
      compiled(async <S extends OutputSource>(output: S): Promise<TurnResult<OutputOf<S>>> =>
        thread.run('Hi', { output }),
      );
    });

    it('is unknown if the options may or may not request one', () => {
      compiled((options: RunOptions) => {
        expectTypeOf(thread.run('Hi', options)).resolves.toEqualTypeOf<TurnResult<unknown>>();
      });
    });

    it('comes from a class, a schema or a JSON Schema only', () => {
      compiled(() => {
        // @ts-expect-error: an instance describes nothing.
        void thread.run('Hi', { output: new Report() });
        // @ts-expect-error: a JSON Schema goes into outputSchema.
        void thread.run('Hi', { output: { type: 'object' } });
        // @ts-expect-error: no text.
        void thread.run('Hi', { outputSchema: '{}' });
      });
      compiled(async () => {
        const { output } = await thread.run('Hi', { output: Report });
        // @ts-expect-error: the class has no such property.
        return output.sumary;
      });
    });
  });

  describe('of discriminated unions', () => {
    it('narrow events by their type, all of them', () => {
      compiled((given: TurnEvent): string | null => {
        switch (given.type) {
          case 'thread.started':
            return given.threadId;
          case 'turn.started':
          case 'turn.completed':
          case 'turn.interrupted':
            return given.turnId;
          case 'turn.failed':
          case 'turn.retrying':
            return given.error.message;
          case 'item.started':
          case 'item.updated':
          case 'item.completed':
            return given.item.type === 'agentMessage' ? given.item.text : given.item.id;
          case 'text.delta':
          case 'text.replaced':
          case 'reasoning.delta':
          case 'command.output':
          case 'command.replaced':
            return given.text;
          case 'turn.diff':
            return given.diff;
          case 'plan.updated':
            return given.explanation;
          case 'usage.updated':
            return String(given.usage.totalTokens);
          case 'connection.restored':
            return String(given.lostMs);
          case 'connection.lost':
          case 'warning':
            return given.message;
          case 'mcp.updated':
            return given.error;
          case 'approval.requested':
            return given.request.threadId;
          case 'approval.resolved':
            return JSON.stringify(given.report);
          case 'subagent.event':
          case 'unknown':
            return given.method;
          default:
            return given satisfies never;
        }
      });
      compiled((given: TurnEvent) => {
        // @ts-expect-error: there is no such event.
        if (given.type === 'turn.done') return null;
        // @ts-expect-error: not every event has a text.
        return given.text;
      });
    });

    it('narrow verdicts and errors', () => {
      compiled((verdict: ResumeVerdict) => {
        if (verdict.accepted) {
          // @ts-expect-error: an accepted verdict has no reason.
          return verdict.reason;
        }
        // @ts-expect-error: there is no such reason.
        return verdict.reason === 'moved';
      });
      expectTypeOf<TurnFailedError>().toExtend<CodexError>();
      expectTypeOf<TurnFailedError['resetsAt']>().toEqualTypeOf<Date | null>();
    });

    it('accept only a verdict as the answer to an approval', () => {
      compiled(() => {
        class Careless extends ApprovalHandler {
          // @ts-expect-error: true is not a verdict.
          override handle(): boolean {
            return true;
          }
        }
        return Careless;
      });
    });
  });
});
