import { bottle } from '../pages/snippets.ts';
import type { RuleExamples } from './example.ts';

const labels = (entry: string): string =>
  `new Bottle(app, 'demo', {
  agent: {},
  sidecars: {},
  labels: { ${entry} },
});`;

export const SLUG_EXAMPLES: RuleExamples = {
  'bottles::slug-label': { failing: bottle('{}', '{}', 'Demo_1'), mended: bottle('{}', '{}', 'demo-1') },
  'bottles::slug-reserved': { failing: bottle('{}', '{}', 'egress-tests'), mended: bottle('{}', '{}', 'tests-egress') },
  'bottles::slug-unique': {
    failing: `new Bottle(app, 'review', { agent: {}, sidecars: {} });
new Bottle(app, 'nightly', { slug: 'review', agent: {}, sidecars: {} });`,
    mended: `new Bottle(app, 'review', { agent: {}, sidecars: {} });
new Bottle(app, 'nightly', { agent: {}, sidecars: {} });`,
  },
  'bottles::label-name': {
    failing: labels("'claude-bottle.slug': 'other'"),
    mended: labels("'com.example.team': 'payments'"),
  },
  'bottles::label-secret': {
    failing: labels("'com.example.database': 'postgres://app:hunter2@db.example.com/app'"),
    mended: labels("'com.example.database': 'db.example.com/app'"),
  },
};

export const ALIAS_EXAMPLES: RuleExamples = {
  'bottles::alias-dns-label': { failing: bottle('{}', '{}', 'my.demo'), mended: bottle('{}', '{}', 'my-demo') },
  'bottles::alias-unique': {
    failing: `new Bottle(app, 'app', { agent: {}, sidecars: {} });
new Bottle(app, 'sidecars-app', { agent: {}, sidecars: {} });`,
    mended: `new Bottle(app, 'app', { agent: {}, sidecars: {} });
new Bottle(app, 'app-sidecars', { agent: {}, sidecars: {} });`,
  },
  'bottles::url-resolves': {
    unbreakable: 'the daemons, their aliases and the URLs of the agent all follow from what the bottle declares',
  },
};
