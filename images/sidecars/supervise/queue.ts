/**
 * The queue directory: a proposal and its response are one file each. Everything else in it is somebody else's and is
 * reported once and passed over.
 */

import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { link, lstat, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { readBounded } from './bounded-read.ts';
import type { Log } from './log.ts';
import {
  isTemporary,
  Proposal,
  ProposalResponse,
  proposalFile,
  QUEUE_ENTRY_MAX,
  queueEntry,
  responseFile,
} from './proposal.ts';

/** Readable by the operator through the directory's group, by nobody else. */
const FILE_MODE = 0o640;

const codeOf = (reason: unknown): string =>
  reason instanceof Error && 'code' in reason && typeof reason.code === 'string' ? reason.code : 'unknown error';

export interface QueueListing {
  readonly proposals: ReadonlySet<string>;
  readonly responses: ReadonlySet<string>;
  /** Files of any kind, ours or not. */
  readonly entries: number;
}

export interface Answered {
  readonly proposal: Proposal;
  readonly response: ProposalResponse;
  /** When the response was written, in milliseconds since 1970. */
  readonly answeredMs: number;
}

export class Queue {
  readonly #directory: string;
  readonly #log: Log;
  /** Entries that were reported, so that a poll does not repeat itself. */
  readonly #reported = new Set<string>();

  constructor(directory: string, log: Log) {
    this.#directory = directory;
    this.#log = log;
  }

  /** Throws unless the directory is one that only its owner and group can reach (bundle contract: 2770). */
  async check(): Promise<void> {
    const status = await stat(this.#directory).catch((reason: unknown) => {
      throw new Error(`queue directory ${this.#directory}: ${codeOf(reason)}`);
    });
    if (!status.isDirectory()) throw new Error(`queue directory ${this.#directory}: not a directory`);
    if ((status.mode & 0o007) !== 0)
      throw new Error(`queue directory ${this.#directory}: open to others, want mode 2770`);
  }

  async list(): Promise<QueueListing> {
    const names = await readdir(this.#directory);
    const ids = { proposal: new Set<string>(), response: new Set<string>() };
    for (const name of names) {
      const entry = queueEntry(name);
      if (entry !== undefined) ids[entry.kind].add(entry.id);
      else if (!isTemporary(name)) this.#skip(name, 'not an entry of the queue');
    }
    return { proposals: ids.proposal, responses: ids.response, entries: names.length };
  }

  /** The proposal, or undefined if it is not there or not readable as one. */
  async proposal(id: string): Promise<Proposal | undefined> {
    return this.#read(proposalFile(id), id, Proposal);
  }

  async response(id: string): Promise<ProposalResponse | undefined> {
    return this.#read(responseFile(id), id, ProposalResponse);
  }

  /** Proposals whose response was written at most `ageMs` ago, by the clock of the disk. */
  async answeredWithin(ageMs: number): Promise<readonly Answered[]> {
    const { proposals, responses } = await this.list();
    const found: Answered[] = [];
    for (const id of responses) {
      if (!proposals.has(id)) continue;
      const status = await lstat(join(this.#directory, responseFile(id))).catch(() => undefined);
      if (status === undefined || Date.now() - status.mtimeMs > ageMs) continue;
      const [proposal, response] = [await this.proposal(id), await this.response(id)];
      if (proposal !== undefined && response !== undefined) {
        found.push({ proposal, response, answeredMs: status.mtimeMs });
      }
    }
    return found;
  }

  async addProposal(proposal: Proposal): Promise<void> {
    const temporary = await this.#write(proposal);
    await rename(temporary, join(this.#directory, proposalFile(proposal.id)));
  }

  /** Adds `response` unless there is one already: the first answer stands. True if it is this one. */
  async addResponse(response: ProposalResponse): Promise<boolean> {
    const temporary = await this.#write(response);
    try {
      await link(temporary, join(this.#directory, responseFile(response.id)));
      return true;
    } catch (reason) {
      if (codeOf(reason) === 'EEXIST') return false;
      throw reason;
    } finally {
      await unlink(temporary);
    }
  }

  /** Removes the oldest answered proposals, with their responses, until at most `keep` are left. */
  async prune(keep: number): Promise<void> {
    const { proposals, responses } = await this.list();
    const answered = [...proposals].filter((id) => responses.has(id));
    const aged = await Promise.all(
      answered.map(async (id) => ({ id, age: (await stat(join(this.#directory, proposalFile(id)))).mtimeMs })),
    );
    aged.sort((a, b) => b.age - a.age);
    for (const { id } of aged.slice(keep)) {
      await unlink(join(this.#directory, proposalFile(id)));
      await unlink(join(this.#directory, responseFile(id)));
    }
  }

  async #write(content: Proposal | ProposalResponse): Promise<string> {
    const path = join(this.#directory, `.${randomUUID()}.tmp`);
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
    const file = await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, FILE_MODE);
    try {
      // Whatever the umask of the operator: the daemon has to read what the CLI writes, and the other way round.
      await file.chmod(FILE_MODE);
      await file.writeFile(`${JSON.stringify(content, null, 2)}\n`);
      await file.sync();
    } catch (reason) {
      await unlink(path);
      throw reason;
    } finally {
      await file.close();
    }
    return path;
  }

  async #read<Entry extends { readonly id: string }>(
    name: string,
    id: string,
    schema: z.ZodType<Entry>,
  ): Promise<Entry | undefined> {
    try {
      const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
      const file = await open(join(this.#directory, name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
      try {
        const status = await file.stat();
        if (!status.isFile()) return this.#skip(name, 'not a regular file');
        const text = status.size > QUEUE_ENTRY_MAX ? undefined : await readBounded(file, QUEUE_ENTRY_MAX);
        if (text === undefined) return this.#skip(name, 'too large');
        const parsed = schema.safeParse(JSON.parse(text));
        if (!parsed.success) return this.#skip(name, 'not of the expected form');
        return parsed.data.id === id ? parsed.data : this.#skip(name, 'its id is not that of its name');
      } finally {
        await file.close();
      }
    } catch (reason) {
      if (codeOf(reason) === 'ENOENT') return undefined;
      return this.#skip(name, reason instanceof SyntaxError ? 'not JSON' : codeOf(reason));
    }
  }

  #skip(name: string, reason: string): undefined {
    const key = `${name}: ${reason}`;
    if (this.#reported.has(key)) return;
    if (this.#reported.size >= 1_000) this.#reported.clear();
    this.#reported.add(key);
    this.#log('skipped', { entry: name.slice(0, 255), reason });
  }
}
