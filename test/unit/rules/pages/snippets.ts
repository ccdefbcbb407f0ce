/** Parts of definitions that many examples are made of. */

const indented = (text: string, spaces: number): string => text.trim().replaceAll('\n', `\n${' '.repeat(spaces)}`);

/** A bottle of the given `agent` and `sidecars`, as they are written in a definition. */
export const bottle = (agent: string, sidecars: string, id = 'demo'): string =>
  `new Bottle(app, '${id}', {\n  agent: ${indented(agent, 2)},\n  sidecars: ${indented(sidecars, 2)},\n});`;

export const agent = (props: string): string => bottle(`{ ${props} }`, '{}');
export const sidecars = (props: string): string => bottle('{}', `{ ${props} }`);

/** A bottle with these routes, each as the arguments of `Route.to`. */
export const routes = (...given: readonly string[]): string =>
  bottle(
    '{}',
    `{\n  egress: {\n    routes: [\n${given.map((one) => `      Route.to(${one}),\n`).join('')}    ],\n  },\n}`,
  );

/** GitHub's own key of this type, as it publishes it. */
const HOST_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl';

interface RemoteText {
  readonly name?: string;
  readonly url?: string;
  readonly identityFile?: string;
  readonly knownHostKey?: string;
  /** More options, e.g. `access: 'read'`. */
  readonly more?: string;
}

/** A `GitRemote.ssh` that is valid but for what is given. */
export const remote = ({
  name = 'app',
  url = 'ssh://git@github.com/acme/app.git',
  identityFile = '~/.ssh/id_ed25519',
  knownHostKey = HOST_KEY,
  more,
}: RemoteText = {}): string =>
  [
    `GitRemote.ssh('${name}', '${url}', {`,
    `  identityFile: '${identityFile}',`,
    `  knownHostKey: '${knownHostKey}',`,
    ...(more === undefined ? [] : [`  ${more},`]),
    '})',
  ].join('\n');

const gitGate = (given: readonly string[]): string =>
  `{\n  gitGate: {\n    remotes: [\n${given.map((one) => `      ${indented(one, 6)},\n`).join('')}    ],\n  },\n}`;

/** A bottle with these remotes, each of {@link remote}. */
export const remotes = (...given: readonly string[]): string => bottle('{}', gitGate(given));

/** An agent that has these remotes. */
export const agentWithRemotes = (props: string, ...given: readonly string[]): string =>
  bottle(`{ ${props} }`, gitGate(given));
