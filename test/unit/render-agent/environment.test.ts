import * as assert from 'uvu/assert';
import type { BottlePlan, EnvPlan } from '../../../lib/plan/index.ts';
import { agentEnvironment } from '../../../lib/render/agent/index.ts';
import { planWith } from '../../support/plans.ts';
import { suite } from '../../support/suite.ts';

const test = suite('render › agent › environment');

const shown = (variable: EnvPlan): string => {
  if (variable.kind === 'literal') return `${variable.name}=${variable.value}`;
  return `${variable.name}<-${variable.kind === 'host' ? variable.from : 'asked'}`;
};

const withEnv = (plan: BottlePlan, env: readonly EnvPlan[]): BottlePlan => ({ ...plan, agent: { ...plan.agent, env } });

test('the full bottle gives the agent exactly these variables, in this order', () => {
  const bundle = '/opt/claude-bottle/ca-bundle.pem';
  assert.equal(agentEnvironment(planWith(['egress', 'git-gate', 'supervise'])).map(shown), [
    'HTTPS_PROXY=http://egress:9099',
    'HTTP_PROXY=http://egress:9099',
    'https_proxy=http://egress:9099',
    'http_proxy=http://egress:9099',
    'NO_PROXY=localhost,127.0.0.1,::1,supervise,git-gate',
    'no_proxy=localhost,127.0.0.1,::1,supervise,git-gate',
    `NODE_EXTRA_CA_CERTS=${bundle}`,
    `SSL_CERT_FILE=${bundle}`,
    `REQUESTS_CA_BUNDLE=${bundle}`,
    `CURL_CA_BUNDLE=${bundle}`,
    `GIT_SSL_CAINFO=${bundle}`,
    `PIP_CERT=${bundle}`,
    `CARGO_HTTP_CAINFO=${bundle}`,
    `AWS_CA_BUNDLE=${bundle}`,
    `DENO_CERT=${bundle}`,
    'GIT_CONFIG_SYSTEM=/opt/claude-bottle/gitconfig',
    'MCP_TOOL_TIMEOUT=660000',
    'CLAUDE_CODE_MCP_TOOL_IDLE_TIMEOUT=660000',
    'CLAUDE_CODE_OAUTH_TOKEN=placeholder',
    'GH_TOKEN=placeholder',
    'EDITOR=vim',
    'LANG<-LANG',
  ]);
});

test('without egress the proxy is pipelock by its long alias, and there is no placeholder', () => {
  const names = agentEnvironment(planWith([])).map(shown);
  assert.ok(names.includes('HTTPS_PROXY=http://claude-bottle-pipelock-demo-abc12:8888'));
  assert.ok(names.includes('no_proxy=localhost,127.0.0.1,::1'));
  assert.not.ok(names.some((entry) => /placeholder|GIT_CONFIG_SYSTEM|MCP_/.test(entry)));
});

test('a declared variable takes the place of ours, so that no name comes twice', () => {
  const env: readonly EnvPlan[] = [
    { kind: 'literal', name: 'GH_TOKEN', value: 'a$b' },
    { kind: 'host', name: 'PIP_CERT', from: 'OTHER' },
  ];
  const variables = agentEnvironment(withEnv(planWith(['egress']), env));
  assert.is(new Set(variables.map(({ name }) => name)).size, variables.length);
  assert.equal(variables.slice(-2), env);
});

test('the client waits a minute longer than the deadline', () => {
  const plan = planWith(['supervise']);
  const supervise = { path: 'x', deadlineSeconds: 30 };
  const variables = agentEnvironment({ ...plan, sidecars: { ...plan.sidecars, supervise } }).map(shown);
  assert.ok(variables.includes('MCP_TOOL_TIMEOUT=90000'));
});

test.run();
