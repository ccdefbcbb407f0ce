/** Images, resources and networks: what a service says about itself to the engine. */

import type { ImagePlan, NetworkPlan, ResourcesPlan } from '../bottle-plan.ts';
import { present } from './optional.ts';
import { entriesOf, fieldsOf, neededText, number, optionalValue, text, wrongType } from './shape.ts';
import type { Site } from './site.ts';
import { sortedBy } from './sorted.ts';

export function lowerImage(outer: Site, value: unknown): ImagePlan {
  const fallback: ImagePlan = { kind: 'default' };
  const image = optionalValue(outer, '`image`', value, 'Image', "Image.from('registry.example.com/team/image:1.2')");
  if (image === undefined) return outer.declared(fallback);
  const site = outer.at(image.locate);
  const { given, form } = image;
  if (form === 'claudeCode') {
    const options = fieldsOf(site, 'the options of AgentImage.claudeCode', given['options'], { allowed: ['version'] });
    const version = text(site, '`version` of AgentImage.claudeCode', options['version']);
    return site.declared({ kind: 'claudeCode', ...present({ version }) });
  }
  if (form === 'build') {
    const options = fieldsOf(site, 'the options of Image.build', given['options'], { allowed: ['dockerfile', 'args'] });
    const context = neededText(site, 'the context of Image.build', given['context']);
    const dockerfile = text(site, '`dockerfile` of Image.build', options['dockerfile']);
    const args = entriesOf(site, '`args` of Image.build', options['args']).flatMap(([name, arg]) =>
      typeof arg === 'string' ? [[name, arg]] : (wrongType(site, `build argument '${name}'`, arg, 'a text') ?? []),
    );
    if (context === undefined) return fallback;
    return site.declared({
      kind: 'build',
      context,
      ...present({ dockerfile }),
      args: Object.fromEntries(sortedBy(args, ([name = '']) => name)),
    });
  }
  const reference = neededText(site, 'the reference of Image.from', given['reference']);
  return site.declared(reference === undefined ? fallback : { kind: 'reference', reference });
}

export function lowerResources(site: Site, value: unknown, defaults: ResourcesPlan): ResourcesPlan {
  const fields = fieldsOf(site, '`resources`', value, { allowed: ['memory', 'cpus', 'pids'] });
  const cpus = number(site, '`resources.cpus`', fields['cpus']) ?? defaults.cpus;
  return site.declared({
    memory: text(site, '`resources.memory`', fields['memory']) ?? defaults.memory,
    ...present({ cpus }),
    pids: number(site, '`resources.pids`', fields['pids']) ?? defaults.pids,
  });
}

export function lowerNetwork(outer: Site, value: unknown): NetworkPlan {
  const managed: NetworkPlan = { kind: 'managed' };
  const network = optionalValue(outer, '`egressNetwork`', value, 'Network', "Network.external('name')");
  if (network === undefined) return outer.declared(managed);
  const site = outer.at(network.locate);
  if (network.form === 'external') {
    const name = neededText(site, 'the name of Network.external', network.given['name']);
    return site.declared(name === undefined ? managed : { kind: 'external', name });
  }
  const options = fieldsOf(site, 'the options of Network.managed', network.given['options'], { allowed: ['subnet'] });
  const subnet = text(site, '`subnet` of Network.managed', options['subnet']);
  return site.declared({ kind: 'managed', ...present({ subnet }) });
}
