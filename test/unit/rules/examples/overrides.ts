import type { RuleExamples } from './example.ts';

const overridden = (...calls: readonly string[]): string =>
  `const demo = new Bottle(app, 'demo', {
  agent: {},
  sidecars: {},
});

${calls.join('\n')}`;

export const OVERRIDE_EXAMPLES: RuleExamples = {
  'bottles::override-shape': {
    failing: overridden("demo.agent.addOverride('ulimits..nofile', 1024);"),
    mended: overridden("demo.agent.addOverride('ulimits.nofile', 1024);"),
  },
  'bottles::override-applies': {
    failing: overridden('// `environment` is a list of texts.', "demo.agent.addOverride('environment.PAGER', 'less');"),
    mended: overridden("demo.agent.addEnv('PAGER', 'less');"),
  },
  'bottles::override-reserved-label': {
    failing: overridden("demo.agent.addOverride('labels.claude-bottle\\\\.slug', 'other');"),
    mended: overridden("demo.agent.addOverride('labels.com\\\\.example\\\\.team', 'blue');"),
  },
  'bottles::override-idle': {
    failing: overridden("demo.agent.addDeletionOverride('stop_grace_perriod');"),
    mended: overridden("demo.agent.addDeletionOverride('stop_grace_period');"),
  },
};
