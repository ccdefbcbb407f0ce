/**
 * Three ways to give an agent something of the host to work on. `notes` is a directory beside this project; deploy wants
 * it to exist, synth does not.
 */

import { App, Bottle, Rules, Workspace } from 'claude-bottle';

const app = new App();

// A copy, made once: nothing that the agent does reaches the host, and what the host changes later does not reach it.
new Bottle(app, 'on-a-copy', {
  agent: { workspace: Workspace.copy('../notes') },
  sidecars: {},
});

// The directory itself, to read: for questions about code that stays as it is.
new Bottle(app, 'reader', {
  agent: { workspace: Workspace.bind('../notes', { readOnly: true }) },
  sidecars: {},
});

// The directory itself, to write. What would run on the host by itself (git, editors, agent programs) stays read-only;
// what you build or run there is for you to review first, which synth says unless you have.
const writer = new Bottle(app, 'writer', {
  agent: { workspace: Workspace.bind('../drafts') },
  sidecars: {},
});
Rules.of(writer).acknowledge({
  id: 'bottles::workspace-bind',
  reason: 'drafts holds texts only, which nobody builds or runs',
});

app.synth();
