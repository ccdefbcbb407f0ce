/** The ConfigMaps of a bottle: nothing in them is secret. */

import { basename } from 'node:path';
import { type BottlePlan, TRUSTED_CAS_FILE } from '../../plan/index.ts';
import { agentFileData } from './agent-files.ts';
import { daemonFiles } from './listen.ts';
import type { Component, Texts } from './metadata.ts';
import { configName } from './names.ts';
import { type KubernetesObject, namespaced, type ObjectContext } from './objects.ts';

export const trustedCasKey = basename(TRUSTED_CAS_FILE);

/** Whether deploy has to make the ConfigMap of trusted CAs: the files are the deploying host's. */
export const trustIsGiven = ({ sidecars }: BottlePlan): boolean => sidecars.trustedCAs.length > 0;

export function configMaps(context: ObjectContext): readonly KubernetesObject[] {
  const { plan } = context;
  const configMap = (component: Component, name: string, data: Texts): KubernetesObject =>
    namespaced(context, { apiVersion: 'v1', kind: 'ConfigMap', component }, name, { data });
  return [
    ...plan.sidecars.daemons.map((daemon) =>
      configMap('sidecars', configName(daemon, plan.slug), daemonFiles(plan, daemon)),
    ),
    ...(trustIsGiven(plan) ? [] : [configMap('sidecars', configName('trust', plan.slug), { [trustedCasKey]: '' })]),
    configMap('agent', configName('agent', plan.slug), agentFileData(plan)),
  ];
}
