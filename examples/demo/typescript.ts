import { fileURLToPath } from 'node:url';

/** The argv that runs a TypeScript file of this repository, or one that imports from it, in any working directory. */
export const typescriptArgv = (file: string): readonly [string, ...string[]] => [
  process.execPath,
  '--conditions=claude-bottle-source',
  '--import',
  fileURLToPath(import.meta.resolve('tsx')),
  file,
];

const shellWord = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** The same as a shell command, for the `app` of a `cdk.json`. */
export const typescriptCommand = (file: string): string => typescriptArgv(file).map(shellWord).join(' ');
