import { ValidationError, type ValidationProblem } from '../errors.js';
import type { DynamicToolCallResponse, DynamicToolSpec } from '../protocol/index.js';
import { joined, shown } from '../validation.js';
import { timers } from '../timers.js';
import { BoundTool } from './bound-tool.js';
import { failed, performed, type ToolCall, type ToolCallEnd } from './tool-call.js';
import type { ToolContext } from './tool-context.js';
import { differenceOf, type ToolDigests, type ToolsDifference } from './tool-digests.js';
import type { ToolReport } from './tool-report.js';
import { ToolsChangedError } from './tools-changed-error.js';
import { inputOf, objectionsTo } from './tool-rules.js';
import { toolsOf } from './tool.js';

/**
 * The tools of a thread: what codex-rs is told of them when the thread starts, and the way from a call to the method.
 *
 * @internal
 */
export class Toolbox {
  readonly #tools: ReadonlyMap<string, BoundTool>;

  private constructor(tools: ReadonlyMap<string, BoundTool>) {
    this.#tools = tools;
    Object.freeze(this);
  }

  /**
   * The tools that objects offer by methods with `@Tool`, and those made by `tool()`.
   *
   * @throws {@link ValidationError} with everything that is wrong: an object without tools, a name that the model cannot call,
   * that codex-rs has itself or that is taken, a missing description, an input that cannot be described
   */
  static of(sources: readonly object[]): Toolbox {
    const tools = new Map<string, BoundTool>();
    const problems: ValidationProblem[] = [];
    for (const [index, source] of sources.entries())
      for (const { path, reason } of add(tools, source))
        problems.push({ path: joined(`tools[${index}]`, path), reason });
    if (problems.length > 0) throw new ValidationError('tools', problems);
    return new Toolbox(tools);
  }

  /** What `thread/start` is told as `dynamicTools`. */
  specs(): DynamicToolSpec[] {
    return [...this.#tools.values()].map(({ spec }) => spec);
  }

  /** A digest of every tool's input, by name, to be kept with the thread. */
  get digests(): ToolDigests {
    return Object.fromEntries([...this.#tools.values()].map(({ name, digest }) => [name, digest]));
  }

  /** How these tools differ from those a thread was started with. */
  compare(stored: ToolDigests): ToolsDifference {
    return differenceOf(this.digests, stored);
  }

  /**
   * Makes sure that a thread that was started with other tools can use these; tools it has besides are no hindrance.
   *
   * @throws {@link ToolsChangedError} when a tool is new to the thread, or its input has changed
   */
  requireKnownTo(stored: ToolDigests): void {
    const difference = this.compare(stored);
    if (difference.added.length + difference.changed.length > 0)
      throw new ToolsChangedError(difference);
  }

  /**
   * Calls a tool for the model. It never rejects: whatever goes wrong is a failed call, with a text that says what.
   *
   * @param context - `signal` must abort when the turn ends: codex-rs does not say that it waits for a tool no more
   */
  async call(
    call: ToolCall,
    context: ToolContext,
    report: (report: ToolReport) => void = () => undefined,
  ): Promise<DynamicToolCallResponse> {
    const startedAt = timers.performance.now();
    const { outcome, response, error } = await this.#perform(call, context);
    try {
      const { threadId, turnId } = context;
      const durationMs = timers.performance.now() - startedAt;
      report({ tool: call.tool, threadId, turnId, outcome, error, durationMs });
    } catch {
      // A listener's error is its owner's: the model still gets its answer.
    }
    return response;
  }

  async #perform(call: ToolCall, context: ToolContext): Promise<ToolCallEnd> {
    const tool = call.namespace === null ? this.#tools.get(call.tool) : undefined;
    if (tool !== undefined) return performed(tool, call.arguments, context);
    const name = call.namespace === null ? call.tool : `${call.namespace}.${call.tool}`;
    return failed('unknown-tool', `There is no tool ${name} any more: do without it.`);
  }
}

/** The tools of one object, added to those that are there; gives everything that is wrong with them. */
function add(tools: Map<string, BoundTool>, source: unknown): readonly ValidationProblem[] {
  const declarations = typeof source === 'object' && source !== null ? toolsOf(source) : [];
  if (declarations.length === 0)
    return [
      {
        path: '',
        reason: `has no method with @Tool and was not made by tool(), got ${shown(source)}`,
      },
    ];
  return declarations.flatMap((declaration) => {
    const input = inputOf(declaration);
    const problems = [...objectionsTo(declaration), ...('read' in input ? [] : input)];
    if ('read' in input && problems.length === 0) {
      const tool = new BoundTool(source as object, declaration, input);
      const taken = tools.get(tool.name);
      if (taken === undefined) tools.set(tool.name, tool);
      else
        problems.push({
          path: '',
          reason: `${tool.owner} is named "${tool.name}" like ${taken.owner}: give one another name`,
        });
    }
    return problems.map(({ path, reason }) => ({
      path: declaration.owner === undefined ? joined(declaration.method, path) : path,
      reason,
    }));
  });
}
