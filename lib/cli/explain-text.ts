/** An explanation as a person reads it. */

import { type Explanation, type MatchedRoute, routeText, ruleText } from '../explain/index.ts';
import type { Location } from '../plan/index.ts';
import { type Piece, piece, type Styled } from './styled.ts';

const WIDTH = 11;

const STYLE = { allowed: 'green', refused: 'red', local: 'cyan' } as const;

const at = (location: Location | undefined): string =>
  location === undefined ? '' : ` (${location.file}:${location.line})`;

/** A labelled entry; further lines are indented as its first. */
function entry(label: string, lines: readonly string[]): readonly (string | Piece)[] {
  const text = lines.flatMap((line) => line.trimEnd().split('\n'));
  return text.flatMap((line, index) => [piece('dim', `  ${(index === 0 ? label : '').padEnd(WIDTH)}`), `${line}\n`]);
}

function judgedText({ judged }: Explanation): string {
  const { method, scheme, host, port, path, remote, ref } = judged;
  if (remote !== undefined) return [remote, ...(ref === undefined ? [] : [ref])].join(' ');
  return `${method} ${scheme}://${host}:${port} ${path}`;
}

function routeLines(route: MatchedRoute): readonly string[] {
  const { grant, credential } = route;
  const flags = (['tlsPassthrough', 'privateUpstream'] as const).filter((flag) => route[flag]);
  return [
    `${route.host}${at(route.location)}: ${[routeText(route), ...flags].join(', ')}`,
    ...(credential === undefined ? [] : [`with the credential ${credential.name}`]),
    ...(grant === undefined
      ? []
      : [
          `opened by ${grant.who} at ${grant.time}${grant.expires === undefined ? '' : `, until ${grant.expires}`}: ${grant.why}`,
        ]),
  ];
}

function headerLines({ headers }: Explanation): readonly string[] {
  if (headers === undefined) return [];
  return [
    ...(headers.deleted.length === 0 ? [] : [`deletes ${headers.deleted.join(', ')}`]),
    ...(headers.injected === undefined ? [] : [`sets ${headers.injected}`]),
  ];
}

function openingLines({ opening }: Explanation): readonly string[] {
  if (opening === undefined) return [];
  return [
    ...(opening.code === undefined ? [] : [`${opening.code}${at(opening.location)}`]),
    ...(opening.command === undefined ? [] : [`${opening.command}   (the bottle that runs)`]),
    ...opening.advice,
  ];
}

const seenLines = ({ agentSees }: Explanation): readonly string[] =>
  agentSees === undefined ? [] : [`${agentSees.status === 0 ? '' : `${agentSees.status}  `}${agentSees.body}`];

const WORD = { allowed: 'allowed', refused: 'refused', local: 'stays inside' } as const;

/** `explanation` as text. */
export function explanationText(explanation: Explanation): Styled {
  const { slug, policy, question, verdict, by, rule, reason, route, remote, near, scanned, provided, notes } =
    explanation;
  const live = policy === 'deployed' ? ', as deployed' : '';
  const law = by === 'egress' ? ruleText(rule) : '';
  return [
    piece(STYLE[verdict], WORD[verdict]),
    `  ${question}\n`,
    ...entry('bottle', [`${slug}${live}`]),
    ...entry('judged', [judgedText(explanation)]),
    ...entry('by', [`${by}, rule ${rule}${law === '' ? '' : `: ${law}`}`]),
    ...entry('because', [reason]),
    ...(route === undefined ? [] : entry('route', routeLines(route))),
    ...(remote === undefined ? [] : entry('remote', [`${remote.name}${at(remote.location)}: ${remote.url}`])),
    ...entry('headers', headerLines(explanation)),
    ...entry('agent sees', seenLines(explanation)),
    ...entry('near', near),
    ...entry('scanned', scanned),
    ...entry('provided', provided),
    ...entry('note', notes),
    ...entry('to open it', openingLines(explanation)),
  ];
}
