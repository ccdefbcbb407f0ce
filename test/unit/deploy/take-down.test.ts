import * as assert from 'uvu/assert';
import { removeContainers, removeNetworksAndVolumes } from '../../../lib/deploy/down/take-down.ts';
import { BottleError } from '../../../lib/errors.ts';
import { type Container, createDocker, type Docker } from '../../../lib/operate/index.ts';
import { suite } from '../../support/suite.ts';
import { type Answer, environmentWith, type FakeDocker, fakeDocker } from './fake-docker.ts';

const test = suite('take down', { timeoutMs: 30_000 });

let fake: FakeDocker;
test.afterEach(() => fake?.remove());

function dockerWith(answers: readonly Answer[]): Docker {
  fake = fakeDocker(answers);
  return createDocker({ env: environmentWith(fake) });
}

/** Takes its time, as an engine does that removes many files. */
const SLOW: Answer = { call: '"volume rm"*|"rm --force"*', script: 'sleep 20' };

const failure = (work: Promise<void>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

test('a removal has minutes, where other calls have one', async () => {
  const given: [string, number | undefined][] = [];
  const docker: Docker = {
    run: async (args, options) => {
      given.push([args.slice(0, 2).join(' '), options?.timeoutMs]);
      return '';
    },
    attempt: async () => ({ stdout: '', stderr: '', exitCode: 0 }),
  };
  await removeContainers(docker, [{ id: 'a', name: 'agent', service: 'agent' } as Container]);
  await removeNetworksAndVolumes(docker, { networks: ['inner'], volumes: ['home'] });
  assert.equal(given, [
    ['rm --force', 900_000],
    ['network rm', undefined],
    ['volume rm', 900_000],
  ]);
});

test('a removal that is not done in time is told as that, and not as an engine that is unwell', async () => {
  const docker = dockerWith([SLOW, { call: '"network rm"*' }]);
  const belongings = { networks: ['inner'], volumes: ['demo_home'] };
  const error = await failure(removeNetworksAndVolumes(docker, belongings, { timeoutMs: 300 }));
  assert.instance(error, BottleError);
  const { code, message, fix } = error as BottleError;
  assert.is(code, 'destroy/removal-not-done');
  assert.match(message, 'volume demo_home');
  assert.match(fix ?? '', 'run the command again');
  assert.not.match(fix ?? '', 'docker info');
});

test('another failure of a removal is told as it is', async () => {
  const docker = dockerWith([{ call: '"volume rm"*', stderr: 'no space left on device', code: 1 }]);
  const error = await failure(removeNetworksAndVolumes(docker, { networks: [], volumes: ['demo_home'] }));
  assert.is((error as BottleError).code, 'docker/disk-full');
  assert.match((error as BottleError).message, 'docker volume rm failed');
});

test('Ctrl-C ends the wait for a removal', async () => {
  const docker = dockerWith([SLOW]);
  const signal = AbortSignal.timeout(300);
  const error = await failure(removeNetworksAndVolumes(docker, { networks: [], volumes: ['demo_home'] }, { signal }));
  assert.is((error as BottleError).code, 'interrupted');
});

test.run();
