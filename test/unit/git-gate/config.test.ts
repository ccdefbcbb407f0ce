import { once } from 'node:events';
import { createServer } from 'node:net';
import * as assert from 'uvu/assert';
import { listenParts, parseConfig, remoteOfMirror } from '../../../images/sidecars/git-gate/config.ts';
import { listenAddress, tryBinding } from '../../../images/sidecars/git-gate/listen.ts';
import { suite } from '../../support/suite.ts';

const test = suite('git-gate configuration');

const REMOTE = {
  name: 'app',
  url: 'ssh://git@git.test/srv/git/app.git',
  key: '/run/git-gate/app.key',
  access: 'push',
  protectedPaths: ['.github/workflows/**'],
  allow: { force: false, delete: false, tags: false },
};
const file = (remote: object = {}, more: object = {}): string =>
  JSON.stringify({ version: 1, listen: 'gate:9418', remotes: [{ ...REMOTE, ...remote }], ...more });

test('reads what the renderer writes', () => {
  const config = parseConfig(file({ branches: ['agent/*'] }));
  assert.equal(config.remotes, [{ ...REMOTE, branches: ['agent/*'] }]);
  assert.equal(listenParts(config.listen), { host: 'gate', port: 9418 });
});

const REFUSED: Readonly<Record<string, readonly [string, RegExp]>> = {
  'text that is not JSON': ['{', /not JSON/],
  'an unknown key': [file({}, { extra: 1 }), /unrecognized_keys: extra/],
  'an unknown key of a remote': [file({ hooks: [] }), /remotes\.0: unrecognized_keys: hooks/],
  'another version': [file({}, { version: 2 }), /version/],
  'no remotes': [file({}, { remotes: [] }), /remotes/],
  'a listen address without a port': [file({}, { listen: 'gate' }), /listen/],
  'a name with a slash': [file({ name: '../app' }), /name/],
  'a name that is an option': [file({ name: '-app' }), /name/],
  'a URL of another protocol': [file({ url: 'ext::sh -c id' }), /url/],
  'a URL whose user is an option': [file({ url: '-oProxyCommand=id@git.test:app' }), /url/],
  'a key elsewhere': [file({ key: '/etc/shadow' }), /key of app/],
  'a key with a shell word': [file({ key: '/run/git-gate/app.key; id' }), /key of app/],
  'an access of another kind': [file({ access: 'admin' }), /access/],
  'an allowance left out': [file({ allow: { force: false, delete: false } }), /allow\.tags/],
  'one name twice': [file({}, { remotes: [REMOTE, REMOTE] }), /two remotes are called app/],
};
for (const [what, [text, message]] of Object.entries(REFUSED)) {
  test(`refuses ${what}`, () => {
    assert.throws(() => parseConfig(text), message);
  });
}

test('knows a mirror by its exact path alone', () => {
  const config = parseConfig(file());
  assert.is(remoteOfMirror(config, '/git/app.git')?.name, 'app');
  for (const path of ['/git/app', '/git/app.git/', '/git/../git/app.git', 'app.git', '/git/other.git']) {
    assert.is(remoteOfMirror(config, path), undefined, path);
  }
});

test('never listens on every address', async () => {
  for (const host of ['0.0.0.0', '0']) {
    let message = '';
    await listenAddress(host, 1).catch((error: Error) => {
      message = error.message;
    });
    assert.match(message, 'every address');
  }
  assert.is(await listenAddress('127.0.0.1'), '127.0.0.1');
});

test('gives up on a name without an address', async () => {
  let message = '';
  await listenAddress('nowhere.invalid', 2, 1).catch((error: Error) => {
    message = error.message;
  });
  assert.match(message, 'nowhere.invalid has no address here');
});

test('says so when the address is taken', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  let message = '';
  await tryBinding('127.0.0.1', port).catch((error: Error) => {
    message = error.message;
  });
  server.close();
  await once(server, 'close');
  assert.match(message, `cannot listen on 127.0.0.1:${port} (EADDRINUSE)`);
  await tryBinding('127.0.0.1', port);
});

test.run();
