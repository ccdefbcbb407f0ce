/** `npm run bench [synth|scale|cdk8s|bottle|init|shapes|traffic|apply|scanner|git-gate]`: the figures of docs/guide/figures.md. */

import { benchApply } from './apply.ts';
import { benchBottle } from './bottle.ts';
import { benchCdk8s } from './cdk8s.ts';
import { benchGitGate } from './git-gate.ts';
import { benchInit } from './init.ts';
import { benchScale } from './scale.ts';
import { benchScanner } from './scanner.ts';
import { benchShapes } from './shapes.ts';
import { benchSynth } from './synth.ts';
import { benchTraffic } from './traffic.ts';

const BENCHES: Readonly<Record<string, () => Promise<readonly string[]>>> = {
  init: benchInit,
  synth: benchSynth,
  scale: benchScale,
  cdk8s: benchCdk8s,
  bottle: benchBottle,
  shapes: benchShapes,
  traffic: benchTraffic,
  apply: benchApply,
  scanner: benchScanner,
  'git-gate': benchGitGate,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0) {
  process.stderr.write(`no such bench: ${unknown.join(', ')}; allowed: ${Object.keys(BENCHES).join(', ')}\n`);
  process.exitCode = 2;
} else {
  for (const [name, bench] of Object.entries(BENCHES)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    process.stdout.write(`${name}\n`);
    for (const line of await bench()) process.stdout.write(`  ${line}\n`);
  }
}
