import { Auth, Bottle, type Construct, type GitRemote, HostEnv, Route, Rules, Workspace } from 'claude-bottle';

export interface AcmeBottleProps {
  /** The repository that the agent works on; its name is that of the workspace. */
  readonly repository: GitRemote;
  readonly repositoryName: string;
  /** Who pays, as a label of every container. */
  readonly costCentre: string;
  /**
   * Hosts that the agent may read besides the house's own.
   * @default none
   */
  readonly reads?: readonly string[];
}

/** What every bottle at Acme is: the house's model access, its package mirror, its labels. Teams say only the rest. */
export class AcmeBottle extends Bottle {
  constructor(scope: Construct, id: string, props: AcmeBottleProps) {
    const { repository, repositoryName, costCentre, reads = [] } = props;
    super(scope, id, {
      labels: { 'com.example.cost-centre': costCentre },
      agent: {
        workspace: Workspace.clone(repositoryName),
        env: { NPM_CONFIG_REGISTRY: 'https://npm.example.com/' },
      },
      sidecars: {
        egress: {
          routes: [
            Route.to('api.anthropic.com', {
              auth: Auth.bearer(HostEnv.of('CLAUDE_CODE_OAUTH_TOKEN')),
              tlsPassthrough: true,
            }),
            Route.to('npm.example.com', { methods: ['GET', 'HEAD'] }),
            ...reads.map((host) => Route.to(host, { methods: ['GET', 'HEAD'] })),
          ],
        },
        gitGate: { remotes: [repository] },
        supervise: true,
      },
    });
    Rules.of(this).acknowledge({
      id: 'bottles::route-tls-passthrough',
      reason: 'long conversations with the model look like secrets to a scanner; reviewed by security in 2026',
    });
    // An escape hatch: no property says it, and the builds here open very many files.
    this.agent.addOverride('ulimits.nofile', { soft: 65_536, hard: 65_536 });
  }
}
