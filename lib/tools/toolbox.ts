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
 * The tools of a thread: their descriptions for codex-rs at the start of the thread, and the dispatch of calls to
 * methods.
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
   * Collects the tools of objects: methods with `@Tool`, and tools from `tool()`.
   *
   * @throws {@link ValidationError} with all problems: an object without tools, a name that is not valid, built into
   * codex-rs or already used, a missing description, an input that cannot be described
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

  /** The `dynamicTools` of `thread/start`. */
  specs(): DynamicToolSpec[] {
    return [...this.#tools.values()].map(({ spec }) => spec);
  }

  /** A digest of each tool's input, by name, to be stored with the thread. */
  get digests(): ToolDigests {
    return Object.fromEntries([...this.#tools.values()].map(({ name, digest }) => [name, digest]));
  }

  /** Compares these tools with those that a thread was started with. */
  compare(stored: ToolDigests): ToolsDifference {
    return differenceOf(this.digests, stored);
  }

  /**
   * Ensures that a thread that was started with other tools can use these. Additional tools of the thread are allowed.
   *
   * @throws {@link ToolsChangedError} if a tool is new to the thread or its input has changed
   */
  requireKnownTo(stored: ToolDigests): void {
    const difference = this.compare(stored);
    if (difference.added.length + difference.changed.length > 0)
      throw new ToolsChangedError(difference);
  }

  /**
   * Calls a tool for the model. Never rejects: an error becomes a failed call with an explanation.
   *
   * @param context - `signal` must abort when the turn ends, because codex-rs does not announce that it no longer waits
   * for a tool
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
      // The subscriber is responsible for the error; the model still gets its answer.
    }
    return response;
  }

  async #perform(call: ToolCall, context: ToolContext): Promise<ToolCallEnd> {
    const tool = call.namespace === null ? this.#tools.get(call.tool) : undefined;
    if (tool !== undefined) return performed(tool, call.arguments, context);
    const name = call.namespace === null ? call.tool : `${call.namespace}.${call.tool}`;
    return failed('unknown-tool', `The tool ${name} is no longer available. Continue without it.`);
  }
}

/** Adds the tools of one object; returns all problems. */
function add(tools: Map<string, BoundTool>, source: unknown): readonly ValidationProblem[] {
  const declarations = typeof source === 'object' && source !== null ? toolsOf(source) : [];
  if (declarations.length === 0)
    return [
      {
        path: '',
        reason: `has no method with @Tool and was not created by tool(), got ${shown(source)}`,
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
          reason: `${tool.owner} has the same name "${tool.name}" as ${taken.owner}: rename one of them`,
        });
    }
    return problems.map(({ path, reason }) => ({
      path: declaration.owner === undefined ? joined(declaration.method, path) : path,
      reason,
    }));
  });
}
