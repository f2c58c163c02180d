import { Module, Scope, type DynamicModule, type FactoryProvider } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { Codex } from '../codex.js';
import { ValidationError } from '../errors.js';
import type { CodexOptionsRecord } from '../options/codex-options.js';
import { ClientShutdown } from './client-shutdown.js';
import { CodexHealthIndicator } from './codex-health-indicator.js';
import type {
  CodexModuleAsyncOptions,
  CodexModuleOptions,
  CodexModuleSettings,
  ContainerToken,
} from './codex-module-options.js';
import { codexToken } from './codex-token.js';
import { RequestThreads } from './request-threads.js';

/** The options of a client that a token in the container can provide. */
type Strategies = Partial<Record<'approvals' | 'resumeValidator', ContainerToken<object>>>;

/**
 * Provides a client to a Nest application: `Codex`, its {@link CodexHealthIndicator} and {@link RequestThreads}. The
 * client is closed when the application shuts down. Register the module once for each client, and give every additional
 * client a `name`.
 *
 * @example
 * ```ts
 * const app = await NestFactory.createApplicationContext({
 *   module: AppModule,
 *   imports: [
 *     CodexModule.forRoot({ keepLoadedMs: 60_000 }),
 *     CodexModule.forRoot({ name: 'private', isolation: 'private' }),
 *   ],
 * });
 * const turn = await app.get(Codex).startThread().run('Why is the build red?');
 * console.log(turn.finalResponse); // A test fails.
 * console.log(app.get<Codex>(codexToken('private')).options.isolation); // private
 * await app.close();
 * ```
 */
@Module({})
export class CodexModule {
  /**
   * Registers a client with these options. Invalid options reject the start of the application with a
   * `ValidationError`.
   *
   * @throws `ValidationError` for a blank name
   */
  static forRoot(options: CodexModuleOptions = {}): DynamicModule {
    const { name, global, imports, providers, requestLabels, ...rest } = options;
    const { approvals, resumeValidator, ...client } = rest;
    const strategies: Strategies = {
      ...(isToken(approvals) ? { approvals } : {}),
      ...(isToken(resumeValidator) ? { resumeValidator } : {}),
    };
    const given: CodexOptionsRecord = {
      ...client,
      ...(isToken(approvals) ? {} : { approvals }),
      ...(isToken(resumeValidator) ? {} : { resumeValidator }),
    };
    const settings = {
      name,
      global,
      imports: imports ?? [],
      providers,
      requestLabels,
    };
    return moduleWith(settings, strategies, { inject: [], useFactory: () => given });
  }

  /**
   * Registers a client with options from a factory, which can use providers such as `ConfigService`.
   *
   * @throws `ValidationError` for a blank name
   */
  static forRootAsync(options: CodexModuleAsyncOptions): DynamicModule {
    const { approvals, resumeValidator, inject = [], useFactory } = options;
    const strategies: Strategies = {
      ...(approvals === undefined ? {} : { approvals }),
      ...(resumeValidator === undefined ? {} : { resumeValidator }),
    };
    return moduleWith(options, strategies, { inject, useFactory });
  }
}

/** The factory of a client's options, and the tokens of its arguments. */
interface OptionsFactory {
  readonly inject: NonNullable<FactoryProvider['inject']>;
  readonly useFactory: CodexModuleAsyncOptions['useFactory'];
}

function moduleWith(
  settings: CodexModuleSettings,
  strategies: Strategies,
  { inject, useFactory }: OptionsFactory,
): DynamicModule {
  const { name, global = true, imports = [], providers = [] } = settings;
  const client = codexToken(name);
  const health = codexToken(name, CodexHealthIndicator);
  const threads = codexToken(name, RequestThreads);
  const names = Object.keys(strategies);
  const own: readonly FactoryProvider[] = [
    {
      provide: client,
      inject: [...Object.values(strategies), ...inject],
      useFactory: async (...injected: never[]) => {
        const found = Object.fromEntries(names.map((option, at) => [option, injected[at]]));
        const given = await useFactory(...injected.slice(names.length));
        return new Codex(combined(given, found));
      },
    },
    {
      provide: health,
      inject: [client],
      useFactory: (codex: Codex) => new CodexHealthIndicator(codex),
    },
    {
      provide: threads,
      scope: Scope.REQUEST,
      inject: [client, REQUEST],
      useFactory: (codex: Codex, request: never) =>
        new RequestThreads(codex, () => settings.requestLabels?.(request) ?? {}),
    },
    // Nest calls the shutdown hook of every provider, so a unique symbol is enough.
    {
      provide: Symbol('ClientShutdown'),
      inject: [client],
      useFactory: (codex: Codex) => new ClientShutdown(codex),
    },
  ];
  return {
    module: CodexModule,
    global,
    imports,
    providers: [...providers, ...own],
    exports: [client, health, threads],
  };
}

function combined(given: CodexOptionsRecord, found: object): CodexOptionsRecord {
  const named = new Map<string, unknown>(Object.entries(given));
  const twice = Object.keys(found).filter((option) => named.get(option) !== undefined);
  if (twice.length > 0)
    throw new ValidationError(
      'options of CodexModule.forRootAsync',
      twice.map((path) => ({
        path,
        reason: 'is given as a token and by useFactory: keep one of them',
      })),
    );
  return { ...given, ...found };
}

/** A strategy is an object. A class, a string or a symbol is a token. */
function isToken<T extends object>(
  value: T | ContainerToken<T> | undefined,
): value is ContainerToken<T> {
  return ['function', 'string', 'symbol'].includes(typeof value);
}
