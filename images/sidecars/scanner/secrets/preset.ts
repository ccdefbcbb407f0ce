/** secretlint's recommended preset as a function from text to the kind of secret it found. */

import { lintSource } from '@secretlint/core';
import { secretLintProfiler } from '@secretlint/profiler';
import { rules } from '@secretlint/secretlint-rule-preset-recommend';

// The profiler keeps every mark that it ever made: in a proxy that is a leak, and a search that slows down with it.
secretLintProfiler.mark = () => {};

const FILTER_COMMENTS = '@secretlint/secretlint-rule-filter-comments';

// Without the rule that honours `secretlint-disable`: what is scanned here was written by the agent.
const config = {
  rules: rules.filter((rule) => rule.meta.id !== FILTER_COMMENTS).map((rule) => ({ id: rule.meta.id, rule })),
};

/** Kinds under the names that refusals use; another rule appears under the last word of its own id. */
const NAMES: Readonly<Record<string, string>> = {
  '@secretlint/secretlint-rule-privatekey': 'Private Key Header',
  '@secretlint/secretlint-rule-aws': 'AWS Secret Key',
  '@secretlint/secretlint-rule-github': 'GitHub Token',
  '@secretlint/secretlint-rule-slack': 'Slack Token',
  '@secretlint/secretlint-rule-npm': 'npm Token',
  '@secretlint/secretlint-rule-gcp': 'GCP Service Account Key',
  '@secretlint/secretlint-rule-basicauth': 'Credential in URL',
};

/** The name of the first secret that the preset finds in `text`. */
export async function presetFinding(text: string): Promise<string | undefined> {
  const { messages } = await lintSource({
    source: { content: text, filePath: '/request.txt', ext: '.txt', contentType: 'text' },
    options: { config, noPhysicFilePath: true, maskSecrets: true },
  });
  const [first] = messages;
  if (first === undefined) return undefined;
  return NAMES[first.ruleId] ?? first.ruleId.replace(/^.*secretlint-rule-/, '');
}
