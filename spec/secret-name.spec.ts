import { expect } from 'chai';
import { isSecretName } from '../lib/secret-name.js';

const secret =
  'apiKey api_key api-key APIKEY OPENAI_API_KEY key keys keyMaterial GPGKEYID keyring private_key_pem DOTENV_KEY ' +
  'AWS_ACCESS_KEY_ID secret_access_key cookie Set-Cookie x-auth auth oauth OAuth2Token authToken _authToken ' +
  'Authorization Proxy-Authorization authorised_by SSH_AUTH_SOCK token tokens XAuthToken sessionToken session sessionId ' +
  'connect.session INPUT_GITHUB_TOKEN MAX_TOKEN CONTEXT_API_TOKENS bearer passphrase passcode passwd password dbPassword PGPASSWORD DB_PASS MYSQL_PWD creds credential ' +
  'credentials clientSecret jwt id_jwt GITHUB_PAT DATABASE_URL SENTRY_DSN private';

const harmless =
  'author authors authority authored co_author AUTHOR max_tokens maxTokens max_output_tokens tokenLimit token_budget ' +
  'model_auto_compact_token_limit model_auto_compact_token_limit_scope tool_output_token_limit inputTokens tokenizer ' +
  'monkey turkey hotkey keyboard keymap key_bindings keyword keywords PWD OLDPWD bypass compass path model session_picker_view ' +
  'XDG_SESSION_TYPE isolation pattern patch';

describe('isSecretName', () => {
  it('recognizes the names of secrets in any spelling', () => {
    expect(secret.split(' ').filter((name) => !isSecretName(name))).to.deep.equal([]);
  });

  it('ignores other names with the same start or end', () => {
    expect(harmless.split(' ').filter(isSecretName)).to.deep.equal([]);
  });
});
