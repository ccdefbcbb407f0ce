import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { renderPipelock } from '../../../lib/render/index.ts';
import { fullMatrix, planWith } from '../../support/plans.ts';
import { suite } from '../../support/suite.ts';

const test = suite('pipelock renderer');

interface Config {
  readonly api_allowlist: readonly string[];
  readonly trusted_domains?: readonly string[];
  readonly fetch_proxy: { readonly listen: string };
  readonly tls_interception: { readonly passthrough_domains: readonly string[] };
  readonly request_body_scanning: { readonly ignore_headers: readonly string[] };
}

const rendered = (plan: Parameters<typeof renderPipelock>[0]): Config => parse(renderPipelock(plan)) as Config;

test('the allowlist holds the hosts of the routes and of pipelock.allow, each once', () => {
  const { pipelock } = fullMatrix().sidecars;
  const config = rendered(
    planWith(['egress'], { pipelock: { ...pipelock, allow: ['docs.example.org', '*.cdn.example'] } }),
  );
  assert.equal(config.api_allowlist, ['api.anthropic.com', 'api.github.com', 'docs.example.org', '*.cdn.example']);
});

test('a bottle that allows nothing gets a name that cannot exist, because strict mode refuses an empty list', () => {
  assert.equal(rendered(planWith([])).api_allowlist, ['nothing.invalid']);
});

test('behind egress it listens on the loopback, alone and exposed on its long alias', () => {
  const { pipelock } = fullMatrix().sidecars;
  assert.is(rendered(fullMatrix()).fetch_proxy.listen, '127.0.0.1:8888');
  assert.is(rendered(planWith([])).fetch_proxy.listen, 'claude-bottle-pipelock-demo-abc12:8888');
  const exposed = planWith(['egress'], { pipelock: { ...pipelock, exposed: true } });
  assert.is(rendered(exposed).fetch_proxy.listen, 'claude-bottle-pipelock-demo-abc12:8888');
});

test('the injected headers go unscanned only where nobody but egress can set them', () => {
  const { pipelock } = fullMatrix().sidecars;
  const ignored = (plan: Parameters<typeof renderPipelock>[0]) => rendered(plan).request_body_scanning.ignore_headers;
  assert.ok(ignored(fullMatrix()).includes('authorization'));
  assert.not.ok(ignored(planWith([])).includes('authorization'));
  assert.not.ok(ignored(planWith(['egress'], { pipelock: { ...pipelock, exposed: true } })).includes('authorization'));
});

test('passthrough and private upstreams are per route', () => {
  const plan = fullMatrix();
  const egress = plan.sidecars.egress;
  if (egress === undefined) throw new Error('the full matrix has egress');
  const routes = egress.routes.map((route) => ({ ...route, privateUpstream: route.host === 'docs.example.org' }));
  const config = rendered(planWith(['egress'], { egress: { ...egress, routes } }));
  assert.equal(config.tls_interception.passthrough_domains, ['api.anthropic.com']);
  assert.equal(config.trusted_domains, ['docs.example.org']);
});

test.run();
