/** For each rule on workspaces from the host: definitions that break it, and the nearest ones that do not. */

import { type App, Workspace } from 'claude-bottle';
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
  'bottles::workspace-bind': {
    fires: [bound('../app'), bound('../app', { readOnly: false })],
    quiet: [bound('../app', { readOnly: true }), copied('../app')],
  },
};
