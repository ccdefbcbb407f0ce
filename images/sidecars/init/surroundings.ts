/** What every daemon of an init shares. */

import type { EventFiles } from './event-files.ts';
import type { Outlet } from './outlet.ts';
import type { RestartRules } from './restart-rules.ts';

export interface Surroundings {
  readonly runDir: string;
  readonly graceMs: number;
  readonly restart: RestartRules | 'never';
  readonly outlet: Outlet;
  readonly log: (text: string) => void;
  readonly events: EventFiles;
  readonly daemonUids: ReadonlySet<number>;
}
