/** A home with the state of one deployed bottle, `demo`, of which nothing runs. */

import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Proposal, Proposal as ProposalSchema } from '../../../../images/sidecars/supervise/proposal.ts';
import type { StoredBottle } from '../../../../lib/operate/apply/index.ts';
import { storedBottle } from '../../../../lib/operate/apply/index.ts';

const ROUTES = `version: 1
listen: claude-bottle-egress-demo:9099
routes:
  - host: api.github.com
    ports:
      - 443
`;

const PIPELOCK = `version: 1
api_allowlist:
  - api.github.com
tls_interception:
  passthrough_domains: []
request_body_scanning:
  ignore_headers:
    - authorization
`;

const image = { reference: 'x', id: 'sha256:0' };

export class TestState {
  readonly home = mkdtempSync(join(tmpdir(), 'supervise-state-'));

  constructor() {
    const record = {
      version: 1,
      slug: 'demo',
      app: 'app',
      path: 'demo',
      projectDir: '/project',
      complete: true,
      daemons: ['egress', 'pipelock', 'supervise'],
      shape: 'bundle',
      images: { agent: image, sidecars: image },
      scanner: 'builtin',
      assembly: {},
      hostVariables: [],
      tokens: [{ slot: 'EGRESS_TOKEN_0', from: 'GH_TOKEN' }],
    };
    this.write('deployed.json', JSON.stringify(record));
    for (const directory of ['', 'declared/']) {
      this.write(`${directory}egress/routes.yaml`, ROUTES);
      this.write(`${directory}pipelock/pipelock.yaml`, PIPELOCK);
    }
    mkdirSync(this.path('queue'));
    chmodSync(this.path('queue'), 0o2770);
  }

  get bottle(): StoredBottle {
    return storedBottle(this.home, 'demo');
  }

  path(...parts: readonly string[]): string {
    return join(this.home, 'state', 'demo', ...parts);
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), text);
  }

  read(path: string): string {
    return readFileSync(this.path(path), 'utf8');
  }

  /** Puts a proposal into the queue, as supervise does. */
  propose(tool: Proposal['tool'], args: object, id: string = randomUUID()): Proposal {
    const created = new Date().toISOString();
    const expires = new Date(Date.now() + 600_000).toISOString();
    const request = { tool, arguments: { justification: 'x', ...args } };
    const proposal = ProposalSchema.parse({ version: 1, id, slug: 'demo', created, expires, ...request });
    this.write(`queue/${id}.proposal.json`, JSON.stringify(proposal));
    return proposal;
  }

  response(id: string): Record<string, unknown> {
    return JSON.parse(this.read(`queue/${id}.response.json`));
  }

  remove(): void {
    rmSync(this.home, { recursive: true, force: true });
  }
}
