import type { DynamicModule, FactoryProvider, Provider } from '@nestjs/common';
import type { ApprovalHandler } from '../approvals/approval-handler.js';
import type { CodexOptionsRecord } from '../options/codex-options.js';
import type { LabelsInput } from '../record/labels.js';
import type { ResumeValidator } from '../resume/resume-validator.js';

/** The token of a provider in the container: its class, a string or a symbol. */
export type ContainerToken<T> = string | symbol | (abstract new (...given: never[]) => T);

/** Settings of a client's registration, with static or asynchronous options. */
export interface CodexModuleSettings {
  /** The name for `InjectCodex(name)`. Absent: the client is injected by the class `Codex`. */
  readonly name?: string | undefined;
  /** Whether every module can inject the client without importing this one. @defaultValue true */
  readonly global?: boolean | undefined;
  /** The modules whose exports the client needs, such as that of a validator. */
  readonly imports?: DynamicModule['imports'];
  /** Providers that the client needs and that no module exports. */
  readonly providers?: readonly Provider[] | undefined;
  /**
   * Returns the labels that {@link RequestThreads} assigns to the threads of a request. The request has the type of the
   * platform: annotate the parameter with it, such as `Request` of Express.
   */
  readonly requestLabels?: ((request: never) => LabelsInput) | undefined;
}

/** Options of `CodexModule.forRoot`: those of a client, with strategies from the container. */
export interface CodexModuleOptions
  extends CodexModuleSettings, Omit<CodexOptionsRecord, 'approvals' | 'resumeValidator'> {
  /** Answers approval requests: a handler, or its token. */
  readonly approvals?: ApprovalHandler | ContainerToken<ApprovalHandler> | undefined;
  /** Decides whether a thread may be resumed: a validator, or its token. */
  readonly resumeValidator?: ResumeValidator | ContainerToken<ResumeValidator> | undefined;
}

/** Options of `CodexModule.forRootAsync`: a factory of the client's options, and the tokens of strategies. */
export interface CodexModuleAsyncOptions extends CodexModuleSettings {
  /** The tokens of the factory's arguments. */
  readonly inject?: FactoryProvider['inject'];
  /** Returns the options of the client. */
  readonly useFactory: (...injected: never[]) => CodexOptionsRecord | Promise<CodexOptionsRecord>;
  /** The token of the handler that answers approval requests. */
  readonly approvals?: ContainerToken<ApprovalHandler> | undefined;
  /** The token of the validator that decides whether a thread may be resumed. */
  readonly resumeValidator?: ContainerToken<ResumeValidator> | undefined;
}
