/** What a `docker` process may see of our environment. */

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Names that the Docker CLI and its plugins read. `COMPOSE_*` is left out on purpose: `COMPOSE_FILE` or
 * `COMPOSE_PROJECT_NAME` of the user's shell would aim compose at another project.
 */
const NEEDED =
  /^(PATH|HOME|USER|LOGNAME|TMPDIR|LANG|LC_\w+|XDG_(RUNTIME_DIR|CONFIG_HOME)|SSH_AUTH_SOCK|DOCKER_\w+|BUILDX_\w+|BUILDKIT_\w+|https?_proxy|no_proxy)$/i;

/** The part of `env` that a `docker` process needs to find its engine. */
export function dockerEnvironment(env: Environment): Record<string, string> {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && NEEDED.test(entry[0]),
  );
  return Object.fromEntries(kept);
}
