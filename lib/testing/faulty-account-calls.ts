import type {
  Account,
  LoginAccountParams,
  LoginAccountResponse,
  Model,
} from '../protocol/index.js';
import { FaultyIds } from './faulty-ids.js';
import { FaultyRefusal } from './faulty-refusal.js';
import type { FaultyAnswer, FaultyCalls, FaultySession } from './faulty-session.js';

/** Who is logged in, and which models there are. @internal */
export class FaultyAccountCalls {
  readonly #session: FaultySession;
  readonly #logins = new Set<string>();
  #account: Account | null;

  constructor(session: FaultySession) {
    this.#session = session;
    this.#account = session.script.server?.account ?? null;
  }

  /** The requests carried out here. */
  get calls(): FaultyCalls {
    return {
      'account/read': () => ({
        result: {
          account: this.#account,
          userId: null,
          requiresOpenaiAuth: this.#session.script.server?.requiresOpenaiAuth ?? false,
          workspaceRouting: null,
        },
      }),
      'account/login/start': (params) => this.#login(params),
      'account/login/cancel': ({ loginId }) => {
        if (!this.#logins.delete(loginId)) throw new FaultyRefusal(`invalid login id: ${loginId}`);
        return { result: { status: 'canceled' } };
      },
      'account/logout': () => ({
        result: {},
        perform: (acknowledge) => {
          this.#account = null;
          acknowledge();
          this.#session.wire.notify('account/updated', { authMode: null, planType: null });
        },
      }),
      'model/list': ({ limit, cursor }) => {
        const models = this.#session.script.server?.models ?? [usualModel];
        const from = Number(cursor ?? 0);
        const to = from + (limit ?? models.length);
        const nextCursor = to < models.length ? String(to) : null;
        return { result: { data: models.slice(from, to), nextCursor } };
      },
    };
  }

  #login(params: LoginAccountParams): FaultyAnswer<LoginAccountResponse> {
    const loginId = FaultyIds.next();
    switch (params.type) {
      case 'apiKey':
        return {
          result: { type: 'apiKey' },
          perform: (acknowledge) => {
            this.#useKey(acknowledge);
          },
        };
      case 'chatgpt':
        this.#logins.add(loginId);
        return { result: { type: 'chatgpt', loginId, authUrl: `${site}/authorize` } };
      case 'chatgptDeviceCode':
        this.#logins.add(loginId);
        return {
          result: {
            type: 'chatgptDeviceCode',
            loginId,
            verificationUrl: `${site}/device`,
            userCode: 'ABCD-1234',
          },
        };
      default:
        throw new FaultyRefusal(
          `Invalid request: unknown variant \`${params.type}\`, expected one of \`apiKey\`, \`chatgpt\`, \`chatgptDeviceCode\``,
        );
    }
  }

  #useKey(acknowledge: () => void): void {
    // As in codex-rs: with a provider that needs no OpenAI login, `account/read` goes on saying null.
    if (this.#session.script.server?.requiresOpenaiAuth) this.#account = { type: 'apiKey' };
    acknowledge();
    const { wire } = this.#session;
    wire.notify('account/login/completed', {
      loginId: null,
      success: true,
      error: null,
      onboardingEntrypoint: null,
    });
    wire.notify('account/updated', { authMode: 'apikey', planType: null });
  }
}

const site = 'https://auth.invalid';

const usualModel: Model = {
  id: 'gpt-5.5',
  model: 'gpt-5.5',
  upgrade: null,
  upgradeInfo: null,
  availabilityNux: null,
  displayName: 'GPT-5.5',
  description: 'A model that says what the script says.',
  modelSpecialty: null,
  hidden: false,
  supportedReasoningEfforts: [
    { reasoningEffort: 'low', description: 'Fast' },
    { reasoningEffort: 'high', description: 'Thorough' },
  ],
  defaultReasoningEffort: 'low',
  inputModalities: ['text', 'image'],
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the protocol still requires it
  supportsPersonality: false,
  multiAgentVersion: null,
  additionalSpeedTiers: [],
  serviceTiers: [],
  defaultServiceTier: null,
  availableAccessPrograms: null,
  isDefault: true,
};
