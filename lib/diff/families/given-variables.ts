/** What synth gives the agent of its own accord: its proxy, its trust, its patience. It follows the daemons. */

import { AGENT_SERVICE, BOTTLE_FILE, isProxyVariable, TRUST_VARIABLES } from '../../plan/index.ts';
import { changes, family } from '../family.ts';
import { servicesOf } from '../services.ts';
import { namesOf, shownLiteral } from '../shown.ts';
import { takenFrom } from '../side.ts';

const GIVEN: readonly string[] = [
  ...TRUST_VARIABLES,
  'GIT_CONFIG_SYSTEM',
  'MCP_TOOL_TIMEOUT',
  'CLAUDE_CODE_MCP_TOOL_IDLE_TIMEOUT',
];

type Values = Readonly<Record<string, string>>;

/** A literal; one with a dollar sign is for the families that know of interpolation. */
const LITERAL = /^([A-Za-z_]\w*)=([^$]*)$/;

export const givenVariables = family<Values>({
  kind: 'env',
  read: (side) => {
    const value: Record<string, string> = {};
    takenFrom(servicesOf(side).get(AGENT_SERVICE) ?? {}, 'environment', (entry) => {
      const [, name = '', text = ''] = LITERAL.exec(typeof entry === 'string' ? entry : '') ?? [];
      if (!(isProxyVariable(name) || GIVEN.includes(name)) || Object.hasOwn(value, name)) return undefined;
      value[name] = text;
      return name;
    });
    return new Map(side.exists ? [[AGENT_SERVICE, { value, files: [BOTTLE_FILE.compose] }]] : []);
  },
  describe: (service, before = {}, after = {}) => {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    const shown = (values: Values, name: string): string => {
      const value = values[name];
      return value === undefined ? 'unset' : shownLiteral(name, value);
    };
    const byText = new Map<string, string[]>();
    for (const name of names.filter((one) => before[one] !== after[one])) {
      const text = `${shown(after, name)}, was ${shown(before, name)}`;
      byText.set(text, [...(byText.get(text) ?? []), name]);
    }
    return [...byText].map(([text, alike]) => changes('env', service, `${namesOf(alike)} of the agent: ${text}`));
  },
});
