/** The arguments of the tools: what an agent may ask for, and in which words. */

import { z } from 'zod';
import { isForbiddenHeader } from '../../../lib/plan/forbidden-headers.ts';
import { hostProblem } from './host.ts';

const JUSTIFICATION_MAX = 2_000;
const URL_MAX = 2_048;
const DOCKERFILE_MAX = 16_384;
const PATHS_MAX = 16;
const PACKAGES_MAX = 50;

/**
 * What the operator could not see, or would see as something else: control and format characters (but for tab and line
 * ends), line and paragraph separators, private and half characters, and others that are drawn as nothing. The two
 * variation selectors that choose between an emoji and its plain form pass.
 */
const UNSHOWABLE =
  /[^\P{Cc}\t\n\r]|[\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]|(?![\ufe0e\ufe0f])\p{Default_Ignorable_Code_Point}/u;

const plainText = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .refine((text) => !UNSHOWABLE.test(text), 'must not hold control or invisible characters');

const justification = plainText(JUSTIFICATION_MAX).describe('Why the task needs this, for the operator who decides.');

const host = z
  .string()
  .toLowerCase()
  .superRefine((text, context) => {
    const problem = hostProblem(text);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  });

/** Prefixes are canonical, so that two readers of one can never disagree about the paths that it covers. */
function pathProblem(path: string): string | undefined {
  if (!/^\/[\w.~!$&'()*+,;=:@%/-]*$/.test(path)) return 'must start with / and be an ASCII URL path without ? or #';
  if (/%(2e|2f|5c|25|00)/i.test(path) || /%(?![0-9a-f]{2})/i.test(path))
    return 'must not hold an escaped . / \\ % or NUL';
  if (path.includes('//') || path.split('/').some((part) => part === '.' || part === '..')) {
    return 'must be canonical: no empty, . or .. segment';
  }
  return undefined;
}

const pathPrefix = z
  .string()
  .max(512)
  .superRefine((text, context) => {
    const problem = pathProblem(text);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  });

export const AuthArgument = z
  .strictObject({
    scheme: z.enum(['Bearer', 'token', 'Basic', 'header']),
    tokenFrom: z
      .string()
      .regex(/^[A-Za-z_]\w{0,127}$/, 'must be the name of a credential')
      .describe('Name of a credential that this bottle already declares.'),
    header: z
      .string()
      .regex(/^[A-Za-z0-9-]{1,64}$/, 'must be a header name')
      .refine((name) => !isForbiddenHeader(name), 'must not be a header that frames or routes a request')
      .optional()
      .describe('Header that carries the credential; for scheme header only.'),
    user: z
      .string()
      .regex(/^[\x21-\x39\x3b-\x7e]{1,128}$/, 'must be printable ASCII without : or spaces')
      .optional()
      .describe('User name; for scheme Basic only.'),
  })
  .superRefine((auth, context) => {
    const pairs = [
      ['header', 'header', auth.header],
      ['user', 'Basic', auth.user],
    ] as const;
    for (const [key, scheme, value] of pairs) {
      if ((auth.scheme === scheme) === (value !== undefined)) continue;
      const message = value === undefined ? `scheme ${scheme} needs it` : `is for scheme ${scheme} only`;
      context.addIssue({ code: 'custom', path: [key], message });
    }
  });

export const EgressBlockArguments = z.strictObject({
  host: host.describe('Exact host name, such as docs.example.org.'),
  pathPrefixes: z
    .array(pathPrefix)
    .min(1)
    .max(PATHS_MAX)
    .optional()
    .describe('Absolute path prefixes to allow; absent: every path.'),
  auth: AuthArgument.optional().describe('Credential that the proxy is to inject; absent: none.'),
  justification,
});

function urlProblem(text: string): string | undefined {
  if (!/^[\x21-\x7e]+$/.test(text)) return 'must be printable ASCII without spaces';
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) return 'must be an http or https URL';
  if (url.username !== '' || url.password !== '') return 'must not hold a user name or password';
  const problem = hostProblem(url.hostname);
  return problem === undefined ? undefined : `host ${problem}`;
}

export const PipelockBlockArguments = z.strictObject({
  failed_url: z
    .string()
    .max(URL_MAX)
    .superRefine((text, context) => {
      const problem = urlProblem(text);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
    })
    .describe('The URL whose request was refused by pipelock.'),
  justification,
});

/** What a package manager would take for an archive in the current directory. */
const ARCHIVE = /\.(tgz|tar|gz|bz2|xz|zip|whl|egg|deb)$/i;

const packages = (pattern: RegExp) =>
  z
    .array(
      z
        .string()
        .max(200)
        .regex(pattern, 'must be a package name, with a version at most')
        .refine((name) => !ARCHIVE.test(name), 'must be a package name, not that of an archive'),
    )
    .min(1)
    .max(PACKAGES_MAX);

/** Names and versions alone. For apt-get a final hyphen would mean "remove". */
export const PackageLists = z
  .strictObject({
    apt: packages(/^[a-z0-9][a-z0-9+.-]*[a-z0-9+](=[A-Za-z0-9]([A-Za-z0-9.+:~-]*[A-Za-z0-9.+~])?)?$/).optional(),
    npm: packages(/^(@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*(@[A-Za-z0-9^~][A-Za-z0-9.+-]*)?$/).optional(),
    pip: packages(
      /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?(\[[A-Za-z0-9,._-]+\])?(==[A-Za-z0-9][A-Za-z0-9.+!]*)?$/,
    ).optional(),
  })
  .refine((lists) => Object.values(lists).some((list) => list !== undefined), 'must name at least one package');

export const CapabilityBlockArguments = z
  .strictObject({
    packages: PackageLists.optional().describe('Packages of the next agent image, by package manager.'),
    dockerfile: plainText(DOCKERFILE_MAX).optional().describe('A Dockerfile to show to the operator; it is not built.'),
    justification,
  })
  .refine(
    ({ packages: lists, dockerfile }) => (lists === undefined) !== (dockerfile === undefined),
    'needs exactly one of packages and dockerfile',
  );
