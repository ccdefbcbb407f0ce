/** `bottle allow`: change what a running bottle may reach. It needs what was deployed, and no definition. */

import {
  type Applied,
  applyChanges,
  declaredPolicy,
  livePolicy,
  openLiveBottle,
  operatorName,
  type PolicyDigests,
  type Preview,
  previewChanges,
  type StoredBottle,
  storedBottle,
  unsettledChange,
} from '../operate/apply/index.ts';
import { createDocker } from '../operate/docker/index.ts';
import { assertGrantable, type OpenHostLine, openHostLines, readGrants } from '../operate/grants/index.ts';
import { homeDirectory } from '../operate/state/directory.ts';
import { type AllowFlags, allowChanges } from './allow-flags.ts';
import { columns } from './columns.ts';
import { interruption } from './interruption.ts';
import type { Messages } from './messages.ts';
import { piece, type Styled } from './styled.ts';

const sign = (mark: '+' | '-', line: string): Styled => [
  piece(mark === '+' ? 'green' : 'red', `  ${mark} ${line}`),
  '\n',
];

const joined = (parts: readonly Styled[]): Styled =>
  parts.flatMap((part) => (typeof part === 'string' ? [part] : [...part]));

function changeLines({ opens, closes, deferred }: Preview): Styled {
  return joined([
    ...opens.map((line) => sign('+', line)),
    ...closes.map((line) => sign('-', line)),
    ...deferred.map((line): Styled => [piece('yellow', `  waits: ${line}`), '\n']),
  ]);
}

const digestLines = ({ egress, pipelock }: PolicyDigests): string =>
  Object.entries({ egress, pipelock })
    .flatMap(([daemon, digest]) => (digest === undefined ? [] : [`  ${daemon} runs ${digest.slice(0, 12)}`]))
    .join('\n');

function appliedText(slug: string, applied: Applied): Styled {
  if (!applied.changed) return `${slug}: nothing to do, it is so already`;
  const { opens, closes, deferred, restartsPipelock, milliseconds } = applied;
  const isInForce = opens.length + closes.length > 0;
  const how = restartsPipelock ? ', pipelock restarted in place' : '';
  const head = isInForce
    ? `${slug}: in force after ${(milliseconds / 1000).toFixed(2)} s${how}`
    : deferred.length > 0
      ? `${slug}: kept for the next deploy`
      : `${slug}: kept; nothing that runs changes`;
  return joined([[piece('bold', head), '\n'], changeLines(applied), digestLines(applied.after)]);
}

function previewText(slug: string, preview: Preview): Styled {
  if (preview.diff === '' && preview.deferred.length === 0) return `${slug}: nothing would change`;
  const restart = preview.restartsPipelock
    ? '  pipelock would be restarted in place, which ends its open connections\n'
    : '';
  const diff = preview.diff.split('\n').flatMap((line): (string | ReturnType<typeof piece>)[] => {
    const style = /^\+(?!\+\+)/.test(line) ? 'green' : /^-(?!--)/.test(line) ? 'red' : 'plain';
    return [piece(style, line), '\n'];
  });
  return joined([[piece('bold', `${slug}: would change`), '\n'], changeLines(preview), restart, diff]);
}

const byText = ({ by, grant, isExpired }: OpenHostLine): string => {
  const given = grant === undefined ? by : `${by} by ${grant.who} at ${grant.time}: ${grant.why}`;
  return isExpired ? `ended; ${given}` : given;
};

function show({ slug, stateDir, deployed }: StoredBottle, messages: Messages): void {
  const grants = readGrants(stateDir);
  const texts = { declared: declaredPolicy(stateDir), live: livePolicy(stateDir) };
  assertGrantable(texts.declared, grants);
  const hosts = openHostLines(texts, grants, deployed.tokens, new Date());
  const closed = grants.flatMap(({ kind, host }) => (kind === 'close' ? [host] : []));
  const waiting = grants.flatMap(({ kind, host }) =>
    kind === 'open' && !hosts.some((open) => open.host === host) ? [host] : [],
  );
  if (closed.length > 0) messages.info(`declared, and closed by an operator: ${closed.join(', ')}`);
  if (waiting.length > 0) messages.info(`granted, and not in force before the next deploy: ${waiting.join(', ')}`);
  const rows = hosts.map((line) => [line.host, line.what, byText(line)]);
  messages.result(
    { slug, hosts, closed, waiting, grants },
    rows.length === 0 ? '' : columns(['HOST', 'OPEN', 'BY'], rows),
  );
}

/** Opens or closes `hosts` for the bottle `slug`, or lists what is open. */
export async function allow(
  slug: string,
  hosts: readonly string[],
  messages: Messages,
  flags: AllowFlags,
): Promise<void> {
  const now = new Date();
  const changes = allowChanges(hosts, flags, now);
  const home = homeDirectory(process.env);
  const stored = storedBottle(home, slug);
  if (flags.show === true || flags.dryRun === true) {
    const unsettled = unsettledChange(stored.stateDir);
    if (unsettled !== undefined) {
      messages.warn(
        `a change by ${unsettled.who} was interrupted or is under way; the next change or deploy settles it`,
      );
    }
    if (flags.show === true) return show(stored, messages);
    const preview = previewChanges(stored, changes, now);
    return messages.result({ slug, dryRun: true, ...preview }, previewText(slug, preview));
  }
  const docker = createDocker({ env: process.env });
  const why = flags.why?.trim() || 'bottle allow';
  // A Ctrl-C in the middle must not leave a half of it: it is done, or taken back, within seconds.
  const applied = await interruption(async () => {
    const bottle = await openLiveBottle(docker, home, slug);
    return applyChanges(bottle, changes, { who: operatorName(), why, origin: 'allow' }, { now });
  });
  for (const warning of applied.warnings) messages.warn(warning);
  messages.result({ slug, dryRun: false, ...applied }, appliedText(slug, applied));
}
