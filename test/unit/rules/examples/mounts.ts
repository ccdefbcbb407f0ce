import { agent, bottle, remote, sidecars } from '../pages/snippets.ts';
import type { RuleExamples } from './example.ts';

const mounts = (...given: readonly string[]): string => agent(`mounts: [${given.join(', ')}]`);
const both = (inAgent: string, inBundle: string): string =>
  bottle(`{ mounts: [${inAgent}] }`, `{ mounts: [${inBundle}] }`);

export const MOUNT_EXAMPLES: RuleExamples = {
  'bottles::mount-target-absolute': {
    failing: mounts("Mount.volume('cache', 'data/cache')"),
    mended: mounts("Mount.volume('cache', '/data/cache')"),
  },
  'bottles::mount-target-unique': {
    failing: mounts("Mount.volume('cache', '/data')", "Mount.tmpfs('/data/')"),
    mended: mounts("Mount.volume('cache', '/data')", "Mount.tmpfs('/data/scratch')"),
  },
  'bottles::mount-target-reserved': {
    failing: sidecars("mounts: [Mount.bind('policy', '/etc/egress')]"),
    mended: sidecars("mounts: [Mount.bind('policy', '/srv/policy')]"),
  },
  'bottles::mount-target-nested': {
    failing: mounts("Mount.bind('docs', '/docs')", "Mount.volume('cache', '/docs/cache')"),
    mended: mounts("Mount.bind('docs', '/docs')", "Mount.volume('cache', '/data/cache')"),
  },
  'bottles::mount-volume-name': {
    failing: mounts("Mount.volume('pip cache', '/data')"),
    mended: mounts("Mount.volume('pip-cache', '/data')"),
  },
  'bottles::mount-volume-shared': {
    failing: both("Mount.volume('exchange', '/data')", "Mount.volume('exchange', '/srv')"),
    mended: both("Mount.volume('exchange', '/data')", "Mount.volume('records', '/srv')"),
  },
};

export const MOUNT_SOURCE_EXAMPLES: RuleExamples = {
  'bottles::mount-source-spelling': {
    failing: mounts("Mount.bind('$HOME/data', '/data')"),
    mended: mounts("Mount.bind('~/data', '/data')"),
  },
  'bottles::mount-source-forbidden': {
    failing: mounts("Mount.bind('/var/run/docker.sock', '/data/docker.sock')", "Mount.bind('~/.aws', '/data/aws')"),
    mended: mounts("Mount.bind('~/data', '/data')"),
  },
  'bottles::mount-project': {
    failing: mounts("Mount.bind('.', '/data', { readOnly: false })"),
    mended: mounts("Mount.bind('work', '/data', { readOnly: false })"),
  },
  'bottles::mount-nested': {
    failing: mounts("Mount.bind('work', '/data', { readOnly: false })", "Mount.bind('work/docs', '/docs')"),
    mended: mounts("Mount.bind('work', '/data', { readOnly: false })", "Mount.bind('docs', '/docs')"),
  },
  'bottles::mount-build-context': {
    failing: agent("image: Image.build('image'), mounts: [Mount.bind('image', '/data', { readOnly: false })]"),
    mended: agent("image: Image.build('image'), mounts: [Mount.bind('image', '/data')]"),
  },
  'bottles::mount-key': {
    failing: bottle(
      "{ mounts: [Mount.bind('files', '/data')] }",
      `{ gitGate: { remotes: [${remote({ identityFile: 'files/keys/id_ed25519' })}] } }`,
    ),
    mended: bottle(
      "{ mounts: [Mount.bind('files', '/data')] }",
      `{ gitGate: { remotes: [${remote({ identityFile: 'keys/id_ed25519' })}] } }`,
    ),
  },
  'bottles::mount-shared-source': {
    failing: both("Mount.bind('work', '/data', { readOnly: false })", "Mount.bind('work', '/srv')"),
    mended: both("Mount.bind('work', '/data', { readOnly: false })", "Mount.bind('records', '/srv')"),
  },
};
