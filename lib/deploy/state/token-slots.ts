/** Token slots that only live grants need, in a compose file that synth rendered without them. */

import { z } from 'zod';
import { BottleError } from '../../errors.ts';
import { parsedYaml, yamlText } from '../../render/yaml.ts';

const document = z.looseObject({
  services: z.record(z.string(), z.looseObject({ environment: z.array(z.string()).optional() })),
});

/** `text` with the bare names `slots` in the environment of `service`, after the slots and settings of egress. */
export function withTokenSlots(text: string, service: string, slots: readonly string[]): string {
  const compose: unknown = parsedYaml(text);
  document.parse(compose);
  const { services } = compose as z.infer<typeof document>;
  const environment = services[service]?.environment;
  if (environment === undefined) {
    throw new BottleError('deploy/bad-compose-file', `compose.yaml has no environment of the service ${service}`, {
      fix: 'run bottle synth again',
    });
  }
  const after = environment.findLastIndex((entry) => entry.startsWith('EGRESS_')) + 1;
  environment.splice(after, 0, ...slots);
  return yamlText(compose);
}
