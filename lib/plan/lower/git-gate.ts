/** The remotes of git-gate. */

import type { GitGatePlan, GitRemotePlan } from '../bottle-plan.ts';
import type { DeclaredDaemon, DeclaredValue } from '../declared.ts';
import { quoted } from '../shown.ts';
import { present } from './optional.ts';
import { declaredValue, fieldsOf, flag, list, neededText, texts, word } from './shape.ts';
import type { Site } from './site.ts';
import { sortedTexts } from './sorted.ts';

/**
 * Files that decide what a forge or a CI server runs. A push that changes one would run the agent's commands outside
 * the bottle, with the repository's own secrets.
 */
export const CI_DEFINITIONS = [
  '.github/workflows/**',
  '.github/actions/**',
  '.gitlab-ci.yml',
  '.gitlab/ci/**',
  '.circleci/**',
  '.buildkite/**',
  '.forgejo/workflows/**',
  '.gitea/workflows/**',
  '.woodpecker.yml',
  '.woodpecker.yaml',
  '.woodpecker/**',
  '.drone.yml',
  '.drone.yaml',
  '.travis.yml',
  'azure-pipelines.yml',
  '.azure-pipelines/**',
  'bitbucket-pipelines.yml',
  'cloudbuild.yaml',
  'cloudbuild.yml',
  'appveyor.yml',
  '.appveyor.yml',
  'Jenkinsfile',
  '.tekton/**',
] as const;

const REMOTE_KEYS = ['identityFile', 'knownHostKey', 'access', 'branches', 'protectedPaths', 'allow'];

/** What a push may do beyond adding commits: nothing unless it is said. */
function lowerAllowances(site: Site, what: string, value: unknown): GitRemotePlan['allow'] {
  const fields = fieldsOf(site, `\`allow\` of ${what}`, value, { allowed: ['force', 'delete', 'tags'] });
  const allowed = (name: string): boolean => flag(site, `\`allow.${name}\` of ${what}`, fields[name]) ?? false;
  return { force: allowed('force'), delete: allowed('delete'), tags: allowed('tags') };
}

function lowerRemote(outer: Site, remote: DeclaredValue): GitRemotePlan | undefined {
  const site = outer.at(remote.locate);
  const { given } = remote;
  const name = neededText(site, 'the name of GitRemote.ssh', given['name']);
  const what = name === undefined ? 'a remote' : `remote ${quoted(name)}`;
  const url = neededText(site, `the URL of ${what}`, given['url']);
  const options = fieldsOf(site, what, given['options'], { allowed: REMOTE_KEYS });
  const identityFile = neededText(site, `\`identityFile\` of ${what}`, options['identityFile']);
  const knownHostKey = neededText(site, `\`knownHostKey\` of ${what}`, options['knownHostKey']);
  const access = word(site, `\`access\` of ${what}`, options['access'], ['read', 'push']) ?? 'push';
  const declaredPaths = texts(site, `\`protectedPaths\` of ${what}`, options['protectedPaths']);
  const protectedPaths = sortedTexts(declaredPaths) ?? CI_DEFINITIONS;
  const branches = sortedTexts(texts(site, `\`branches\` of ${what}`, options['branches']));
  const allow = lowerAllowances(site, what, options['allow']);
  if (name === undefined) return undefined;
  // What is missing has been reported; the rules judge the rest of the remote all the same.
  return site.declared({
    name,
    url: url ?? '',
    identityFile: identityFile ?? '',
    knownHostKey: knownHostKey ?? '',
    access,
    ...present({ branches }),
    protectedPaths,
    allow,
  });
}

/** The git-gate daemon's plan, or undefined when it has no remote and so is not in the bottle. */
export function lowerGitGate(site: Site, daemon: DeclaredDaemon): GitGatePlan | undefined {
  const fields = fieldsOf(site, '`gitGate`', daemon.props, { allowed: ['remotes'] });
  const example = "GitRemote.ssh('app', 'ssh://git@git.example.com/team/app.git', { … })";
  const declared = [
    ...(list(site, '`remotes`', fields['remotes'], 'remotes') ?? []).map((value, index) =>
      declaredValue(site, `remotes[${index}]`, value, 'GitRemote', example),
    ),
    ...daemon.added.map(({ value, locate }) => declaredValue(site.at(locate), 'a remote', value, 'GitRemote', example)),
  ];
  const remotes = declared.flatMap((remote) => {
    const plan = remote === undefined ? undefined : lowerRemote(site, remote);
    return plan === undefined ? [] : [plan];
  });
  return remotes.length === 0 ? undefined : site.declared({ path: site.path, remotes });
}
