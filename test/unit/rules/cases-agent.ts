/** For each rule: definitions that break it, and the nearest ones that do not. What the agent is asked, told and taught. */

import { type App, EnvValue, Mount } from 'claude-bottle';
import type { RuleCase } from './cases-network.ts';
import { appOf, remote, withAgent } from './definition.ts';

const asked = (question: string): App => withAgent({ env: { EDITOR: EnvValue.ask(question) } });
const skills = (...paths: string[]): App => withAgent({ skills: paths });
const prompt = (text: string): App => withAgent({ prompt: text });

const writing = (source: string, skill: string): App =>
  withAgent({ skills: [skill], mounts: [Mount.bind(source, '/data', { readOnly: false })] });

export const AGENT_CASES: Readonly<Record<string, RuleCase>> = {
  'bottles::text-characters': {
    fires: [
      withAgent({ env: { EDITOR: 'vi\ud83d' } }),
      withAgent({ command: ['sleep', '\ude00'] }),
      withAgent({ mounts: [Mount.volume('data', '/d\ud83dx')] }),
      prompt('say \ude00\ud83d'),
      asked('Which \ud83d?'),
    ],
    quiet: [withAgent({ env: { EDITOR: 'vi😀' } }), prompt('say 👩‍💻'), withAgent({})],
  },
  'bottles::env-question': {
    fires: [
      ' ',
      'one\ntwo',
      'a\ttab',
      'a \u001b[2Jtrick',
      'right \u202eto left',
      'zero\u200bwidth',
      'x'.repeat(201),
      `is it ghp_${'a'.repeat(36)}?`,
      'is it postgres://me:hunter2@db.example.org?',
    ].map(asked),
    quiet: [asked('Which editor?'), asked('Quel éditeur ‑ vim ou « emacs » ? ❤️'), asked('x'.repeat(200))],
  },
  'bottles::env-credential-asked': {
    fires: [
      withAgent({ env: { GH_TOKEN: EnvValue.ask('Which?') } }),
      appOf({}, { env: { DB_PASSWORD: EnvValue.ask('Which?') } }),
      asked('Your API-key, please?'),
      asked('Which token?'),
    ],
    quiet: [asked('Which editor?'), withAgent({ env: { GH_TOKEN: EnvValue.fromHost('GH_TOKEN') } })],
  },
  'bottles::skill-name': {
    fires: [
      ...['skills/Review', 'skills/a b', 'skills/a_b', 'skills/.hidden', 'skills/-x', '.', '..', '/', '~/skills/ü'],
      `skills/${'a'.repeat(64)}`,
    ].map((path) => skills(path)),
    quiet: [skills('skills/review', 'skills/code-review-2/', '~/skills/x', '/srv/skills/a')],
  },
  'bottles::skill-name-unique': {
    fires: [skills('skills/review', 'other/review'), skills('skills/review', 'skills/./review/')],
    quiet: [skills('skills/review', 'other/check')],
  },
  'bottles::skill-source': {
    fires: [
      ...['', '$HOME/skills/a', '~other/a', '~/../a', 'C:\\skills\\a'].map((path) => skills(path)),
      ...['~/.ssh', '~/.claude', '~/.claude/skills', '~/.config', '/etc/ssh', '/run/docker.sock', '/'].map((path) =>
        skills(path),
      ),
      ...['~/.claude/skills/../agents', '~/.claude/skills/.ssh', '/home', '~/.aws/skills/a', '..', '../../etc/ssh'].map(
        (path) => skills(path),
      ),
      appOf({ skills: ['keys'] }, { gitGate: { remotes: [remote({ identityFile: 'keys/id_ed25519' })] } }),
    ],
    quiet: [
      skills('skills/a', '.claude/skills/b', '~/.claude/skills/c', '/srv/skills/d', '../shared/e'),
      appOf({ skills: ['skills/a'] }, { gitGate: { remotes: [remote({ identityFile: 'keys/id_ed25519' })] } }),
    ],
  },
  'bottles::skill-writable': {
    fires: [
      writing('work', 'work/skills/a'),
      writing('work/skills/a/scripts', 'work/skills/a'),
      writing('/srv/acme/project/work', 'work/a'),
      appOf({ skills: ['data/a'] }, { mounts: [Mount.bind('data', '/data', { readOnly: false })] }),
    ],
    quiet: [writing('work', 'skills/a'), withAgent({ skills: ['work/a'], mounts: [Mount.bind('work', '/data')] })],
  },
  'bottles::prompt-text': {
    fires: ['', ' \n ', 'a\0b', 'a \u001b[2Jtrick', 'bell\u0007', 'right \u202eto left', 'zero\u200bwidth'].map(prompt),
    quiet: [prompt('Be kind.\n\n\t- "quoted" $HOME `x` \'y\'\n'), prompt('Grüße ❤️\r\nzwei'), withAgent({})],
  },
  'bottles::prompt-size': {
    fires: [prompt('x'.repeat(100_001)), prompt('ü'.repeat(50_001))],
    quiet: [prompt('x'.repeat(100_000)), withAgent({})],
  },
  'bottles::prompt-secret': {
    fires: [
      `one\nuse ghp_${'a'.repeat(36)}`,
      'postgres://me:hunter2@db.example.org/x',
      'The password: hunter2',
      '-----BEGIN EC PRIVATE KEY-----\nabc',
    ].map(prompt),
    quiet: [prompt('Never print a password, a token or an API key.'), prompt('See https://a.example.org/x?y=z')],
  },
};
