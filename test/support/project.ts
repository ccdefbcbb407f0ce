import { projectView } from '../../lib/plan/index.ts';

/** A project whose `cdk.json` runs a definition in a folder of no special name. */
export const PROJECT = projectView(
  '/srv/acme/project',
  '/home/x',
  JSON.stringify({
    app: "cd . && NODE_ENV=x npx tsx --import=./hooks/a.mjs 'tools/bottle/app.ts'",
    output: 'out/bottles',
  }),
);
