/** What explain is asked and what it answers: plain data, the same for people and for `--json`. */

import type { Policy as ScannerPolicy } from '../../images/sidecars/scanner/policy.ts';
import type { AuthScheme, GitGateFile, Location } from '../plan/index.ts';
import type { EgressPolicy, Header } from './egress/index.ts';

/** Where a definition declares what a request or push is judged by. */
export interface Declarations {
  /** By host. */
  readonly routes: Readonly<Record<string, Location>>;
  /** By name of the remote. */
  readonly remotes: Readonly<Record<string, Location>>;
  /** Of the bottle's `pipelock`. */
  readonly pipelock?: Location;
  /** Of the bottle itself. */
  readonly bottle?: Location;
}

/** Who opened a host while the bottle ran. */
export interface GrantNote {
  readonly who: string;
  /** ISO 8601. */
  readonly time: string;
  readonly why: string;
}

/** The policy of one bottle, as its daemons read it. */
export interface BottlePolicy {
  readonly slug: string;
  /** What is judged: what synth makes of the definition, or what was deployed, live grants included. */
  readonly source: 'definition' | 'deployed';
  readonly egress?: EgressPolicy;
  readonly pipelock: ScannerPolicy;
  readonly gitGate?: GitGateFile;
  readonly hasSupervise: boolean;
  /** Which host variable fills which token slot. */
  readonly tokens: readonly { readonly slot: string; readonly from: string }[];
  readonly declared: Declarations;
  /** By host. */
  readonly grants: Readonly<Record<string, GrantNote>>;
}

export interface RequestQuestion {
  readonly method: string;
  /** As a client is given it. */
  readonly url: string;
  readonly headers: readonly Header[];
}

export interface GitQuestion {
  readonly action: 'push' | 'fetch';
  /** A declared name, or a URL. */
  readonly remote: string;
  /** As on git's command line: `main`, `refs/tags/v1`, `+main`, `:main`, `local:main`. */
  readonly ref?: string;
  readonly force: boolean;
  readonly delete: boolean;
  /** Paths that the push changes. */
  readonly paths: readonly string[];
}

export interface Answer {
  /** 0: the connection ends without an answer. */
  readonly status: number;
  readonly body: string;
}

/** The route that a request matched, or whose host it named. */
export interface MatchedRoute {
  readonly host: string;
  readonly ports: readonly number[];
  readonly methods?: readonly string[];
  readonly pathPrefixes?: readonly string[];
  readonly webSocket: boolean;
  readonly tlsPassthrough: boolean;
  readonly privateUpstream: boolean;
  readonly credential?: { readonly name: string; readonly scheme: AuthScheme; readonly header: string };
  readonly location?: Location;
  readonly grant?: GrantNote & { readonly expires?: string };
}

/** How to have what was refused. */
export interface Opening {
  /** The route, or the change of one, as code of the definition. */
  readonly code?: string;
  /** Where it goes. */
  readonly location?: Location;
  /** For the bottle that runs. */
  readonly command?: string;
  /** In words, where there is nothing to add or more to know. */
  readonly advice: readonly string[];
}

export type Decider = 'egress' | 'pipelock' | 'git-gate' | 'supervise' | 'agent';

export interface Explanation {
  readonly slug: string;
  readonly policy: BottlePolicy['source'];
  /** What was asked, in one line, without the password of a URL. */
  readonly question: string;
  /** `local`: answered inside the bottle, nothing leaves it. */
  readonly verdict: 'allowed' | 'refused' | 'local';
  readonly by: Decider;
  /** Of egress: the `rule` of its answer; of pipelock: its name of the check; of git-gate: its kind of rule. */
  readonly rule: string;
  readonly reason: string;
  /** What was judged, in the form in which it was judged. */
  readonly judged: Readonly<Record<string, string | number>>;
  /** What the agent's client is shown of a refusal. */
  readonly agentSees?: Answer;
  readonly route?: MatchedRoute;
  readonly remote?: { readonly name: string; readonly url: string; readonly location?: Location };
  readonly headers?: { readonly deleted: readonly string[]; readonly injected?: string };
  /** What looks at the content, and what does not. */
  readonly scanned: readonly string[];
  /** What an allowed verdict depends on and nobody can know offline. */
  readonly provided: readonly string[];
  /** How the spelling became what was judged, and what else is worth knowing. */
  readonly notes: readonly string[];
  readonly near: readonly string[];
  readonly opening?: Opening;
}
