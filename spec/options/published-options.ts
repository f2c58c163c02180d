function names(text: string): readonly string[] {
  return text.split(' ');
}

/** The names in the published packages, version 0.163.0, by the headings of `docs/migration.md`. */
export const published: Readonly<Record<string, readonly string[]>> = {
  'Python CodexConfig': names(
    'codex_bin launch_args_override config_overrides cwd env client_name client_title client_version experimental_api',
  ),
  'Python thread_start, thread_resume, thread_fork': names(
    'thread_id approval_mode base_instructions config cwd developer_instructions ephemeral include_turns model model_provider personality sandbox service_name service_tier session_start_source thread_source',
  ),
  'Python thread.run, thread.turn': names(
    'input approval_mode cwd effort model output_schema personality sandbox service_tier source summary turn_service_tier',
  ),
  'Python thread_list': names(
    'archived cursor cwd limit model_providers search_term section_id sort_direction sort_key source_kinds use_state_db_only',
  ),
  'Python TurnResult': names(
    'id status error started_at completed_at duration_ms final_response items usage',
  ),
  'TypeScript CodexOptions': names('codexPathOverride baseUrl apiKey config configOverrides env'),
  'TypeScript ThreadOptions': names(
    'model threadSource sandboxMode workingDirectory skipGitRepoCheck modelReasoningEffort networkAccessEnabled webSearchMode webSearchEnabled approvalPolicy additionalDirectories',
  ),
  'TypeScript TurnOptions': names('cyberAccessProgram outputSchema signal'),
  'TypeScript Turn, the result of run': names('items finalResponse usage'),
  'TypeScript Exported types': names(
    'AgentMessageItem ApprovalMode Codex CodexOptions CommandExecutionItem CyberAccessProgram ErrorItem FileChangeItem Input ItemCompletedEvent ItemStartedEvent ItemUpdatedEvent McpToolCallItem ModelReasoningEffort ReasoningItem RunResult RunStreamedResult SandboxMode Thread ThreadError ThreadErrorEvent ThreadEvent ThreadItem ThreadOptions ThreadStartedEvent TodoListItem TurnCompletedEvent TurnFailedEvent TurnOptions TurnStartedEvent Usage UserInput WebSearchItem WebSearchMode',
  ),
};
