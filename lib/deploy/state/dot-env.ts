/** `.env` of a state directory: with it and the user's variables, a plain `docker compose up` there is the same bottle. */

import { PROJECT_DIR_VARIABLE } from '../../plan/index.ts';

/** `value` as compose reads it back from a double-quoted value of an env file, whatever its characters. */
export const quoted = (value: string): string => `"${value.replace(/[\\"$]/g, '\\$&')}"`;

const HEADER = `# Written by bottle deploy. Names only, never values: compose takes these from the environment that it runs in.
`;

/** Maps token slots to the host variables that fill them. */
export function dotEnv(
  projectDir: string,
  tokens: readonly { readonly slot: string; readonly from: string }[],
): string {
  const lines = tokens.map(({ slot, from }) => `${slot}=\${${from}}\n`);
  return `${HEADER}${PROJECT_DIR_VARIABLE}=${quoted(projectDir)}\n${lines.join('')}`;
}
