/** One verdict, carried out and told. */

import { readFileSync, statSync } from 'node:fs';
import { BottleError } from '../errors.ts';
import { operatorName, type StoredBottle } from '../operate/apply/index.ts';
import { DOCKERFILE_MAX } from '../operate/capabilities/index.ts';
import type { Docker } from '../operate/docker/index.ts';
import {
  approve,
  approveCapability,
  decideCapability,
  decideOn,
  isReach,
  type Proposal,
  previewOf,
  reject,
  shortId,
  type Terms,
} from '../operate/proposals/index.ts';
import type { Messages } from './messages.ts';
import type { Styled } from './styled.ts';
import { previewPieces } from './supervise-text.ts';

export interface AnswerInput {
  readonly bottle: StoredBottle;
  readonly proposal: Proposal;
  readonly docker: Docker;
  /** `approve`: exactly as asked. */
  readonly verdict: 'approve' | 'modify' | 'reject';
  readonly terms: Terms;
  readonly note: string;
  /** Path of a file that the operator named. */
  readonly dockerfile?: string | undefined;
  /** Shows what would be done and touches nothing. */
  readonly dryRun: boolean;
}

export interface Told {
  readonly data: object;
  readonly text: Styled;
  readonly warnings: readonly string[];
}

const cannotRead = (path: string, reason: string): BottleError =>
  new BottleError('supervise/dockerfile-unreadable', `${path}: ${reason}`, { exitCode: 2 });

function dockerfileText(path: string): string {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status?.isFile() !== true) throw cannotRead(path, 'there is no such file');
  if (status.size > DOCKERFILE_MAX) throw cannotRead(path, `it has more than ${DOCKERFILE_MAX} bytes`);
  return readFileSync(path, 'utf8');
}

async function rejected({ bottle, proposal, note, dryRun }: AnswerInput): Promise<Told> {
  const warnings = dryRun ? [] : await reject(bottle, proposal, { who: operatorName(), note });
  const { slug, id } = proposal;
  return {
    data: { slug, id, status: 'rejected', notes: note, dryRun },
    text: `${shortId(id)}: ${dryRun ? 'would be rejected' : 'rejected'}`,
    warnings,
  };
}

async function capability(
  input: AnswerInput,
  proposal: Extract<Proposal, { tool: 'capability-block' }>,
): Promise<Told> {
  const { bottle, terms, note, verdict, dryRun } = input;
  if (Object.keys(terms).length > 0) {
    throw new BottleError('usage/supervise', 'hosts, paths and credentials have no part in a capability', {
      exitCode: 2,
    });
  }
  const dockerfile = input.dockerfile === undefined ? undefined : dockerfileText(input.dockerfile);
  const decision = decideCapability(proposal, dockerfile, verdict === 'approve');
  const { slug, id } = proposal;
  const { status } = decision;
  if (dryRun) return { data: { slug, id, status, dryRun }, text: `${shortId(id)}: would be ${status}`, warnings: [] };
  const done = await approveCapability(bottle, proposal, decision, { who: operatorName(), note });
  return {
    data: { slug, id, status, notes: done.notes, packages: done.capabilities.packages, appliesAt: 'deploy', dryRun },
    text: `${shortId(id)}: ${status}; bottle deploy ${slug} builds the agent's image with it`,
    warnings: done.warnings,
  };
}

/** Carries the verdict out. Throws whatever stands in the way; then nothing has changed and nothing was answered. */
export async function answer(input: AnswerInput): Promise<Told> {
  const { bottle, proposal, docker, verdict, terms, note, dryRun } = input;
  if (verdict === 'reject') return rejected(input);
  if (!isReach(proposal)) return capability(input, proposal);
  if (input.dockerfile !== undefined) {
    throw new BottleError('usage/supervise', '--dockerfile is for a capability-block', { exitCode: 2 });
  }
  const decision = decideOn(bottle, proposal, terms, verdict === 'approve');
  const { slug, id } = proposal;
  const { status } = decision;
  if (dryRun) {
    const preview = previewOf(bottle, decision);
    return {
      data: { slug, id, status, dryRun, ...preview },
      text: [`${shortId(id)}: would be ${status}\n`, ...previewPieces(preview)],
      warnings: [],
    };
  }
  const { applied, notes } = await approve(docker, bottle, proposal, decision, { who: operatorName(), note });
  const { warnings, ...rest } = applied;
  const seconds = (applied.milliseconds / 1_000).toFixed(1);
  const said = `${shortId(id)}: ${status}, in force after ${seconds} s\n`;
  return {
    data: { slug, id, status, notes, dryRun, ...rest },
    text: [said, ...previewPieces({ ...rest, diff: '' })],
    warnings,
  };
}

/** Carries the verdict out and prints what came of it. */
export async function tellAnswer(input: AnswerInput, messages: Messages): Promise<void> {
  const { data, text, warnings } = await answer(input);
  for (const warning of warnings) messages.warn(warning);
  messages.result(data, text);
}
