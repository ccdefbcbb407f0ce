/** Secret-looking values, made anew for each run so that no file of the repository holds one. */

import { randomInt } from 'node:crypto';

const pick = (alphabet: string, length: number): string =>
  Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

export const githubToken = (): string => `ghp_${pick(LETTERS, 36)}`;
export const awsKeyId = (): string => `AKIA${pick('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 16)}`;
