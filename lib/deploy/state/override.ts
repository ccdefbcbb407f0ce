/**
 * `compose.override.yaml`: what only this deploy knows. The images of a bottle, so that another deploy never moves one
 * under it, and what the agent needs because of its image and of what lies in its workspace on this host.
 */

import { literal } from '../../render/compose/literal.ts';
import { yamlText } from '../../render/yaml.ts';

export const OVERRIDE_FILE = 'compose.override.yaml';

const HEADER = '# Written by bottle deploy: what it found on this host, resolved or built.\n';

/** Further parts of a service. */
export interface ServiceAdditions {
  readonly environment?: readonly string[];
  /** Long syntax of the compose specification. */
  readonly volumes?: readonly object[];
}

/** The override: images by service, where they differ from what synth rendered, and additions; undefined without any. */
export function composeOverride(
  pins: Readonly<Record<string, string>>,
  additions: Readonly<Record<string, ServiceAdditions>> = {},
): string | undefined {
  const names = [...new Set([...Object.keys(pins), ...Object.keys(additions)])];
  const services = names.flatMap((name) => {
    const image = pins[name];
    const { environment = [], volumes = [] } = additions[name] ?? {};
    const parts = {
      // A tag of ours is on this engine or nowhere: a registry that serves the same name must not be asked.
      ...(image === undefined ? {} : { image, pull_policy: 'never' }),
      ...(environment.length === 0 ? {} : { environment }),
      ...(volumes.length === 0 ? {} : { volumes }),
    };
    return Object.keys(parts).length === 0 ? [] : [[name, literal(parts)] as const];
  });
  if (services.length === 0) return undefined;
  return HEADER + yamlText({ services: Object.fromEntries(services) });
}
