/** `supervise/supervise.json`: what the MCP server may offer. */

import type { BottlePlan, SuperviseFile } from '../plan/index.ts';
import { listenAddress } from './listen.ts';
import { jsonText } from './yaml.ts';

/** The text of `supervise/supervise.json`, or undefined for a bottle without supervise. */
export function renderSupervise(plan: BottlePlan): string | undefined {
  const { supervise, egress } = plan.sidecars;
  if (supervise === undefined) return undefined;
  const file: SuperviseFile = {
    version: 1,
    slug: plan.slug,
    listen: listenAddress(plan, 'supervise'),
    deadlineSeconds: supervise.deadlineSeconds,
    credentials: egress?.tokens ?? [],
  };
  return jsonText(file);
}
