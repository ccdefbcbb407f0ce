/** The text of the Dockerfile that adds approved capabilities to an agent's image. */

import {
  type Capabilities,
  type PackageManager,
  type Packages,
  parseDockerfile,
} from '../../operate/capabilities/index.ts';

/** `text` as one word of a shell. Names of packages hold no quote; a name that did would end the build, not escape. */
const word = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

const words = (entries: readonly string[]): string => entries.map(word).join(' ');

/** Where the extra build CA lies during a step, if there is one: a secret, in no layer. */
const EXTRA_CA = '/run/secrets/extra_ca';

/**
 * Ends the build unless apt has a package of exactly this name: apt-get takes one that it does not know, and that has a
 * dot or plus, for a regular expression, and installs whatever matches.
 */
const exactly = (entry: string): string => {
  const name = entry.split('=')[0] ?? entry;
  const problem = `claude-bottle: apt has no package of exactly the name ${name}; nothing was installed`;
  return `apt-cache show -- ${word(name)} 2>/dev/null | grep -Fx -- ${word(`Package: ${name}`)} >/dev/null || { echo ${word(problem)} >&2; exit 1; }`;
};

const APT = (entries: readonly string[]): string =>
  [
    'export DEBIAN_FRONTEND=noninteractive',
    // apt's own history, which some images have removed.
    'mkdir -p /var/log/apt',
    `ca=; if [ -s ${EXTRA_CA} ]; then ca="-o Acquire::https::CaInfo=${EXTRA_CA}"; fi`,
    'apt-get $ca update',
    ...entries.map(exactly),
    `apt-get $ca install -y --no-install-recommends -- ${words(entries)}`,
    'rm -rf /var/lib/apt/lists/* /var/cache/apt/*',
  ].join('; ');

const STEPS: Readonly<Record<PackageManager, (entries: readonly string[]) => string>> = {
  apt: APT,
  npm: (entries) =>
    [
      `if [ -s ${EXTRA_CA} ]; then export NODE_EXTRA_CA_CERTS=${EXTRA_CA}; fi`,
      'export NODE_DISABLE_COMPILE_CACHE=1',
      `cd / && npm install --global --no-fund --no-audit --no-update-notifier --cache /tmp/.npm -- ${words(entries)}`,
      'rm -rf /tmp/.npm',
    ].join('; '),
  pip: (entries) =>
    [
      `if [ -s ${EXTRA_CA} ]; then export PIP_CERT=${EXTRA_CA}; fi`,
      'export PIP_BREAK_SYSTEM_PACKAGES=1 PIP_ROOT_USER_ACTION=ignore',
      // An empty directory, so that no name can be one of a folder.
      'mkdir /tmp/.pip && cd /tmp/.pip',
      `python3 -m pip install --no-cache-dir --no-input --disable-pip-version-check -- ${words(entries)}`,
      'rm -rf /tmp/.pip',
    ].join('; '),
};

/** One step as root; exec form, because a base may have a SHELL of its own. */
const run = (script: string): string =>
  `RUN --mount=type=secret,id=extra_ca ${JSON.stringify(['/bin/sh', '-euc', script])}`;

/** pip is not part of Debian's python3. */
const PIP_ITSELF = run(`if ! python3 -m pip --version >/dev/null 2>&1; then ${APT(['python3-pip'])}; fi`);

/** No set-uid program is of use to an agent; packages bring some. */
const NO_SET_UID = `RUN ${JSON.stringify(['/bin/sh', '-euc', 'find / -xdev -type f -perm /6000 -exec chmod a-s {} +'])}`;

function packageSteps(packages: Packages): readonly string[] {
  const { apt = [], npm = [], pip = [] } = packages;
  return [
    ...(apt.length === 0 ? [] : [run(STEPS.apt(apt))]),
    ...(npm.length === 0 ? [] : [run(STEPS.npm(npm))]),
    ...(pip.length === 0 ? [] : [PIP_ITSELF, run(STEPS.pip(pip))]),
  ];
}

/**
 * FROM `base`, whose user is `user` (empty: root): first the packages as root, then the operator's instructions as that
 * user, and that user again at the end. Throws a `DockerfileProblem` on a Dockerfile that would not be approved.
 */
export function capabilityDockerfile(capabilities: Capabilities, base: string, user: string): string {
  const own = capabilities.dockerfile === undefined ? [] : parseDockerfile(capabilities.dockerfile).instructions;
  const asUser = user === '' ? 'USER 0:0' : `USER ${user}`;
  const lines = [
    `FROM ${base}`,
    'USER 0:0',
    ...packageSteps(capabilities.packages),
    ...(own.length === 0 ? [] : [asUser, ...own, 'USER 0:0']),
    NO_SET_UID,
    asUser,
  ];
  return `${lines.join('\n')}\n`;
}
