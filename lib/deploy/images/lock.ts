/** `claude-bottle.lock`: the scanner that was chosen and the digests that base images were resolved to. */

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { BASE_NAMES, type BaseName } from '../../../images/bases/pins.ts';
import { BottleError, reasonOf } from '../../errors.ts';

/** Name of the lock file, beside `cdk.json`. */
export const LOCK_FILE = 'claude-bottle.lock';

/** What can fill pipelock's slot. */
export const SCANNERS = ['pipelock', 'builtin'] as const;

export type Scanner = (typeof SCANNERS)[number];

const entry = z.strictObject({ reference: z.string(), digest: z.string().regex(/^sha256:[0-9a-f]{64}$/) });

const schema = z.strictObject({
  version: z.literal(1),
  scanner: z.enum(SCANNERS).optional(),
  images: z.partialRecord(z.enum(BASE_NAMES), entry).default({}),
});

export interface LockedImage {
  /** As it was asked for, with its tag. */
  readonly reference: string;
  readonly digest: string;
}

export interface Lock {
  readonly scanner?: Scanner;
  readonly images: Readonly<Partial<Record<BaseName, LockedImage>>>;
}

const HEADER = `# Written by claude-bottle; commit it with the project.
# scanner: what fills pipelock's slot. It never changes by itself: edit this line, or ask with -c scanner=… .
# images: the digests that tags stood for at the first build; remove an entry to have it resolved anew.
`;

function unusable(file: string, what: 'read' | 'written', cause: unknown): BottleError {
  const reason = reasonOf(cause);
  return new BottleError('images/lock-unusable', `${file} cannot be ${what}: ${reason}`, {
    fix: 'make the file and its directory, the one of cdk.json, yours to read and write: the lock is kept there',
    cause,
  });
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw unusable(file, 'read', error);
  }
}

/** The lock in `file`; an empty one where the file does not exist. */
export function readLock(file: string): Lock {
  const text = textOf(file);
  if (text === undefined) return { images: {} };
  try {
    const { scanner, images } = schema.parse(parse(text));
    return { ...(scanner === undefined ? {} : { scanner }), images: images as Lock['images'] };
  } catch (cause) {
    const details = cause instanceof z.ZodError ? z.prettifyError(cause).split('\n') : [String(cause)];
    throw new BottleError('images/lock-invalid', `${file} is not a valid lock file`, {
      fix: 'restore it from version control, or correct the lines named',
      details,
      cause,
    });
  }
}

/** Replaces `file` in one move. */
export function writeLock(file: string, lock: Lock): void {
  const images = Object.fromEntries(
    BASE_NAMES.flatMap((name) => (lock.images[name] ? [[name, lock.images[name]]] : [])),
  );
  const body = { version: 1, ...(lock.scanner === undefined ? {} : { scanner: lock.scanner }), images };
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(temporary, HEADER + stringify(body));
    renameSync(temporary, file);
  } catch (cause) {
    throw unusable(file, 'written', cause);
  } finally {
    if (existsSync(temporary)) rmSync(temporary);
  }
}
