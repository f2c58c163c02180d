/** The package that programs migrate from. */
export const officialPackage = '@openai/codex-sdk';

/** Property names of the official SDK that are distinctive enough to be renamed in every place. */
export const renamedProperties: ReadonlyMap<string, string> = new Map([
  ['aggregated_output', 'aggregatedOutput'],
  ['cached_input_tokens', 'cachedInputTokens'],
  ['exit_code', 'exitCode'],
  ['input_tokens', 'inputTokens'],
  ['output_tokens', 'outputTokens'],
  ['reasoning_output_tokens', 'reasoningOutputTokens'],
  ['thread_id', 'threadId'],
]);

/** The types of items and inputs. */
export const renamedTypes: ReadonlyMap<string, string> = new Map([
  ['agent_message', 'agentMessage'],
  ['command_execution', 'commandExecution'],
  ['file_change', 'fileChange'],
  ['local_image', 'localImage'],
  ['mcp_tool_call', 'mcpToolCall'],
  ['web_search', 'webSearch'],
]);

/** The exported TypeScript types with another name here. */
export const typeNames: ReadonlyMap<string, string> = new Map([
  ['ApprovalMode', 'ApprovalPolicy'],
  ['CodexOptions', 'CodexOptionsRecord'],
  ['Input', 'TurnInput'],
  ['ModelReasoningEffort', 'ReasoningEffort'],
  ['RunResult', 'TurnResult'],
  ['RunStreamedResult', 'Turn'],
  ['ThreadOptions', 'ThreadOptionsRecord'],
  ['TurnOptions', 'RunOptions'],
  ['UserInput', 'TurnInputItem'],
]);

/** The exported TypeScript types without an equivalent here, with instructions. */
export const missingTypes: ReadonlyMap<string, string> = new Map([
  [
    'CyberAccessProgram',
    '`CyberAccessProgram` has no equivalent: remove it, or use `codex.request`.',
  ],
]);

/** The types of items that a program must handle differently, with instructions. */
export const changedTypes: ReadonlyMap<string, string> = new Map([
  ['file_change', 'The `kind` of a change is an object: compare `kind.type`.'],
  ['reasoning', 'A reasoning item has the arrays `summary` and `content` instead of `text`.'],
  ['todo_list', 'The plan is reported by the event `plan.updated` instead of an item.'],
]);

/** Marks for code whose meaning depends on the program. */
export const marks = {
  client: 'One process serves all threads of a client: end it with `await codex.close()`.',
  resume: '`resumeThread` returns a promise: await it in an async function.',
  finalResponse: '`finalResponse` is null without an answer. In the official SDK it is empty.',
  usage: '`usage` of a completed turn may be null.',
} as const;
