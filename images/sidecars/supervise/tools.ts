/** The four tools: what an agent is told about each, and whether a call is fit to be put before the operator. */

import { z } from 'zod';
import { CapabilityBlockArguments, EgressBlockArguments, PipelockBlockArguments } from './arguments.ts';
import { ProposalId, type ProposalRequest, VERDICTS } from './proposal.ts';
import { Reachable } from './routes.ts';

const WAITS =
  'Waits for the operator, which can take minutes; no answer in time is a denial. If the call is cut off, call again with the same arguments: that joins the same proposal, or returns the verdict given meanwhile.';

export const LIST_TOOL = 'list-egress-routes';

const PROPOSAL_TOOLS = {
  'egress-block': {
    arguments: EgressBlockArguments,
    description: `Ask the operator to let this bottle reach a host, after the egress proxy refused it (403 "egress: …"). ${WAITS}`,
  },
  'pipelock-block': {
    arguments: PipelockBlockArguments,
    description: `Ask the operator to look at a request that pipelock's content scan or allowlist refused. ${WAITS}`,
  },
  'capability-block': {
    arguments: CapabilityBlockArguments,
    description: `Ask the operator for software that is missing here: packages, or a Dockerfile as a suggestion. It takes effect with the bottle's next image. ${WAITS}`,
  },
} as const;

export const VerdictResult = z.object({ id: ProposalId, status: z.enum(VERDICTS), notes: z.string() });

/** The tools as MCP's tools/list describes them. */
export function toolList() {
  const schemaOf = (schema: z.ZodType) => ({ ...z.toJSONSchema(schema, { io: 'input' }), type: 'object' as const });
  const proposing = Object.entries(PROPOSAL_TOOLS).map(([name, tool]) => ({
    name,
    description: tool.description,
    inputSchema: schemaOf(tool.arguments),
    outputSchema: schemaOf(VerdictResult),
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  }));
  const listing = {
    name: LIST_TOOL,
    description:
      'List the hosts, methods and paths that this bottle may reach now, and daemons that keep failing. Needs no approval.',
    inputSchema: schemaOf(z.strictObject({})),
    outputSchema: schemaOf(Reachable),
    annotations: { readOnlyHint: true, openWorldHint: false },
  };
  return [...proposing, listing];
}

/** Arguments that cannot go before the operator; the message is for the agent. */
export class InvalidCall extends Error {
  override readonly name = 'InvalidCall';
}

function issueLines({ issues }: z.ZodError): string {
  return issues
    .slice(0, 10)
    .map(({ path, message }) => `${path.length === 0 ? 'arguments' : path.join('.')}: ${message}`)
    .join('; ');
}

function parsed<Arguments>(schema: z.ZodType<Arguments>, args: unknown): Arguments {
  const result = schema.safeParse(args);
  if (!result.success) throw new InvalidCall(issueLines(result.error));
  return result.data;
}

/** The request that a call of a proposing tool makes; throws {@link InvalidCall}. `undefined` for another tool. */
export function proposalRequest(
  tool: string,
  args: unknown,
  credentials: readonly string[],
): ProposalRequest | undefined {
  switch (tool) {
    case 'egress-block': {
      const request = { tool, arguments: parsed(EgressBlockArguments, args) } as const;
      const credential = request.arguments.auth?.tokenFrom;
      if (credential !== undefined && !credentials.includes(credential)) {
        const declared = credentials.length === 0 ? 'it declares none' : `it declares ${credentials.join(', ')}`;
        throw new InvalidCall(`auth.tokenFrom: not a credential of this bottle; ${declared}`);
      }
      return request;
    }
    case 'pipelock-block':
      return { tool, arguments: parsed(PipelockBlockArguments, args) };
    case 'capability-block':
      return { tool, arguments: parsed(CapabilityBlockArguments, args) };
    default:
      return undefined;
  }
}

/** Throws {@link InvalidCall} unless `args` is empty, as `list-egress-routes` takes none. */
export function checkNoArguments(args: unknown): void {
  parsed(z.strictObject({}), args);
}
