/** The file of `--report`. */

import { randomBytes } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { ValidationReport } from '../assembly/index.ts';
import { packageRoot } from '../deploy/images/package-root.ts';
import { BottleError, reasonOf } from '../errors.ts';
import { jsonText } from '../render/yaml.ts';
import type { Project } from './project.ts';
import { fromSourceRoot, sourceRoot } from './source-root.ts';

export interface ReportFile {
  save(report: ValidationReport): Promise<void>;
  /** For a definition that failed before its synth: an older report does not stay behind as if it were of now. */
  saveFailure(reason: string): Promise<void>;
}

const isSarif = (file: string): boolean => /\.sarif(?:\.json)?$/i.test(file);

function notWritable(file: string, reason: string, cause?: unknown): BottleError {
  return new BottleError('synth/report-not-writable', `the report ${file} cannot be written: ${reason}`, {
    fix: 'name a file in a directory that you may write',
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Not a regular file: a pipe or a terminal, which cannot be replaced. */
const isStream = (path: string): boolean => existsSync(path) && !statSync(path).isFile();

/** Throws what can be known before anything is written. */
function assertWritable(file: string, path: string, outdir: string): void {
  if (['manifest.json', 'tree.json'].some((name) => join(outdir, name) === path)) {
    throw notWritable(file, 'synth writes that file itself');
  }
  if (existsSync(path) && statSync(path).isDirectory()) throw notWritable(file, 'it is a directory');
  let directory = dirname(path);
  while (!existsSync(directory)) directory = dirname(directory);
  if (!statSync(directory).isDirectory()) throw notWritable(file, `${directory} is no directory`);
  try {
    accessSync(isStream(path) ? path : directory, constants.W_OK);
  } catch (cause) {
    throw notWritable(file, reasonOf(cause), cause);
  }
}

/** Replaces the file by a rename, so that a link in its place leads nowhere. */
function put(file: string, path: string, text: string): void {
  const staged = join(dirname(path), `.${basename(path)}-${process.pid}-${randomBytes(4).toString('hex')}`);
  try {
    if (isStream(path)) {
      writeFileSync(path, text);
      return;
    }
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(staged, text, { flag: 'wx' });
    renameSync(staged, path);
  } catch (cause) {
    rmSync(staged, { force: true });
    throw notWritable(file, reasonOf(cause), cause);
  }
}

const packageVersion = (): string => {
  const parsed: unknown = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'));
  const version = typeof parsed === 'object' && parsed !== null && 'version' in parsed ? parsed.version : undefined;
  return typeof version === 'string' ? version : '0.0.0';
};

const EMPTY: ValidationReport = {
  version: 1,
  app: '',
  summary: { errors: 0, warnings: 0, acknowledged: 0 },
  findings: [],
  acknowledgements: [],
  houseRules: [],
};

/** `file` as the definition's findings will go there. Throws if it is clear already that they cannot. */
export function reportFile(file: string, project: Project): ReportFile {
  const path = resolve(file);
  const outdir = resolve(project.directory, project.output);
  assertWritable(file, path, outdir);

  const sarifText = async (report: ValidationReport, failure?: string): Promise<string> => {
    const { sarifLog } = await import('../assembly/sarif.ts');
    const root = sourceRoot(project.directory);
    const way = fromSourceRoot(root, project.directory) ?? '';
    const output = fromSourceRoot(root, outdir);
    return jsonText(
      sarifLog(report, {
        version: packageVersion(),
        base: way === '' ? '' : `${way}/`,
        ...(output === undefined ? {} : { output }),
        ...(existsSync(join(project.directory, 'cdk.json')) ? { fallback: 'cdk.json' } : {}),
        ...(failure === undefined ? {} : { failure }),
      }),
    );
  };

  return {
    save: async (report) => put(file, path, isSarif(file) ? await sarifText(report) : jsonText(report)),
    saveFailure: async (failure) =>
      put(file, path, isSarif(file) ? await sarifText(EMPTY, failure) : jsonText({ ...EMPTY, failure })),
  };
}
