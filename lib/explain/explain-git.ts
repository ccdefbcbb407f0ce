/** The verdict of git-gate on a push or a fetch, by git-gate's own rules. */

import { type RefFacts, refusalsOfUpdate, refusalsOfUpstream } from '../../images/sidecars/git-gate/ref-rules.ts';
import { type RefUpdate, refKind, shortRef } from '../../images/sidecars/git-gate/ref-update.ts';
import { clientLine } from '../../images/sidecars/git-gate/say.ts';
import { BottleError } from '../errors.ts';
import { type GitRemoteEntry, listed, nearest, parseGitSshUrl, protects, quoted } from '../plan/index.ts';
import { explainRequest } from './explain-request.ts';
import { gitOpening } from './git-opening.ts';
import { isWellFormed, type NamedRef, namedRef } from './ref-name.ts';
import type { BottlePolicy, Explanation, GitQuestion } from './types.ts';
import { shownUrl } from './url.ts';

/** Stand-ins for the ids that only a repository knows. */
const [OLD, NEW] = ['1', '2'].map((digit) => digit.repeat(40)) as [string, string];

const SCANNED = [
  'gitleaks scans every new object, commit and tag message, path and ref name; the push is refused where it finds a secret',
];

const show = (ref: string): string => ref;

function unknownRemote(policy: BottlePolicy, wanted: string): BottleError {
  const names = policy.gitGate?.remotes.map(({ name }) => name) ?? [];
  const meant = nearest(wanted, names);
  const known = names.length === 0 ? 'the bottle declares no git remote' : `declared are: ${listed(names)}`;
  return new BottleError('usage/unknown-remote', `no such remote: ${quoted(shownUrl(wanted))}; ${known}`, {
    fix: meant === undefined ? 'name a declared remote, or its URL' : `did you mean ${meant}?`,
    exitCode: 2,
  });
}

const plainPath = (path: string): string => path.replace(/^\/+|\/+$/g, '').replace(/\.git$/, '');

/** Whether both URLs name one repository over SSH. */
function isSameUrl(a: string, b: string): boolean {
  const [one, other] = [parseGitSshUrl(a), parseGitSshUrl(b)];
  if (one === undefined || other === undefined) return false;
  return one.host === other.host && one.port === other.port && plainPath(one.path) === plainPath(other.path);
}

/** Whether `url` is the one over HTTPS whose pushes the agent's gitconfig sends to git-gate. */
const isPushUrl = (remote: string, url: string): boolean => {
  const parsed = parseGitSshUrl(remote);
  const [, host, path = ''] = /^https:\/\/([^/]+)\/(.*)$/.exec(url) ?? [];
  return parsed !== undefined && parsed.host === host && plainPath(parsed.path) === plainPath(path);
};

/** The remote of a declared name, of a spelling of its URL, or of git-gate's own URL. */
function remoteOf(policy: BottlePolicy, { remote: wanted, action }: GitQuestion): GitRemoteEntry | undefined {
  const [, mirrored] = /^git:\/\/git-gate\/([^/]+?)(?:\.git)?$/.exec(wanted) ?? [];
  return policy.gitGate?.remotes.find(
    ({ name, url }) =>
      [wanted, mirrored].includes(name) ||
      url === wanted ||
      isSameUrl(url, wanted) ||
      (action === 'push' && isPushUrl(url, wanted)),
  );
}

/** Git over HTTPS is a request like any other: its first one. */
async function overHttps(policy: BottlePolicy, question: GitQuestion, now: number): Promise<Explanation> {
  const service = question.action === 'push' ? 'git-receive-pack' : 'git-upload-pack';
  const url = `${question.remote.replace(/\/+$/, '')}/info/refs?service=${service}`;
  const explanation = await explainRequest(policy, { method: 'GET', url, headers: [] }, now);
  const note = `over HTTPS git begins with ${explanation.question}, which is what was judged`;
  return { ...explanation, question: questionText(question), notes: [...explanation.notes, note] };
}

/** What is known of a push that nobody has made: `--force` stands for a history that is rewritten. */
function updateOf({ ref }: NamedRef, isForced: boolean, isDeleted: boolean): { update: RefUpdate; facts: RefFacts } {
  const from = isForced || isDeleted ? { from: OLD } : {};
  return {
    update: { ref, ...from, ...(isDeleted ? {} : { to: NEW }) },
    facts: { targetType: 'commit', fastForward: !isForced, wellFormed: isWellFormed(ref) },
  };
}

/** The refusals if the upstream's HEAD named this very branch: what nobody knows offline. */
function headRefusals(remote: GitRemoteEntry, update: RefUpdate): readonly string[] {
  const refs = new Map(update.from === undefined ? [] : [[update.ref, update.from]]);
  return refusalsOfUpstream(remote, update, { head: update.ref, refs, aliases: new Map(), tellsAliases: true }, show);
}

interface PushJudgement {
  readonly rule: string;
  readonly lines: readonly string[];
}

