import { resolve } from 'node:path';
import type {
  ActivePermissionProfile,
  SandboxMode,
  SandboxPolicy,
  ThreadSettings,
  ThreadSettingsUpdateParams,
} from '../protocol/index.js';

/** What a request may say about a thread's settings. @internal */
export interface FaultySettingsChange extends Pick<
  ThreadSettingsUpdateParams,
  | 'cwd'
  | 'approvalPolicy'
  | 'approvalsReviewer'
  | 'sandboxPolicy'
  | 'permissions'
  | 'model'
  | 'serviceTier'
  | 'effort'
  | 'summary'
  | 'collaborationMode'
> {
  readonly modelProvider?: string | null;
  readonly sandbox?: SandboxMode | null;
}

const workspaceWrite: SandboxPolicy = {
  type: 'workspaceWrite',
  writableRoots: [],
  networkAccess: false,
  excludeTmpdirEnvVar: false,
  excludeSlashTmp: false,
};
const policies: Record<SandboxMode, SandboxPolicy> = {
  'read-only': { type: 'readOnly', networkAccess: false },
  'workspace-write': workspaceWrite,
  'danger-full-access': { type: 'dangerFullAccess' },
};
const profiles: Record<string, SandboxPolicy> = {
  ':read-only': policies['read-only'],
  ':workspace': workspaceWrite,
};

/** The rules by which a thread's settings begin and change. @internal */
export class FaultySettings {
  /** What a thread has that says nothing. */
  static initial(cwd: string): ThreadSettings {
    return {
      disabledPluginIds: [],
      cwd,
      environments: environments(cwd),
      approvalPolicy: 'on-request',
      approvalsReviewer: 'user',
      sandboxPolicy: policies['read-only'],
      activePermissionProfile: { id: ':read-only', extends: null },
      model: 'gpt-5.5',
      modelProvider: 'faulty',
      serviceTier: null,
      effort: null,
      summary: null,
      collaborationMode: {
        mode: 'default',
        settings: { model: 'gpt-5.5', reasoning_effort: null, developer_instructions: null },
      },
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- the protocol still requires it
      multiAgentMode: 'explicitRequestOnly',
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- as above
      personality: null,
    };
  }

  /** The settings after a change. As in codex-rs, null changes nothing, and a mode brings its own model and effort. */
  static changed(settings: ThreadSettings, change: FaultySettingsChange): ThreadSettings {
    const mode = change.collaborationMode ?? settings.collaborationMode;
    const isMode = Boolean(change.collaborationMode);
    const model = (isMode ? mode.settings.model : change.model) ?? settings.model;
    const effort = isMode ? mode.settings.reasoning_effort : (change.effort ?? settings.effort);
    const cwd = resolve(change.cwd ?? settings.cwd);
    return {
      ...settings,
      ...sandboxOf(settings, change),
      cwd,
      environments: environments(cwd),
      model,
      effort,
      modelProvider: change.modelProvider ?? settings.modelProvider,
      approvalPolicy: change.approvalPolicy ?? settings.approvalPolicy,
      approvalsReviewer: change.approvalsReviewer ?? settings.approvalsReviewer,
      // Naming no tier is a choice: the standard one.
      serviceTier:
        change.serviceTier === null ? 'default' : (change.serviceTier ?? settings.serviceTier),
      summary: change.summary ?? settings.summary,
      collaborationMode: {
        mode: mode.mode,
        settings: { ...mode.settings, model, reasoning_effort: effort },
      },
    };
  }
}

function environments(cwd: string): NonNullable<ThreadSettings['environments']> {
  return [{ environmentId: 'local', cwd, runtimeWorkspaceRoots: [cwd] }];
}

function sandboxOf(
  settings: ThreadSettings,
  change: FaultySettingsChange,
): {
  sandboxPolicy: SandboxPolicy;
  activePermissionProfile: ActivePermissionProfile | null;
} {
  const { permissions, sandboxPolicy, sandbox } = change;
  if (permissions)
    return {
      sandboxPolicy: profiles[permissions] ?? settings.sandboxPolicy,
      activePermissionProfile: { id: permissions, extends: null },
    };
  if (sandboxPolicy) return { sandboxPolicy, activePermissionProfile: null };
  if (sandbox === 'read-only') return sandboxOf(settings, { permissions: ':read-only' });
  if (sandbox) return { sandboxPolicy: policies[sandbox], activePermissionProfile: null };
  const { sandboxPolicy: policy, activePermissionProfile } = settings;
  return { sandboxPolicy: policy, activePermissionProfile };
}
