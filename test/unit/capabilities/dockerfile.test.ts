import * as assert from 'uvu/assert';
import { DOCKERFILE_FROM, DockerfileProblem, parseDockerfile } from '../../../lib/operate/capabilities/index.ts';
import { suite } from '../../support/suite.ts';

const test = suite('capabilities › an operator’s Dockerfile');

const from = (...lines: readonly string[]): string => [DOCKERFILE_FROM, ...lines].join('\n');

function problem(text: string): string {
  try {
    return `accepted: ${parseDockerfile(text).instructions.join(' | ')}`;
  } catch (error) {
    if (error instanceof DockerfileProblem) return error.message;
    throw error;
  }
}

test('plain instructions come out one to a line, comments dropped, continued lines joined', () => {
  const text = from(
    '# tools of the build',
    'user root',
    'RUN apt-get update \\',
    '    # the linter wants it',
    ' && apt-get install -y shellcheck \\  ',
    ' && rm -rf /var/lib/apt/lists/*',
    '',
    'ENV EDITOR=vim',
    'ENV GREETING="hello there"',
    'ENV PATH=$PATH:/opt/bin',
    'WORKDIR /workspace',
    'USER agent:agent',
    '',
  );
  assert.equal(parseDockerfile(text).instructions, [
    'USER root',
    'RUN apt-get update  && apt-get install -y shellcheck  && rm -rf /var/lib/apt/lists/*',
    'ENV EDITOR=vim',
    'ENV GREETING="hello there"',
    'ENV PATH=$PATH:/opt/bin',
    'WORKDIR /workspace',
    'USER agent:agent',
  ]);
  assert.equal(parseDockerfile(text.replaceAll('\n', '\r\n')), parseDockerfile(text));
});

