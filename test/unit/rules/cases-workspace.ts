/** For each rule on workspaces from the host: definitions that break it, and the nearest ones that do not. */

import { type App, Mount, Workspace } from 'claude-bottle';
import type { RuleCase } from './cases-network.ts';
import { withAgent } from './definition.ts';

const copied = (path: string): App => withAgent({ workspace: Workspace.copy(path) });
const bound = (path: string, options: { readOnly?: boolean } = {}): App =>
  withAgent({ workspace: Workspace.bind(path, options) });

export const WORKSPACE_CASES: Readonly<Record<string, RuleCase>> = {
  'bottles::workspace-name': {
    fires: [
      ...['.', './', 'work/..', '..', '/', '../..', '~/.app', 'a:b', 'a$b', ' ', 'work/\u0007'].map(copied),
      ...['.', '../.hidden', 'a:b'].map((path) => bound(path)),
    ],
    quiet: [
      ...['work', 'work/', './work', '../project', '~/src/app', '/srv/acme/other/app.git', 'My App', 'wörk'].map(
        copied,
      ),
      bound('../app'),
      withAgent({}),
    ],
  },
  'bottles::workspace-runtime': {
    fires: [withAgent({ workspace: Workspace.bind('../app'), runtime: 'runsc' })],
    quiet: [
      withAgent({ workspace: Workspace.bind('../app', { readOnly: true }), runtime: 'runsc' }),
      withAgent({ workspace: Workspace.copy('../app'), runtime: 'runsc' }),
      bound('../app'),
    ],
  },
  'bottles::workspace-system-writable': {
    fires: [
      withAgent({ workspace: Workspace.bind('../app'), readOnlyRoot: false }),
      ...['/usr/lib/x86_64-linux-gnu', '/lib/x', '/usr/local', '/etc/ld.so.conf.d'].map((target) =>
        withAgent({ workspace: Workspace.bind('../app'), mounts: [Mount.volume('libs', target)] }),
      ),
      withAgent({
        workspace: Workspace.bind('../app'),
        mounts: [Mount.bind('data', '/usr/lib/x', { readOnly: false })],
      }),
    ],
    quiet: [
      withAgent({
        workspace: Workspace.bind('../app'),
        mounts: [Mount.volume('cache', '/var/cache/app'), Mount.bind('data', '/usr/lib/x'), Mount.tmpfs('/usr/local')],
      }),
      withAgent({ workspace: Workspace.copy('../app'), readOnlyRoot: false }),
      withAgent({ workspace: Workspace.bind('../app', { readOnly: true }), readOnlyRoot: false }),
    ],
  },
  'bottles::workspace-bind': {
    fires: [bound('../app'), bound('../app', { readOnly: false })],
    quiet: [bound('../app', { readOnly: true }), copied('../app')],
  },
};
