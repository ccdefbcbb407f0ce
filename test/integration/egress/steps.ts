/** The steps of a probe (client.py), and what each answers. */

type Pair = readonly [string, string];

/** One HTTP/2 request, sent as it stands: nothing is added that would frame its body. */
export interface H2Request {
  readonly headers: readonly Pair[];
  readonly body?: string;
  readonly trailers?: readonly Pair[];
}

export type Step =
  | { readonly send: string }
  | { readonly repeat: { readonly text: string; readonly times: number } }
  | { readonly tls: { readonly name: string; readonly alpn?: readonly string[]; readonly inside?: string } }
  | { readonly receive: true }
  | { readonly closed: true }
  | { readonly more: true }
  | { readonly rest: true }
  | { readonly pause: number }
  | { readonly h2: readonly H2Request[] };

/** The fields depend on the step; a step that failed has `error`, and is the last. */
export interface Answer {
  readonly error?: string;
  readonly status: number;
  readonly head: string;
  readonly body: string;
  readonly size: number;
  /** Of an `h2` step: the answers in the order of the requests. */
  readonly streams?: readonly Answer[];
}

export const receive: Step = { receive: true };
export const more: Step = { more: true };
export const rest: Step = { rest: true };
export const closed: Step = { closed: true };
export const send = (text: string): Step => ({ send: text });

/** A CONNECT to `host`, and TLS for `name` inside it. */
export function tunnel(host: string, name = host, alpn?: readonly string[]): Step[] {
  const authority = host.includes(':') ? host : `${host}:443`;
  const bare = name.split(':')[0] ?? name;
  return [
    send(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`),
    receive,
    { tls: alpn === undefined ? { name: bare } : { name: bare, alpn } },
  ];
}

export function request(host: string, line: string, ...headers: readonly string[]): Step {
  return send([`${line} HTTP/1.1`, `Host: ${host}`, ...headers, '', ''].join('\r\n'));
}

/** One request over TLS. */
export const https = (host: string, line: string, ...headers: readonly string[]): Step[] => [
  ...tunnel(host),
  request(host, line, ...headers),
  receive,
];

/** An HTTP/2 request without a body. */
export const fields = (authority: string, path: string, ...more: readonly Pair[]): H2Request =>
  h2Request('GET', authority, path, ...more);

export const h2Request = (method: string, authority: string, path: string, ...more: readonly Pair[]): H2Request => ({
  headers: [[':method', method], [':scheme', 'https'], [':authority', authority], [':path', path], ...more],
});
