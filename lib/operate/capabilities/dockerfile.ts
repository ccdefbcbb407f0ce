/**
 * A Dockerfile that an operator named, read by the strictest grammar that is still of use. What is built is not this
 * text but the instructions found in it, written anew one to a line, so that the builder's parser has nothing to read
 * in another way. Anything that reaches beyond the build's own container is refused: an agent may have written it.
 */

/** The one first instruction: it stands for the bottle's own agent image, whatever its tag. */
export const DOCKERFILE_FROM = 'FROM claude-bottle-agent:latest';

export const DOCKERFILE_MAX = 16_384;

export const DOCKERFILE_INSTRUCTIONS = ['RUN', 'ENV', 'WORKDIR', 'USER'] as const;
type Keyword = (typeof DOCKERFILE_INSTRUCTIONS)[number];

export interface ParsedDockerfile {
  /** Without the FROM; one line each, none with a continuation, a comment or a flag. */
  readonly instructions: readonly string[];
}

/** Why a text is not such a Dockerfile: `line 3: …`. */
export class DockerfileProblem extends Error {
  override readonly name = 'DockerfileProblem';
}

interface Logical {
  /** Of the first physical line, from 1. */
  readonly line: number;
  readonly text: string;
}

function fail(line: number, reason: string): never {
  throw new DockerfileProblem(`line ${line}: ${reason}`);
}

/** `# syntax=…`, `# escape=…`, `# check=…`, and whatever else a later builder may take for a directive. */
const DIRECTIVE = /^#\s*[A-Za-z][\w-]*\s*=/;
const CONTINUED = /\\[ \t]*$/;

/** Comments and empty lines dropped, continued lines joined as the builder joins them: with nothing in between. */
function logicalLines(text: string): readonly Logical[] {
  const logical: Logical[] = [];
  let open: Logical | undefined;
  for (const [index, physical] of text.split('\n').entries()) {
    const line = index + 1;
    const trimmed = physical.trim();
    if (trimmed.startsWith('#')) {
      if (DIRECTIVE.test(trimmed) || trimmed.startsWith('#!')) fail(line, 'parser directives are not allowed');
      continue;
    }
    if (trimmed === '') {
      if (open !== undefined) fail(line, 'an empty line inside a continued instruction');
      continue;
    }
    if (/\\\\[ \t]*$/.test(physical)) fail(line, 'two backslashes at the end of a line');
    const isContinued = CONTINUED.test(physical);
    const body = isContinued ? physical.replace(CONTINUED, '') : physical;
    const joined: Logical = open === undefined ? { line, text: body } : { line: open.line, text: open.text + body };
    open = isContinued ? joined : undefined;
    if (!isContinued) logical.push({ line: joined.line, text: joined.text.trim() });
  }
  if (open !== undefined) fail(open.line, 'the last line is continued');
  return logical;
}

const CHECKS: Readonly<Record<Keyword, (rest: string) => string | undefined>> = {
  RUN: (rest) => {
    if (rest.startsWith('-')) return 'RUN takes no flags here (--mount, --network, --security, …)';
    if (rest.includes('<<')) return 'here-documents are not allowed';
    return undefined;
  },
  ENV: (rest) =>
    /^[A-Za-z_]\w*=([^\s"'\\`]+|"[^"\\`]*")?$/.test(rest) ? undefined : 'write ENV NAME=value or ENV NAME="value"',
  WORKDIR: (rest) => (/^\/[\w./-]*$/.test(rest) ? undefined : 'WORKDIR needs one absolute path'),
  USER: (rest) =>
    /^([a-z_][a-z0-9_-]*|\d+)(:([a-z_][a-z0-9_-]*|\d+))?$/.test(rest) ? undefined : 'USER needs a name or a number',
};

const WHY_NOT: Readonly<Record<string, string>> = {
  FROM: 'there is one FROM, the first instruction',
  COPY: 'the build has an empty context, so there is nothing to copy',
  ADD: 'it fetches from outside',
  ONBUILD: 'it acts on later builds',
};

function instruction({ line, text }: Logical): string {
  const [, word = '', rest = ''] = /^([A-Za-z]+)[ \t]+(.*)$/.exec(text) ?? [];
  const upper = word.toUpperCase();
  const keyword = DOCKERFILE_INSTRUCTIONS.find((known) => known === upper);
  if (keyword === undefined) {
    const allowed = DOCKERFILE_INSTRUCTIONS.join(', ');
    const name = upper === '' ? 'this' : upper;
    fail(line, `${name} is not allowed (${WHY_NOT[upper] ?? `after FROM only ${allowed}`})`);
  }
  const problem = CHECKS[keyword](rest.trim());
  if (problem !== undefined) fail(line, problem);
  return `${keyword} ${rest.trim()}`;
}

/** The instructions of `text`; throws {@link DockerfileProblem}. */
export function parseDockerfile(text: string): ParsedDockerfile {
  if (text.length > DOCKERFILE_MAX) throw new DockerfileProblem(`it has more than ${DOCKERFILE_MAX} characters`);
  const lines = text.replaceAll('\r\n', '\n');
  const strange = lines.split('\n').findIndex((line) => /[^\t\x20-\x7e]/.test(line));
  if (strange !== -1) fail(strange + 1, 'only printable ASCII is allowed');
  const [first, ...rest] = logicalLines(lines);
  if (first === undefined || first.text !== DOCKERFILE_FROM) {
    fail(first?.line ?? 1, `the first instruction must be exactly "${DOCKERFILE_FROM}"`);
  }
  if (rest.length === 0) fail(first.line, 'it adds nothing to the image');
  return { instructions: rest.map(instruction) };
}
