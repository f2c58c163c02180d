/**
 * Whether the name of a setting, a variable, a header or a parameter suggests that its value is a secret or leads to
 * one, in any spelling (`apiKey`, `x-api-key`, `API_KEY`).
 *
 * @internal
 */
export function isSecretName(name: string): boolean {
  const words = wordsOf(name);
  return secretWord.test(words) && !measure.test(words);
}

/** The words of a name in lower case, with `_` between them: `privateKeyPem` is `private_key_pem`. @internal */
export function wordsOf(name: string): string {
  return name
    .replace(/([a-z0-9])(?=[A-Z])|([A-Z])(?=[A-Z][a-z])/g, '$&_')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toLowerCase();
}

/** Names of secrets. The exceptions are other words with the same start or end, such as `author` and `keyboard`. */
const secretWord = new RegExp(
  [
    'secret',
    'passw(?:or)?d|passphrase|passcode|(?:^|_)pass(?:_|$)|_pwd(?:_|$)',
    'credential|(?:^|_)creds?(?:_|$)',
    'cookie|(?:^|_)session(?:_?(?:id|key|token))?$',
    'bearer|private|(?:^|_)(?:jwt|pat)(?:_|$)',
    'token(?!i[sz])',
    'auth(?!or(?!i[sz]))',
    '(?<!mon|tur|don|hoc|joc|whis|hot)key(?!_?(?:board|map|word|bind|stroke|press|code|frame))',
    '(?:^|_)(?:dsn|connection_string|database_url)(?:_|$)',
  ].join('|'),
);

/** Token counts, such as `max_output_tokens` and `tokenLimit`. */
const measure =
  /(?:^|_)(?:max|min)_(?:\w+_)?tokens(?:_|$)|(?:^|_)(?:num|total|input|output|cached|reasoning|prompt|completion|context)_tokens(?:_|$)|tokens?_(?:limit|count|budget|usage|window|threshold|weight)(?:_|$)/;
