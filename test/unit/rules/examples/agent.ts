import { agent, routes } from '../pages/snippets.ts';
import type { RuleExamples } from './example.ts';

export const TEXT_EXAMPLES: RuleExamples = {
  'bottles::text-characters': {
    failing: agent("env: { GREETING: 'hello 😀'.slice(0, 7) }"),
    mended: agent("env: { GREETING: [...'hello 😀'].slice(0, 7).join('') }"),
  },
};

export const AGENT_EXAMPLES: RuleExamples = {
  'bottles::env-question': {
    failing: agent("env: { TICKET_USER: EnvValue.ask('Your name?\\nAnd your team?') }"),
    mended: agent("env: { TICKET_USER: EnvValue.ask('Your name in the ticket system?') }"),
  },
  'bottles::env-credential-asked': {
    failing: agent("env: { TICKET_TOKEN: EnvValue.ask('Your token for the ticket system?') }"),
    mended: routes("'tickets.example.com', { auth: Auth.bearer(HostEnv.of('TICKET_TOKEN')) }"),
  },
  'bottles::skill-name': {
    failing: agent("skills: ['skills/Code Review']"),
    mended: agent("skills: ['skills/code-review']"),
  },
  'bottles::skill-name-unique': {
    failing: agent("skills: ['skills/review', 'vendor/review']"),
    mended: agent("skills: ['skills/review', 'vendor/vendor-review']"),
  },
  'bottles::skill-source': {
    failing: agent("skills: ['~/.claude']"),
    mended: agent("skills: ['~/.claude/skills/review']"),
  },
  'bottles::skill-writable': {
    failing: agent("skills: ['work/review'], mounts: [Mount.bind('work', '/work', { readOnly: false })]"),
    mended: agent("skills: ['skills/review'], mounts: [Mount.bind('work', '/work', { readOnly: false })]"),
  },
  'bottles::prompt-text': {
    failing: agent("prompt: 'Answer in English.\\u0007'"),
    mended: agent("prompt: 'Answer in English.'"),
  },
  'bottles::prompt-size': {
    failing: agent("prompt: 'Answer in English.\\n'.repeat(10_000)"),
    mended: agent("prompt: 'Answer in English.'"),
  },
  'bottles::prompt-secret': {
    failing: agent("prompt: 'The test database is postgres://app:hunter2@db.example.com/app.'"),
    mended: agent("prompt: 'The address of the test database is in the variable DATABASE_URL.'"),
  },
};
