/** What `bundle-health` asks for: its arguments, as they come over the socket. */

/** What the init does first. */
export type Act = 'reload' | 'restart-egress' | 'restart-pipelock';

export interface HealthRequest {
  readonly act?: Act;
  /** Daemon to the digest (SHA-256, hex) that it is to run; absent: a plain report is asked for. */
  readonly awaited?: ReadonlyMap<string, string>;
  readonly withinMs: number;
}

export class UsageError extends Error {}

const DEFAULT_WITHIN_MS = 5_000;
const LONGEST_WITHIN_S = 600;

const ACTS: Readonly<Record<string, Act>> = {
  '--reload': 'reload',
  '--restart-egress': 'restart-egress',
  '--restart-pipelock': 'restart-pipelock',
};

function awaitedPair(word: string, daemons: readonly string[]): readonly [string, string] {
  const [, daemon, digest] = /^([a-z-]+)=([0-9a-f]{64})$/.exec(word) ?? [];
  if (daemon === undefined || digest === undefined) throw new UsageError('--await takes <daemon>=<sha256 hex>');
  if (!daemons.includes(daemon)) {
    throw new UsageError(`no daemon called ${daemon} runs here; there is ${daemons.join(', ')}`);
  }
  return [daemon, digest];
}

function milliseconds(word: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(word) ? Number(word) : 0;
  if (seconds <= 0 || seconds > LONGEST_WITHIN_S) {
    throw new UsageError(`--within takes seconds, more than 0 and at most ${LONGEST_WITHIN_S}`);
  }
  return seconds * 1000;
}

/** The request in `words`; `daemons` are those of this container. Throws a {@link UsageError}. */
export function healthRequest(words: readonly string[], daemons: readonly string[]): HealthRequest {
  const awaited = new Map<string, string>();
  let act: Act | undefined;
  let withinMs = DEFAULT_WITHIN_MS;
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const asked = Object.hasOwn(ACTS, word) ? ACTS[word] : undefined;
    if (asked !== undefined) {
      if (act !== undefined && act !== asked)
        throw new UsageError('--reload, --restart-egress and --restart-pipelock exclude each other');
      act = asked;
    } else if (word === '--await') {
      awaited.set(...awaitedPair(rest.shift() ?? '', daemons));
    } else if (word === '--within') {
      withinMs = milliseconds(rest.shift() ?? '');
    } else {
      throw new UsageError(
        'usage: bundle-health [--reload | --restart-egress | --restart-pipelock] [--await <daemon>=<sha256 hex>]... [--within <seconds>]',
      );
    }
  }
  if (act === undefined && awaited.size === 0) return { withinMs };
  return { awaited, withinMs, ...(act === undefined ? {} : { act }) };
}
