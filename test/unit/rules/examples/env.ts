import { agent, bottle, routes, sidecars } from '../pages/snippets.ts';
import type { RuleExamples } from './example.ts';

const env = (entries: string): string => agent(`env: { ${entries} }`);
const bundleEnv = (entries: string): string => sidecars(`env: { ${entries} }`);

export const ENV_EXAMPLES: RuleExamples = {
  'bottles::env-name': { failing: env("'MY-EDITOR': 'vim'"), mended: env("MY_EDITOR: 'vim'") },
  'bottles::env-value-text': {
    failing: env("MOTD: 'one line\\nanother line'"),
    mended: env("MOTD: 'one line, another line'"),
  },
  'bottles::env-proxy-on-bundle': {
    failing: bundleEnv("HTTPS_PROXY: 'http://proxy.example.com:3128'"),
    mended: sidecars(''),
  },
  'bottles::env-proxy-on-agent': {
    failing: env("https_proxy: 'http://proxy.example.com:3128'"),
    mended: routes("'api.example.com'"),
  },
  'bottles::env-token-name': {
    failing: env("API_TOKEN: EnvValue.fromHost('EGRESS_TOKEN_0')"),
    mended: routes("'api.example.com', { auth: Auth.bearer(HostEnv.of('API_TOKEN')) }"),
  },
  'bottles::env-route-credential': {
    failing: bottle(
      "{ env: { TOKEN: EnvValue.fromHost('GH_TOKEN') } }",
      "{ egress: { routes: [Route.to('api.github.com', { auth: Auth.bearer(HostEnv.of('GH_TOKEN')) })] } }",
    ),
    mended: routes("'api.github.com', { auth: Auth.bearer(HostEnv.of('GH_TOKEN')) }"),
  },
  'bottles::env-reserved': { failing: bundleEnv("LD_PRELOAD: '/data/hook.so'"), mended: bundleEnv("LANG: 'C.UTF-8'") },
  'bottles::env-secret-literal': {
    failing: env("DATABASE_URL: 'postgres://app:hunter2@db.example.com/app'"),
    mended: env("DATABASE_URL: EnvValue.fromHost('DATABASE_URL')"),
  },
  'bottles::secret-entropy': {
    failing: env("BUILD_CACHE: 'q7Zr0pVx9KtB3mWnE5sYhL2c'"),
    mended: routes("'cache.example.com', { auth: Auth.bearer(HostEnv.of('BUILD_CACHE')) }"),
  },
  'bottles::env-credential-forwarded': {
    failing: env("GH_TOKEN: EnvValue.fromHost('GH_TOKEN')"),
    mended: routes("'api.github.com', { auth: Auth.bearer(HostEnv.of('GH_TOKEN')) }"),
  },
  'bottles::env-proxy-forwarded': {
    failing: env("UPSTREAM: EnvValue.fromHost('HTTPS_PROXY')"),
    mended: routes("'docs.example.org'"),
  },
  'bottles::env-bundle-unread': { failing: bundleEnv("TZ: 'UTC'"), mended: env("TZ: 'UTC'") },
  'bottles::host-env-name': {
    failing: routes("'api.example.com', { auth: Auth.bearer(HostEnv.of('HTTPS_PROXY')) }"),
    mended: routes("'api.example.com', { auth: Auth.bearer(HostEnv.of('API_TOKEN')) }"),
  },
};
