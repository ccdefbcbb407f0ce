/** Secrets that are none, put together at run time so that no scanner stops at this file. */

const fill = (alphabet: string, length: number): string =>
  Array.from({ length }, (_, index) => alphabet[(index * 7 + 3) % alphabet.length]).join('');

const BASE62 = 'aZ3bY8cX1dW6eV2fU9gT4hS7iR5jQ0kPlOmNnMoLpKqJrIsHtGuFvEwDxCyBzA';
const HEX = '0f3a9c27d418be56';

const pem = (label: string, body: string): string =>
  `-----BEGIN ${label}-----\n${body.replace(/(.{64})/g, '$1\n')}\n-----END ${label}-----\n`;

/** A JOSE token over `payload`. */
export function jwt(payload: object): string {
  const parts = [{ alg: 'HS256', typ: 'JWT' }, payload];
  return [...parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')), fill(BASE62, 43)].join('.');
}

export const SECRETS: Readonly<Record<string, string>> = {
  'AWS access key id alone': `AKIA${fill('Z2QW5XCV3BNM4LKJ', 16)}`,
  'AWS session key id': `ASIA${fill('Z2QW5XCV3BNM4LKJ', 16)}`,
  'AWS secret key': `aws_secret_access_key = ${fill(BASE62, 40)}`,
  'GitHub token': `ghp_${fill(BASE62, 36)}`,
  'GitHub fine-grained token': `github_pat_${fill(BASE62, 22)}_${fill(BASE62, 59)}`,
  'GitLab token': `glpat-${fill(BASE62, 20)}`,
  'Slack token': `xoxb-${fill('1234567890', 12)}-${fill('1234567890', 13)}-${fill(BASE62, 24)}`,
  'Stripe key': `sk_live_${fill(BASE62, 24)}`,
  'Anthropic key': `sk-ant-api03-${fill(BASE62, 93)}AA`,
  'OpenAI project key': `sk-proj-${fill(BASE62, 64)}`,
  'npm token': `npm_${fill(BASE62, 36)}`,
  'PyPI token': `pypi-AgEIcHlwaS5vcmc${fill(BASE62, 60)}`,
  'Google API key': `AIza${fill(BASE62, 35)}`,
  'Google OAuth token': `ya29.${fill(BASE62, 60)}`,
  'Hugging Face token': `hf_${fill(BASE62, 34)}`,
  'Vault token': `hvs.${fill(BASE62, 24)}`,
  'SendGrid key': `SG.${fill(BASE62, 22)}.${fill(BASE62, 43)}`,
  'DigitalOcean token': `dop_v1_${fill(HEX, 64)}`,
  'JSON web token': jwt({ sub: '1234567890', name: 'someone', iat: 1_516_239_022 }),
  'short PKCS#8 key (Ed25519)': pem('PRIVATE KEY', `MC4CAQAwBQYDK2VwBCIEI${fill(BASE62, 43)}`),
  'EC key (SEC1)': pem('EC PRIVATE KEY', `MHcCAQEEI${fill(BASE62, 155)}`),
  'OpenSSH key': pem('OPENSSH PRIVATE KEY', `b3BlbnNzaC1rZXktdjEAAAAABG5vbmU${fill(BASE62, 300)}`),
};
