import { agent, bottle, remote, remotes } from '../pages/snippets.ts';
import type { RuleExamples } from './example.ts';

export const SHAPE_EXAMPLES: RuleExamples = {
  'bottles::unknown-key': {
    failing: `// A type checker passes over a misspelled key in an object that was built elsewhere.
const resources = { memory: '4g', pidLimit: 256 };

${agent('resources')}`,
    mended: `const resources = { memory: '4g', pids: 256 };

${agent('resources')}`,
  },
  'bottles::wrong-type': {
    failing: `// What comes from a file has any type.
const limits = JSON.parse('{ "memory": 4 }');

${agent('resources: limits')}`,
    mended: `const limits = JSON.parse('{ "memory": "4g" }');

${agent('resources: limits')}`,
  },
  'bottles::missing': {
    failing: remotes(remote({ knownHostKey: '' })),
    mended: remotes(remote()),
  },
  'bottles::exactly-one': {
    failing: `new Bottle(app, 'demo', { sidecars: {} });`,
    mended: bottle('{}', '{}'),
  },
  'bottles::misplaced-construct': {
    failing: `${bottle('{}', '{}')}

new Agent(app, 'helper', { command: ['sleep', 'infinity'] });`,
    mended: `${bottle('{}', '{}')}

new Bottle(app, 'helper', {
  agent: { command: ['sleep', 'infinity'] },
  sidecars: {},
});`,
  },
  'bottles::env-duplicate': {
    failing: `const demo = new Bottle(app, 'demo', {
  agent: { env: { EDITOR: 'vim' } },
  sidecars: {},
});

demo.agent.addEnv('EDITOR', 'nano');`,
    mended: `const demo = new Bottle(app, 'demo', {
  agent: {},
  sidecars: {},
});

demo.agent.addEnv('EDITOR', 'nano');`,
  },
};
