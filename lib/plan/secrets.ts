/** What a credential looks like: to refuse one in a definition, and to keep one out of every message. */

/** Token formats that their issuers document; each begins where no other text does. */
const TOKEN_PATTERNS: readonly { readonly name: string; readonly pattern: RegExp }[] = [
  { name: 'a GitHub token', pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})/ },
  { name: 'a GitLab token', pattern: /\bgl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|soat)-[A-Za-z0-9_-]{16,}/ },
  { name: 'an Anthropic key', pattern: /\bsk-ant-[A-Za-z0-9_-]{8,}/ },
  { name: 'an OpenAI-style key', pattern: /\bsk-[A-Za-z0-9_-]{20,}/ },
  { name: 'a Stripe key', pattern: /\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}/ },
  { name: 'an AWS access key id', pattern: /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b/ },
  { name: 'a Slack token', pattern: /\bxox[abeoprs]-[A-Za-z0-9-]{10,}|\bxapp-[A-Za-z0-9-]{10,}/ },
  { name: 'a Google API key', pattern: /\bAIza[A-Za-z0-9_-]{35}/ },
  { name: 'a Google OAuth token', pattern: /\bya29\.[A-Za-z0-9_-]{20,}/ },
  { name: 'an npm token', pattern: /\bnpm_[A-Za-z0-9]{30,}/ },
  { name: 'a PyPI token', pattern: /\bpypi-[A-Za-z0-9_-]{16,}/ },
  { name: 'a Hugging Face token', pattern: /\bhf_[A-Za-z0-9]{30,}/ },
  { name: 'a Docker Hub token', pattern: /\bdckr_pat_[A-Za-z0-9_-]{20,}/ },
  { name: 'a DigitalOcean token', pattern: /\bdo[opr]_v1_[a-f0-9]{64}/ },
  { name: 'a SendGrid key', pattern: /\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}/ },
  { name: 'a JSON Web Token', pattern: /\beyJ[A-Za-z0-9_-]{8,1024}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/ },
  { name: 'a private key', pattern: /-----BEGIN [A-Z0-9 ]*PRIVATE KEY/ },
  { name: 'an age key', pattern: /\bAGE-SECRET-KEY-1[A-Z0-9]{20,}/ },
];

/** `scheme://user:password@`; a password may hold an `@`. The bound keeps a long word from being read once a letter. */
const URL_PASSWORD = /([A-Za-z][A-Za-z0-9+.-]{0,31}:\/\/[^\s/:@]*:)[^\s/]+(?=@)/;
/** `user:password@` without a scheme, and `https://token@`: shown in no message, though neither must be a secret. */
const USER_INFO = [/((?:^|\s)[^\s/:@]+:)[^\s/:][^\s/]*(?=@)/, /(https?:\/\/)[^\s/:@[]+(?=@)/i];
/** `--password=…`, `token: …` in the middle of some other text. */
const ASSIGNMENT =
  /\b((?:password|passwd|passphrase|secret|api[_-]?key|access[_-]?key|auth[_-]?token|access[_-]?token)\s*[=:]\s*)[^\s&;,"']+/i;

/** What kind of credential `text` holds, in words, or undefined if none is recognized. */
export function credentialIn(text: string): string | undefined {
  const token = TOKEN_PATTERNS.find(({ pattern }) => pattern.test(text));
  if (token !== undefined) return token.name;
  if (URL_PASSWORD.test(text)) return 'a password in a URL';
  return ASSIGNMENT.test(text) ? 'a password' : undefined;
}

/** Last words of variable names that hold credentials; not `TOKENS`, as in MAX_TOKENS. */
const CREDENTIAL_NAME =
  /(?:^|[_-])(?:token|secret|password|passwd|passphrase|credentials?|apikey|pat|(?:api|access|private|secret|auth|signing|encryption|account)[_-]?key)$/i;

/** Whether a variable of this name is by convention a credential: `GH_TOKEN`, `DB_PASSWORD`, `OPENAI_API_KEY`. */
export const isCredentialName = (name: string): boolean => CREDENTIAL_NAME.test(name);

const everywhere = (pattern: RegExp): RegExp => new RegExp(pattern.source, `${pattern.flags}g`);

/** `text` with every credential that is recognized in it replaced. */
export function withoutCredentials(text: string): string {
  const tokens = TOKEN_PATTERNS.reduce((rest, { pattern }) => rest.replace(everywhere(pattern), '[redacted]'), text);
  return [URL_PASSWORD, ...USER_INFO, ASSIGNMENT].reduce(
    (rest, pattern) => rest.replace(everywhere(pattern), '$1[redacted]'),
    tokens,
  );
}
