/** The pages of docs/rules as Markdown. */

import type { Finding } from '../../../../lib/plan/index.ts';
import { type CatalogFamily, type RuleText, rulePage } from '../../../../lib/rules/index.ts';
import type { Definitions } from './checked-definitions.ts';

const INTRODUCTION = `# Rules

Every finding of synth names one of these rules. Each has a page: what it reports, why, what to do, a definition that
breaks it, and the same definition mended. [What synth judges](../reference/rules.md) says how findings are shown and what
their severity means. These pages are written from the code, and a test runs every definition on them.
`;

const fileOf = ({ id }: RuleText): string => {
  const page = rulePage(id);
  if (page === undefined) throw new Error(`${id} is no id of a rule`);
  return page;
};

/** Path of the rule's page below docs/rules. */
export const pageName = (rule: RuleText): string => fileOf(rule).replace(/^docs\/rules\//, '');

const code = (language: string, text: string): string => `\`\`\`${language}\n${text.trimEnd()}\n\`\`\`\n`;

/** What synth says of a definition, by this rule. */
const said = (rule: RuleText, findings: readonly Finding[]): string =>
  findings
    .filter(({ rule: id }) => id === rule.id)
    .map(
      ({ severity, path, message }) => `${severity} ${rule.id}\n  at ${path === '' ? 'the app' : path}\n  ${message}\n`,
    )
    .join('\n');

const accepting = ({ id }: RuleText): string =>
  `- **Accept it:** \`Rules.of(app).acknowledge({ id: '${id}', reason: '…' })\`, see [findings](../reference/findings.md#acknowledging-a-warning).`;

const heading = (rule: RuleText, family: string): string =>
  [
    `# \`${rule.id}\`\n`,
    `[Rules](README.md) › ${family}\n`,
    `Severity: **${rule.severity}**\n`,
    `- **Reports** ${rule.what}.`,
    `- **Why:** ${rule.why}.`,
    `- **Fix:** ${rule.fix}.`,
    ...(rule.severity === 'warning' ? [accepting(rule)] : []),
    '',
  ].join('\n');

/** The page of a rule; `findings` are those of the failing definition. */
export const pageText = (
  rule: RuleText,
  family: string,
  { failing, mended }: Definitions,
  findings: readonly Finding[],
): string =>
  [
    heading(rule, family),
    '## A definition that breaks it\n',
    code('ts', failing),
    'Synth says:\n',
    code('text', said(rule, findings)),
    '## Mended\n',
    code('ts', mended),
  ].join('\n');

/** The page of a rule that no definition can break. */
export const unbreakablePageText = (rule: RuleText, family: string, reason: string): string =>
  `${heading(rule, family)}\nNo definition can break it: ${reason}. A finding of it is a fault in synth; please report it.\n`;

const familyText = ({ title, rules }: CatalogFamily): string => {
  const rows = rules.map(
    (rule) => `| [\`${rule.id}\`](${pageName(rule)}) | ${rule.severity} | ${rule.what.replaceAll('|', '\\|')} |`,
  );
  return [`## ${title}\n`, '| rule | severity | reports |', '| --- | --- | --- |', ...rows, ''].join('\n');
};

/** The index of all rules, by family. */
export const indexText = (catalog: readonly CatalogFamily[]): string =>
  [INTRODUCTION, ...catalog.filter(({ rules }) => rules.length > 0).map(familyText)].join('\n');
