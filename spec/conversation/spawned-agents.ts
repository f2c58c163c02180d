import {
  ScriptedReply,
  type ScriptedModel,
  type ScriptedRequest,
} from '../../lib/testing/index.js';

/** The namespace of the tools with which a model starts sub-agents. */
export const agents = { namespace: 'multi_agent_v1' };

/** The ids of the sub-agents in these tool outputs of `spawn_agent`. */
export function agentsIn(outputs: readonly { readonly text: string }[]): readonly string[] {
  return outputs.map(({ text }) => (JSON.parse(text) as { agent_id: string }).agent_id);
}

/**
 * Makes a model that receives `Go` start a sub-agent and wait for it, and makes the sub-agent give this answer to
 * every request.
 */
export function spawnOne(
  model: ScriptedModel,
  answer: Parameters<ScriptedModel['replyWhen']>[1],
  spent?: Parameters<ScriptedReply['usage']>[0],
): void {
  const isParent = ({ userTexts }: ScriptedRequest): boolean => userTexts.includes('Go');
  const spawn = ScriptedReply.functionCall('spawn_agent', { message: 'child' }, agents);
  model
    .replyOnceWhen(isParent, spent === undefined ? spawn : spawn.usage(spent))
    .replyOnceWhen(isParent, ({ toolOutputs }) =>
      ScriptedReply.functionCall('wait_agent', { targets: agentsIn(toolOutputs) }, agents),
    )
    .replyWhen((request) => !isParent(request), answer);
}
