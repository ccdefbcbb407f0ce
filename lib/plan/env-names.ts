/** The environment variables that have a meaning here. */

/** Lower-case names of what makes a client use a proxy. */
export const PROXY_VARIABLES = ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy', 'ftp_proxy'] as const;

/** Whether a client would read `name` as its proxy, in any letter case. */
export const isProxyVariable = (name: string): boolean =>
  PROXY_VARIABLES.some((variable) => variable === name.toLowerCase());

/** What makes clients in the agent trust the merged CA bundle (domain §2). */
export const TRUST_VARIABLES = [
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'REQUESTS_CA_BUNDLE',
  'CURL_CA_BUNDLE',
  'GIT_SSL_CAINFO',
  'PIP_CERT',
  'CARGO_HTTP_CAINFO',
  'AWS_CA_BUNDLE',
  'DENO_CERT',
] as const;

/** What the agent has under the name of a credential that egress injects; it matches no pattern of a secret. */
export const PLACEHOLDER = 'placeholder';

/** A POSIX variable name. */
export const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Names that carry egress's credentials: only ours, and only on the bundle. */
export const isTokenVariable = (name: string): boolean => /^EGRESS_TOKEN_/i.test(name);