function refRule(remote: GitRemoteEntry, update: RefUpdate, facts: RefFacts): string {
  const kind = refKind(update.ref);
  if (remote.access !== 'push') return 'access';
  if (kind === 'other' || !facts.wellFormed) return 'ref-name';
  if (kind === 'tag' && !remote.allow.tags) return 'tags';
  const isInPatterns =
    refusalsOfUpdate({ ...remote, allow: { force: true, delete: true, tags: true } }, update, facts, show).length === 0;
  if (!isInPatterns) return remote.branches === undefined ? 'ref-name' : 'branches';
  return update.to === undefined ? 'delete' : 'force';
}

function pushJudgement(
  remote: GitRemoteEntry,
  update: RefUpdate,
  facts: RefFacts,
  paths: readonly string[],
): PushJudgement {
  const byRef = refusalsOfUpdate(remote, update, facts, show);
  if (byRef.length > 0) return { rule: refRule(remote, update, facts), lines: byRef };
  const protectedLines = paths.flatMap((path) => {
    const pattern = remote.protectedPaths.find((glob) => protects(glob, path));
    return pattern === undefined ? [] : [`${path}: protected by ${pattern}, changed in commit <its id>`];
  });
  return { rule: 'protected-paths', lines: protectedLines };
}

function providedOf(remote: GitRemoteEntry, update: RefUpdate, paths: readonly string[]): readonly string[] {
  const name = shortRef(update.ref);
  const ifHead = headRefusals(remote, update);
  return [
    ...(ifHead.length === 0
      ? []
      : [
          `${name} is not the branch that the upstream's HEAD names, which is not known offline; if it is: ${ifHead.join('; ')}`,
        ]),
    ...(update.from === undefined
      ? [`${name} is new, or the push only adds to it (say --force for one that does not)`]
      : []),
    ...(paths.length === 0 && update.to !== undefined && remote.protectedPaths.length > 0
      ? [`no commit of it changes a protected path (ask with --path): ${remote.protectedPaths.join(', ')}`]
      : []),
    'the upstream has not changed meanwhile, and takes the push',
  ];
}

const questionText = ({ action, remote, ref }: GitQuestion): string =>
  ['git', action, shownUrl(remote), ...(ref === undefined ? [] : [ref])].join(' ');

type Base = Pick<Explanation, 'slug' | 'policy' | 'question' | 'judged' | 'notes' | 'near' | 'remote'>;

function baseOf(policy: BottlePolicy, question: GitQuestion, remote: GitRemoteEntry, ref: NamedRef | undefined): Base {
  const location = policy.declared.remotes[remote.name];
  const isBare =
    question.ref !== undefined && ref?.ref.startsWith('refs/heads/') && !/refs\/heads\//.test(question.ref);
  return {
    slug: policy.slug,
    policy: policy.source,
    question: questionText(question),
    judged: { remote: remote.name, ...(ref === undefined ? {} : { ref: ref.ref }) },
    remote: { name: remote.name, url: remote.url, ...(location === undefined ? {} : { location }) },
    notes: isBare ? [`judged as a branch; a tag is written refs/tags/${ref?.ref.slice('refs/heads/'.length)}`] : [],
    near: [],
  };
}

function explainFetch(base: Base, { name }: GitRemoteEntry): Explanation {
  return {
    ...base,
    verdict: 'allowed',
    by: 'git-gate',
    rule: 'access',
    reason: `${name} is a declared remote, and every declared remote may be fetched`,
    scanned: ['what comes from the upstream is not scanned'],
    provided: [
      'git-gate reaches the upstream: before each fetch it brings its mirror up to date, and refuses where it cannot',
    ],
  };
}

function explainPush(policy: BottlePolicy, question: GitQuestion, remote: GitRemoteEntry): Explanation {
  const ref = question.ref === undefined ? undefined : namedRef(question.ref);
  if (ref === undefined) {
    throw new BottleError('usage/ref', 'git push needs a ref to judge', {
      fix: `write for example bottle explain ${policy.slug} git push ${remote.name} main`,
      exitCode: 2,
    });
  }
  const base = baseOf(policy, question, remote, ref);
  const { update, facts } = updateOf(ref, question.force || ref.force, question.delete || ref.delete);
  const { rule, lines } = pushJudgement(remote, update, facts, question.paths);
  if (lines.length === 0) {
    const reason = `${remote.name} takes this push of ${shortRef(ref.ref)}`;
    const provided = providedOf(remote, update, question.paths);
    return { ...base, verdict: 'allowed', by: 'git-gate', rule: 'access', reason, scanned: SCANNED, provided };
  }
  return {
    ...base,
    verdict: 'refused',
    by: 'git-gate',
    rule,
    reason: lines.join('; '),
    agentSees: { status: 0, body: lines.map(clientLine).join('') },
    scanned: rule === 'access' ? [] : SCANNED,
    provided: [],
    opening: gitOpening(policy, remote, rule, update),
  };
}

/**
 * The verdict on `question` at `now` (Unix milliseconds). Throws a usage error for a remote that is not declared, and
 * for a push without a ref.
 */
export async function explainGit(policy: BottlePolicy, question: GitQuestion, now: number): Promise<Explanation> {
  const remote = remoteOf(policy, question);
  if (remote === undefined && /^https?:\/\//i.test(question.remote)) return overHttps(policy, question, now);
  if (remote === undefined) throw unknownRemote(policy, question.remote);
  if (question.action === 'push') return explainPush(policy, question, remote);
  return explainFetch(baseOf(policy, question, remote, undefined), remote);
}
