/** How answers and arrivals are judged. */

import { createHash } from 'node:crypto';
import * as assert from 'uvu/assert';
import type { Arrival } from './rig.ts';
import type { Answer } from './steps.ts';

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
export const last = (answers: readonly Answer[] | undefined): Answer => {
  const answer = answers?.at(-1);
  if (answer === undefined) throw new Error('no answer');
  return answer;
};
export const header = (arrival: Arrival | undefined, name: string): string[] =>
  (arrival?.headers ?? []).filter(([key]) => key.toLowerCase() === name).map(([, value]) => value.trim());

export const isRefusal = (answer: Answer, rule: string, status = 403): void => {
  assert.is(answer.status, status, JSON.stringify(answer));
  assert.match(answer.body, /^egress: [^\n]+\n\{.*\}\n$/);
  assert.is(JSON.parse(answer.body.split('\n')[1] ?? '').rule, rule);
};
