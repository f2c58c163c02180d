// Snippets of the doc comments of accounts, errors, inputs, records, raw requests and logs.
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import {
  AuthenticationError,
  Codex,
  CodexError,
  ImageInput,
  LocalImageInput,
  MentionInput,
  SkillInput,
  TextInput,
  logTelemetry,
} from '../../lib/index.js';
import { OpenTelemetryBridge } from '../../lib/opentelemetry/index.js';
import { FaultyTransport, ScriptedReply } from '../../lib/testing/index.js';
import type { Stage } from './stage.js';

export async function account({ codex }: Stage): Promise<void> {
  // #region Account
  await codex.account.loginWithApiKey('sk-of-the-user-1234');
  const { type } = await codex.account.read();
  console.log(type); // apiKey
  // #endregion
}

export async function pendingLogin(): Promise<void> {
  const transport = new FaultyTransport()
    .on('account/login/start')
    .answer({ type: 'chatgpt', loginId: 'login-1', authUrl: 'https://auth.invalid/authorize' })
    .on('account/login/cancel')
    .answer({ status: 'canceled' });
  await using codex = new Codex({ transport });
  const show = (url: string): boolean => url.startsWith('https://');
  // #region PendingLogin
  const login = await codex.account.loginWithChatGpt();
  show(login.url);
  try {
    await login.wait({ timeoutMs: 100 });
  } catch (error) {
    if (!AuthenticationError.is(error)) throw error;
    console.log(error.code); // login-timeout
    await login.cancel();
  }
  // #endregion
}

export async function request({ codex }: Stage): Promise<void> {
  // #region Codex.request
  const { config } = await codex.request('config/read', { includeLayers: false });
  console.log(typeof config); // object
  // #endregion
}

export async function notifications({ codex }: Stage): Promise<void> {
  const thread = codex.startThread();
  await thread.run('Write the migration');
  const named = new Promise((listening) => setImmediate(listening)).then(async () =>
    thread.setName('Migration'),
  );
  // #region Codex.notifications
  for await (const { params } of codex.notifications({ methods: ['thread/name/updated'] })) {
    console.log(params.threadName); // Migration
    break;
  }
  // #endregion
  await named;
}

export async function inputs({ codex, model }: Stage): Promise<void> {
  const thread = codex.startThread();
  const pixel =
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
  const screenshot = Buffer.from(pixel, 'base64');
  // #region ImageInput
  await thread.run([
    new TextInput('What is wrong on this page, and which file is it?'),
    ImageInput.fromBytes(screenshot),
  ]);
  // #endregion
  console.log(JSON.stringify(model.requests.at(-1)?.body).includes('input_image')); // true
}

export function otherInputs(): void {
  // #region LocalImageInput
  const image = new LocalImageInput('screenshots/checkout.png');
  console.log(image.type, image.path); // localImage screenshots/checkout.png
  // #endregion
  // #region SkillInput
  const skill = new SkillInput('release', '/repo/.codex/skills/release/SKILL.md');
  const mention = new MentionInput('checkout.ts', '/repo/lib/checkout.ts');
  console.log(skill.type, mention.type); // skill mention
  // #endregion
}

export async function toolSurface({ codex, model }: Stage): Promise<void> {
  // #region ToolSurface
  const thread = codex.startThread({
    toolSurface: { shell: false, webSearch: false, mcpServers: [], apps: false },
  });
  await thread.run('What does this sentence say?');
  // #endregion
  console.log(model.requests.at(-1)?.toolNames.includes('exec_command')); // false
}

export async function logging({ codex, model }: Stage): Promise<void> {
  model.reply(ScriptedReply.status(429));
  const warned: string[] = [];
  const logger = {
    info: (): void => undefined,
    warn: (_message: object, channel: string): void => void warned.push(channel),
  };
  // #region logTelemetry
  const stop = logTelemetry(logger);
  await codex
    .startThread()
    .run('Fix it')
    .catch(() => null);
  stop();
  // #endregion
  console.log(warned.join()); // codex.turn.end
}

export async function bridge({ codex }: Stage): Promise<void> {
  // #region OpenTelemetryBridge
  const spans = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(spans)],
  });
  const bridge = new OpenTelemetryBridge({ tracerProvider }).connect();
  await codex.startThread().run('Why is the build red?');
  bridge.disconnect();
  console.log(spans.getFinishedSpans().some(({ name }) => name === 'invoke_agent codex')); // true
  // #endregion
}

export function environment(): void {
  // #region EnvironmentOptions
  const codex = new Codex({
    environment: { inherit: 'core', pass: ['NPM_TOKEN'], set: { CI: 'true' } },
  });
  console.log(codex.options.environment?.pass); // [ 'NPM_TOKEN' ]
  // #endregion
}

export function clientInfo(): void {
  // #region ClientInfo
  const codex = new Codex({ clientInfo: { name: 'release-bot', version: '1.4.0' } });
  console.log(codex.options.clientInfo?.name); // release-bot
  // #endregion
}

export function granular({ codex }: Stage): void {
  // #region GranularApprovals
  const thread = codex.startThread({
    approvalPolicy: { granular: { sandboxApproval: true, mcpElicitations: true } },
  });
  console.log(typeof thread.threadOptions.approvalPolicy); // object
  // #endregion
}

export async function help({ codex, model }: Stage): Promise<void> {
  const thread = codex.startThread();
  model.reply(ScriptedReply.contextWindowExceeded());
  // #region CodexError.help
  try {
    await thread.run('Fix it');
  } catch (error) {
    if (!CodexError.is(error)) throw error;
    console.log(error.code, error.help); // turn-failed https://github.com/codex-threads/codex-threads/blob/main/docs/errors.md#turn-failed
  }
  // #endregion
}
