/**
 * An organisation's blueprint: `AcmeBottle` is what every bottle here is, an aspect holds all of them to the house's
 * limits, a mixin adds what some of them need. A team writes the few lines that are its own.
 */

import { App, AspectPriority, Aspects, GitRemote } from 'claude-bottle';
import { AcmeBottle } from './acme-bottle.ts';
import { HouseLimits } from './limits.ts';
import { Nightly } from './nightly.ts';

const app = new App();

const repository = (name: string): GitRemote =>
  GitRemote.ssh(name, `ssh://git@git.example.com/acme/${name}.git`, {
    identityFile: '~/.ssh/id_ed25519',
    knownHostKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f',
  });

new AcmeBottle(app, 'shop', {
  repository: repository('shop'),
  repositoryName: 'shop',
  costCentre: '4711',
  reads: ['docs.example.com'],
});

new AcmeBottle(app, 'reports', {
  repository: repository('reports'),
  repositoryName: 'reports',
  costCentre: '4712',
}).with(new Nightly());

Aspects.of(app).add(new HouseLimits(2), { priority: AspectPriority.MUTATING });

app.synth();