const REFUSED: readonly (readonly [title: string, text: string, message: RegExp])[] = [
  ['no text', '', /first instruction must be exactly/],
  ['another base', 'FROM debian:trixie\nRUN true', /first instruction must be exactly/],
  ['our base by digest', 'FROM claude-bottle-agent@sha256:00\nRUN true', /exactly/],
  ['our base of another registry', 'FROM evil.test/claude-bottle-agent:latest\nRUN true', /exactly/],
  ['a platform', 'FROM --platform=linux/arm64 claude-bottle-agent:latest\nRUN true', /exactly/],
  ['a named stage', `${DOCKERFILE_FROM} AS x\nRUN true`, /exactly/],
  ['a base that goes on in the next line', 'FROM claude-bottle-agent:latest\\\nx\nRUN true', /exactly/],
  ['an argument before the base', `ARG X=y\n${DOCKERFILE_FROM}\nRUN true`, /exactly/],
  ['a second stage', from('RUN true', DOCKERFILE_FROM), /one FROM/],
  ['nothing but the base', from('# only words'), /adds nothing/],
  ['a syntax directive', `# syntax=evil.test/frontend\n${from('RUN true')}`, /parser directives/],
  ['a syntax directive without spaces', `#syntax=docker/dockerfile:1\n${from('RUN true')}`, /parser directives/],
  ['a syntax directive in capitals', `# SYNTAX = x\n${from('RUN true')}`, /parser directives/],
  ['an escape directive', `# escape=\`\n${from('RUN true')}`, /parser directives/],
  ['a directive further down', from('RUN true', '# check=skip=all'), /parser directives/],
  ['a shebang', `#!/usr/bin/env x\n${from('RUN true')}`, /parser directives/],
  ['a syntax directive of another kind', `//syntax=evil.test/frontend\n${from('RUN true')}`, /exactly/],
  ['a syntax directive as JSON', `{"syntax":"evil.test/frontend"}\n${from('RUN true')}`, /exactly/],
  ['a byte order mark before a directive', `\ufeff# syntax=x\n${from('RUN true')}`, /line 1: only printable ASCII/],
  ['ADD', from('ADD https://evil.test/x /x'), /ADD is not allowed/],
  ['add in lower case', from('add x /x'), /ADD is not allowed/],
  ['COPY', from('COPY . /x'), /COPY is not allowed \(the build has an empty context/],
  ['COPY from another image', from('COPY --from=evil.test/x / /'), /COPY is not allowed/],
  ['COPY after a continued comment', from('RUN true \\', '# more', ' ; true', 'COPY --from=x / /'), /line 5: COPY/],
  ['ONBUILD', from('ONBUILD RUN true'), /ONBUILD is not allowed/],
  ['a volume', from('VOLUME /x'), /VOLUME is not allowed/],
  ['labels', from('LABEL claude-bottle.slug=other'), /LABEL is not allowed/],
  ['another entry point', from('ENTRYPOINT ["/x"]'), /ENTRYPOINT is not allowed/],
  ['another command', from('CMD /x'), /CMD is not allowed/],
  ['a health check', from('HEALTHCHECK CMD /x'), /HEALTHCHECK is not allowed/],
  ['another shell', from('SHELL ["/x"]'), /SHELL is not allowed/],
  ['arguments', from('ARG BUILDKIT_SYNTAX=x'), /ARG is not allowed/],
  ['a mount', from('RUN --mount=type=secret,id=extra_ca cat /run/secrets/extra_ca'), /no flags/],
  ['ssh', from('RUN --mount=type=ssh true'), /no flags/],
  ['the network of the host', from('RUN --network=host true'), /no flags/],
  ['privileges', from('RUN --security=insecure true'), /no flags/],
  ['a device', from('RUN --device=vendor true'), /no flags/],
  ['a flag in the next line', from('RUN \\', '  --mount=type=ssh true'), /no flags/],
  ['a flag cut in two', from('RUN -\\', '-network=host true'), /no flags/],
  ['a flag behind tabs', from('RUN\t\t--network=host true'), /no flags/],
  ['an instruction cut in two', from('CO\\', 'PY --from=x / /'), /COPY is not allowed/],
  ['a here-document', from('RUN <<EOF', 'true', 'EOF'), /here-documents/],
  ['a here-document further right', from('RUN cat >/x <<-"EOF"', 'x', 'EOF'), /here-documents/],
  ['a here-document cut in two', from('RUN cat <\\', '<EOF'), /here-documents/],
  ['two backslashes at the end', from('RUN true \\\\', 'COPY x /x'), /two backslashes/],
  ['a continued last line', from('RUN true \\'), /continued/],
  ['a continued last line and a comment', from('RUN true \\', '# x'), /continued/],
  ['an empty line inside an instruction', from('RUN true \\', '', 'COPY x /x'), /empty line/],
  ['a line of spaces inside an instruction', from('RUN true \\', ' \t', 'COPY x /x'), /empty line/],
  ['a carriage return of its own', from('RUN true\rCOPY x /x'), /printable ASCII/],
  ['a vertical tab', from('RUN\v--network=host true'), /printable ASCII/],
  ['a space that is none of ASCII', from('RUN\u00a0--network=host true'), /printable ASCII/],
  ['a line separator', from('RUN true\u2028COPY x /x'), /printable ASCII/],
  ['a NUL', from('RUN true\0'), /printable ASCII/],
  ['no instruction', from('true'), /line 2: this is not allowed|TRUE is not allowed/],
  ['an instruction without arguments', from('RUN'), /is not allowed/],
  ['two variables in one', from('ENV A=b C=d'), /ENV NAME=value/],
  ['a variable without =', from('ENV A b'), /ENV NAME=value/],
  ['a relative directory', from('WORKDIR x'), /absolute/],
  ['a directory from a variable', from('WORKDIR /$X'), /absolute/],
  ['a user from a variable', from('USER $X'), /USER needs/],
  ['an endless text', from(`RUN ${'x'.repeat(20_000)}`), /more than 16384/],
];

for (const [title, text, message] of REFUSED) {
  test(`${title}: refused, with the reason`, () => {
    assert.match(problem(text), message);
  });
}

test('no instruction that passes can hold a line end, a continuation or a flag', () => {
  const pieces = [
    'RUN',
    ' ',
    '\\',
    '\n',
    '\t',
    '-',
    '--mount=x',
    '#',
    'syntax=',
    '<',
    '<',
    'COPY x y',
    'true',
    '\r',
    '"',
  ];
  let seed = 1;
  const next = (below: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  let accepted = 0;
  for (let round = 0; round < 20_000; round += 1) {
    const text = from(`RUN ${Array.from({ length: 1 + next(12) }, () => pieces[next(pieces.length)]).join('')}`);
    let instructions: readonly string[];
    try {
      ({ instructions } = parseDockerfile(text));
    } catch {
      continue;
    }
    accepted += 1;
    for (const line of instructions) {
      assert.match(line, /^(RUN|ENV|WORKDIR|USER) (?!-)[\t\x20-\x7e]*(?<!\\)$/);
      assert.not.match(line, /<<|\\[ \t]*$/);
    }
  }
  assert.ok(accepted > 500, `${accepted} accepted`);
});

test.run();
