/** The agent's files as keys of a ConfigMap, which hold no slash. */

import { basename } from 'node:path';
import { AGENT_CA_BUNDLE, type BottlePlan } from '../../plan/index.ts';
import { renderAgentFiles } from '../agent/index.ts';
import type { Texts } from './metadata.ts';

/** The merged CA bundle, which deploy makes. */
export const agentRootsKey = basename(AGENT_CA_BUNDLE);

const keyOf = (path: string): string => path.replaceAll('/', '-');

/** Texts by key. */
export const agentFileData = (plan: BottlePlan): Texts =>
  Object.fromEntries(Object.entries(renderAgentFiles(plan)).map(([path, text]) => [keyOf(path), text]));

/** Paths below the agent's directory by key. */
export const agentFilePaths = (plan: BottlePlan): Texts =>
  Object.fromEntries(Object.keys(renderAgentFiles(plan)).map((path) => [keyOf(path), path]));
