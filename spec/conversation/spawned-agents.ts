/** The namespace of the tools that a model starts sub-agents with. */
export const agents = { namespace: 'multi_agent_v1' };

/** The ids of the sub-agents that these tool outputs of `spawn_agent` name. */
export function agentsIn(outputs: readonly { readonly text: string }[]): readonly string[] {
  return outputs.map(({ text }) => (JSON.parse(text) as { agent_id: string }).agent_id);
}
