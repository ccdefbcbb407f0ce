import { agent, bottle, routes } from '../pages/snippets.ts';
import type { RuleExamples } from './example.ts';

const PASSTHROUGH = routes("'api.example.com', { tlsPassthrough: true }");

/** A rule of the house with this `check`, added to the app. */
const rule = (check: string, id = 'acme::read-only-agents'): string => `Rules.of(app).add({
  id: '${id}',
  severity: 'error',
  fix: 'leave readOnlyRoot out',
  check: ${check},
});

${bottle('{}', '{}')}`;

const CHECK = "({ plan }) => (plan.agent.readOnlyRoot ? [] : [{ message: 'the root of the agent is writable' }])";

const acknowledged = (id: string, reason: string, statements = PASSTHROUGH): string =>
  `${statements}\n\nRules.of(app).acknowledge({\n  id: '${id}',\n  reason: '${reason}',\n});`;

const REASON = 'a model API whose long chats look like secrets; reviewed by the platform team';

export const HOUSE_EXAMPLES: RuleExamples = {
  'bottles::house-rule-invalid': {
    failing: rule(CHECK, 'bottles::read-only-agents'),
    mended: rule(CHECK),
  },
  'bottles::house-rule-failed': {
    failing: rule('({ plan }) => {\n    Object.assign(plan.agent, { readOnlyRoot: true });\n    return [];\n  }'),
    mended: rule(CHECK),
  },
  'bottles::acknowledgement-unknown': {
    failing: acknowledged('bottles::route-passthrough', REASON),
    mended: acknowledged('bottles::route-tls-passthrough', REASON),
  },
  'bottles::acknowledgement-of-error': {
    failing: acknowledged(
      'bottles::env-secret-literal',
      'the agent needs it to sign in',
      agent("env: { API_TOKEN: 'x' }"),
    ),
    mended: routes("'api.example.com', { auth: Auth.bearer(HostEnv.of('API_TOKEN')) }"),
  },
  'bottles::acknowledgement-reason': {
    failing: acknowledged('bottles::route-tls-passthrough', 'ok'),
    mended: acknowledged('bottles::route-tls-passthrough', REASON),
  },
  'bottles::acknowledgement-unused': {
    failing: acknowledged('bottles::route-tls-passthrough', REASON, routes("'api.example.com'")),
    mended: acknowledged('bottles::route-tls-passthrough', REASON),
  },
};
