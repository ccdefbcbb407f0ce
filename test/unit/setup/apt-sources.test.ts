import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { machineSources, parseDeb822, parseOneLine, sourcesOfSuite } from '../../../setup/apt-sources.mjs';
import { suite } from '../../support/suite.ts';

const test = suite('APT sources of a machine');

const DEB822 = `# a comment
Types: deb deb-src
URIs: http://mirror.test/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
# a comment in between
URIs: http://mirror.test/security
Suites: bookworm-security
Components: main

Types: deb
URIs: http://mirror.test/off
Suites: bookworm
Components: main
Enabled: no

Types: deb-src
URIs: http://mirror.test/src
Suites: bookworm
Components: main
`;

const ONE_LINE = `# deb http://mirror.test/commented bookworm main
deb [arch=amd64 signed-by=/usr/share/keyrings/x.gpg] http://mirror.test/debian bookworm main contrib # tail
deb http://mirror.test/security bookworm-security main
deb-src http://mirror.test/debian bookworm main
deb http://other.test/apt tools-bookworm main
`;

const WANTED = (signed: string, uri = 'http://mirror.test/debian') => `deb ${signed}${uri} trixie main`;

test('the deb822 form gives the enabled binary sources for another suite', () => {
  const key = '[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ';
  assert.equal(sourcesOfSuite(parseDeb822(DEB822), 'bookworm', 'trixie'), [
    WANTED(key),
    `deb ${key}http://mirror.test/debian trixie-updates main`,
    'deb http://mirror.test/security trixie-security main',
  ]);
});

test('the one-line form gives the same, without what is commented out and what is not of Debian', () => {
  assert.equal(sourcesOfSuite(parseOneLine(ONE_LINE), 'bookworm', 'trixie'), [
    WANTED('[signed-by=/usr/share/keyrings/x.gpg] '),
    'deb http://mirror.test/security trixie-security main',
  ]);
});

test('a key that is written into the paragraph is left out: it is no file', () => {
  const text =
    'Types: deb\nURIs: http://m.test/d\nSuites: bookworm\nComponents: main\nSigned-By:\n -----BEGIN PGP\n .\n abc\n';
  assert.equal(sourcesOfSuite(parseDeb822(text), 'bookworm', 'trixie'), ['deb http://m.test/d trixie main']);
});

test('a machine’s sources are read from both places, and a source that both name counts once', () => {
  const folder = mkdtempSync(join(tmpdir(), 'claude-bottle-sources-'));
  mkdirSync(join(folder, 'sources.list.d'));
  writeFileSync(join(folder, 'sources.list'), 'deb http://m.test/d bookworm main\n');
  writeFileSync(
    join(folder, 'sources.list.d', 'debian.sources'),
    'Types: deb\nURIs: http://m.test/d http://n.test/d\nSuites: bookworm\nComponents: main\n',
  );
  writeFileSync(join(folder, 'sources.list.d', 'ignored.txt'), 'deb http://no.test/d bookworm main\n');
  assert.equal(sourcesOfSuite(machineSources(folder), 'bookworm', 'trixie'), [
    'deb http://m.test/d trixie main',
    'deb http://n.test/d trixie main',
  ]);
  rmSync(folder, { recursive: true });
});

test('a machine without APT has no sources', () => {
  assert.equal(machineSources('/nonexistent'), []);
});

test.run();
