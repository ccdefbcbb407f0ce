/** What each rule of egress refuses, in one line; docs/reference/egress.md has the order. */

const RULES: Readonly<Record<string, string>> = {
  tunnel: 'opens a tunnel, in which each request is judged',
  'magic-host': 'answers GET /health and GET /allowlist of _egress.local itself, and nothing else of it',
  'git-push': 'refuses git push over HTTPS, in any spelling, on any host',
  authority: 'refuses requests whose CONNECT, TLS server name, URL and Host do not name one plain host',
  route: 'allows declared hosts on their ports alone',
  method: 'allows the methods of the route, in upper case, also where a header or field names another',
  path: 'allows paths that have one reading, and lie below a prefix of the route',
  'plain-http': 'refuses plain HTTP where there is a credential, and inside tunnels',
  trace: 'refuses TRACE and TRACK, which would echo the credential',
  upgrade: 'refuses any change of protocol but a declared WebSocket',
  token: 'refuses where the credential is missing or unusable',
  body: 'refuses bodies over the scan limit',
  malformed: 'refuses what is no well-formed HTTP request',
  raw: 'refuses what is not HTTP',
};

/** The rule of egress in words; empty for one that is not of egress. */
export const ruleText = (rule: string): string => RULES[rule] ?? '';
