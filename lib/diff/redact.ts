/** Keeps values out of what is shown of a bottle's files: a definition should hold no credential, and some do. */

import { BOTTLE_FILE, isCredentialName, PLACEHOLDER, withoutCredentials } from '../plan/index.ts';
import { looksSecret } from './shown.ts';
import { isEntries, type Version, within } from './side.ts';

/** Shorter ones would be found in any word. */
const SHORTEST = 4;

const SETTING = /^([+\- ]?\s*(?:- )?["']?)([A-Za-z_][\w-]*)(["']?\s*[=:]\s*)(\S.*)$/gm;

/** Values that a variable with a credential's name may have, and that say something wherever else they stand. */
const WORDS: readonly string[] = [PLACEHOLDER, 'true', 'false', 'none'];

const POLICY = [BOTTLE_FILE.routes, BOTTLE_FILE.pipelock, BOTTLE_FILE.gitGate] as const;

/** Every text in `value`. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  return isEntries(value) ? Object.values(value).flatMap(textsIn) : [];
}

/** What the daemons are told to open. It is shown, whatever a variable holds: a diff would say that something opens, not what. */
const openedBy = ({ documents, manifest }: Version): readonly string[] =>
  [...POLICY.map((file) => documents[file]), manifest.requires.bindMounts].flatMap(textsIn);

function literals(environment: unknown): readonly string[] {
  const pairs = Array.isArray(environment)
    ? environment.map((entry) => String(entry).split(/=(.*)/s))
    : isEntries(environment)
      ? Object.entries(environment).map(([name, value]) => [name, String(value)])
      : [];
  return pairs.flatMap(([name = '', value = '']) =>
    isCredentialName(name)
      ? WORDS.includes(value.toLowerCase())
        ? []
        : value.split('\n')
      : value.split(/\s+/).filter((word) => looksSecret('', word)),
  );
}

/** A host's name: where one looks like a token it is shown all the same, since it is what a diff is read for. */
const HOST = /^(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)+$/;

/** {@link withoutCredentials}, but for `hosts`. */
function withoutTokens(text: string, hosts: readonly string[]): string {
  if (hosts.length === 0) return withoutCredentials(text);
  const names = new RegExp(`(${hosts.map((host) => host.replace(/[.*]/g, '\\$&')).join('|')})`);
  return text
    .split(names)
    .map((part) => (hosts.includes(part) ? part : withoutCredentials(part)))
    .join('');
}

/** Values of variables that look like credentials, as they stand in a compose file. */
function secretsOf({ documents }: Version): readonly string[] {
  const services = Object.values(within(documents[BOTTLE_FILE.compose], 'services'));
  return services.flatMap((service) => (isEntries(service) ? literals(service['environment']) : []));
}

/** A function that hides the values of `versions` that look like credentials, wherever a text holds them. */
export function redacted(versions: readonly (Version | undefined)[]): (text: string) => string {
  const known = versions.filter((version) => version !== undefined);
  const opened = known.flatMap(openedBy).map((text) => text.toLowerCase());
  const hosts = [...new Set(opened)].filter((text) => HOST.test(text) && withoutCredentials(text) !== text);
  const values = known.flatMap(secretsOf).filter((value) => {
    const text = value.trim().toLowerCase();
    return !opened.some((one) => one.includes(text));
  });
  const spelled = [...new Set(values.map((value) => value.trim()))]
    // As the value stands, and as it stands in a quoted YAML scalar.
    .flatMap((value) => [value, JSON.stringify(value).slice(1, -1), value.replaceAll("'", "''")])
    .filter((value) => value.length >= SHORTEST)
    .sort((a, b) => b.length - a.length);
  return (text) => {
    const hidden = spelled.reduce((rest, value) => rest.replaceAll(value, '[redacted]'), text);
    const named = hidden.replace(SETTING, (line, start: string, name: string, sign: string, value: string) =>
      isCredentialName(name) && value !== PLACEHOLDER ? `${start}${name}${sign}[redacted]` : line,
    );
    return withoutTokens(named, hosts);
  };
}
