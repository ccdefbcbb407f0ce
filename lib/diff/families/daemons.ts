/** The daemons, by the manifest and by what tells each service which of them it runs. */

import { AGENT_SERVICE, BOTTLE_FILE, DAEMONS_VARIABLE } from '../../plan/index.ts';
import { changes, family } from '../family.ts';
import { servicesOf } from '../services.ts';
import { named, nowAndThen } from '../shown.ts';
import { asText, MANIFEST, taken, takenFrom } from '../side.ts';

const FOR: Readonly<Record<string, string>> = {
  egress: "the agent's HTTPS proxy, with rules of hosts, methods and paths",
  pipelock: 'the last hop, with the content scan',
  'git-gate': 'the way to git remotes',
  supervise: 'by which the agent asks the operator for more',
};

/** Whose going and coming explains that of their files. */
const FILES: Readonly<Record<string, readonly string[]>> = {
  egress: [BOTTLE_FILE.routes],
  pipelock: [BOTTLE_FILE.pipelock],
  'git-gate': [BOTTLE_FILE.gitGate, BOTTLE_FILE.knownHosts],
  supervise: [BOTTLE_FILE.supervise],
};

const SELECTION = `${DAEMONS_VARIABLE}=`;
const SETTINGS: Readonly<Record<string, string>> = { EGRESS_UPSTREAM_: 'egress', SUPERVISE_: 'supervise' };

export const daemons = family<readonly string[]>({
  kind: 'daemon',
  read: (side) => {
    const found = new Map<string, string[]>();
    const note = (daemon: string, text: string): void => void found.set(daemon, [...(found.get(daemon) ?? []), text]);
    const declared = taken(side.manifest, 'daemons');
    for (const daemon of Array.isArray(declared) ? declared : []) note(String(daemon), 'declared');
    for (const [service, entries] of servicesOf(side)) {
      takenFrom(entries, 'environment', (entry) => {
        const text = asText(entry) ?? '';
        const [prefix] = Object.keys(SETTINGS).filter((name) => text.startsWith(name));
        if (text.startsWith(SELECTION)) {
          for (const daemon of text.slice(SELECTION.length).split(',')) note(daemon, `in ${service}`);
        } else if (prefix !== undefined && service !== AGENT_SERVICE) note(SETTINGS[prefix] ?? '', text);
        else return undefined;
        return text;
      });
    }
    return new Map(
      [...found].map(([name, value]) => [
        name,
        { value: value.sort(), files: [BOTTLE_FILE.compose, MANIFEST, ...(FILES[name] ?? [])] },
      ]),
    );
  },
  describe: (daemon, before, after) => {
    const job = FOR[daemon];
    const what = `daemon ${named(daemon)}${job === undefined ? ', which no bottle has' : ` (${job})`}`;
    if (before === undefined || after === undefined) {
      return [changes('daemon', daemon, `${what} ${after === undefined ? 'removed' : 'added'}`)];
    }
    return [changes('daemon', daemon, `${what}: ${nowAndThen(daemon, before, after)}`)];
  },
});
