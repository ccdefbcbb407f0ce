/** The agent's standing instructions. */

import { credentialIn, printable } from '../plan/index.ts';
import type { Rule } from './rule.ts';

/**
 * Bytes of UTF-8. Claude Code gets the prompt as one argument, so that every version of it takes it, and Linux ends an
 * argument at 128 KiB (MAX_ARG_STRLEN, execve(2)).
 */
const PROMPT_MAX = 100_000;

/** Number and text of each line. */
const lines = (text: string): readonly (readonly [number, string])[] =>
  text.split(/\r?\n/).map((line, index) => [index + 1, line]);

export const PROMPT_RULES: readonly Rule[] = [
  {
    id: 'bottles::prompt-text',
    severity: 'error',
    what: 'a prompt that is empty, or that holds characters which nobody sees',
    why: 'what the agent is told should be what a person reads in the definition',
    fix: 'write the instructions as plain text, or leave `prompt` out',
    *check({ agent }) {
      const { path, prompt } = agent;
      if (prompt === undefined) return;
      if (prompt.trim() === '') yield { path, part: agent, message: 'the prompt is empty; allowed: a text' };
      const hidden = lines(prompt).find(([, line]) => printable(line) !== line);
      if (hidden === undefined) return;
      yield {
        path,
        part: agent,
        message: `line ${hidden[0]} of the prompt holds a control character or one that cannot be seen; allowed: text, tabs and line breaks`,
      };
    },
  },
  {
    id: 'bottles::prompt-size',
    severity: 'error',
    what: 'a prompt that is longer than an argument of a program may be',
    why: 'the agent program would not start: it gets the prompt as an argument',
    fix: 'keep the prompt short, and put the rest into a skill or a file of the workspace',
    *check({ agent }) {
      const bytes = Buffer.byteLength(agent.prompt ?? '');
      if (bytes <= PROMPT_MAX) return;
      yield {
        path: agent.path,
        part: agent,
        message: `the prompt has ${bytes} bytes; allowed: at most ${PROMPT_MAX}`,
      };
    },
  },
  {
    id: 'bottles::prompt-secret',
    severity: 'error',
    what: 'a prompt with something in it that looks like a credential',
    why: 'the output is meant to be read, compared and committed; and the agent never holds a credential',
    fix: 'put it into `auth` of a route by HostEnv.of, and replace the credential where it was issued; reword what is none',
    *check({ agent }) {
      for (const [number, line] of lines(agent.prompt ?? '')) {
        const kind = credentialIn(line);
        if (kind === undefined) continue;
        yield {
          path: agent.path,
          part: agent,
          message: `line ${number} of the prompt looks like ${kind}; allowed: no credential by value`,
        };
      }
    },
  },
];
