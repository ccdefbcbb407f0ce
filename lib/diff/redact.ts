/** Keeps values out of what is shown of a bottle's files: a definition should hold no credential, and some do. */

import { isCredentialName, withoutCredentials } from '../plan/index.ts';
import { looksSecret } from './shown.ts';
import { FILE, isEntries, type Version, within } from './side.ts';

/** Shorter ones would be found in any word. */
const SHORTEST = 4;

const SETTING = /^([+\- ]?\s*(?:- )?["']?)([A-Za-z_][\w-]*)(["']?\s*[=:]\s*)(\S.*)$/gm;

/** What synth gives the agent in a credential's place. */
const PLACEHOLDER = 'placeholder';

function literals(environment: unknown): readonly string[] {
  const pairs = Array.isArray(environment)
    ? environment.map((entry) => String(entry).split(/=(.*)/s))
    : isEntries(environment)
      ? Object.entries(environment).map(([name, value]) => [name, String(value)])
      : [];
  return pairs.flatMap(([name = '', value = '']) =>
    value !== PLACEHOLDER && looksSecret(name, value) ? value.split('\n') : [],
  );
}

/** Values of variables that look like credentials, as they stand in a compose file. */
function secretsOf({ documents }: Version): readonly string[] {
  const services = Object.values(within(documents[FILE.compose], 'services'));
  return services.flatMap((service) => (isEntries(service) ? literals(service['environment']) : []));
}

/** A function that hides the values of `versions` that look like credentials, wherever a text holds them. */
export function redacted(versions: readonly (Version | undefined)[]): (text: string) => string {
  const values = versions.flatMap((version) => (version === undefined ? [] : secretsOf(version)));
  const spelled = [...new Set(values.map((value) => value.trim()))]
    // As the value stands, and as it stands in a quoted YAML scalar.
    .flatMap((value) => [value, JSON.stringify(value).slice(1, -1), value.replaceAll("'", "''")])
    .filter((value) => value.length >= SHORTEST)
    .sort((a, b) => b.length - a.length);
  return (text) => {
    const known = spelled.reduce((rest, value) => rest.replaceAll(value, '[redacted]'), text);
    const named = known.replace(SETTING, (line, start: string, name: string, sign: string, value: string) =>
      isCredentialName(name) && value !== PLACEHOLDER ? `${start}${name}${sign}[redacted]` : line,
    );
    return withoutCredentials(named);
  };
}
