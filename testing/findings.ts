import { App } from '../constructs/index.ts';
import { type Finding, nearest, quoted, typeName } from '../lib/plan/index.ts';
import { judged } from './judged.ts';
import { failed } from './mismatch.ts';

const line = ({ severity, rule, path, message }: Finding): string =>
  `  ${severity} ${rule} at ${path || 'the app'}: ${message}`;

const SHOWN = 20;

const listing = (findings: readonly Finding[]): readonly string[] => {
  if (findings.length === 0) return ['  none'];
  const more = findings.length - SHOWN;
  return [...findings.slice(0, SHOWN).map(line), ...(more > 0 ? [`  and ${more} more`] : [])];
};

/** What synth finds in an app: the rules of this package and those of the house, over plans and rendered documents. */
export class Findings {
  /** Synthesizes `app` in memory; nothing is written. The tree cannot be changed afterwards. */
  static from(app: App): Findings {
    if (!(app instanceof App)) throw new TypeError(`Findings.from was given ${typeName(app)}; allowed: an App`);
    return new Findings(judged(app).found.findings);
  }

  /** All of them, acknowledged ones included, in the order of the report. */
  readonly all: readonly Finding[];

  private constructor(findings: readonly Finding[]) {
    this.all = findings;
  }

  /** Fails unless there is a finding of the rule `id`: at the construct `path` if that is given, else anywhere. */
  has(id: string, path?: string): void {
    const same = this.all.filter(({ rule }) => rule === id);
    if (same.some((finding) => path === undefined || finding.path === path)) return;
    const where = path === undefined ? '' : ` at ${quoted(path)}`;
    if (same.length > 0) throw failed([`no finding of ${id}${where}; nearest:`, ...listing(same)], 'has');
    const meant = nearest(id, [...new Set(this.all.map(({ rule }) => rule))]);
    const hint = meant === undefined ? '' : `, did you mean ${quoted(meant)}?`;
    throw failed([`no finding of ${id}${where}${hint}; found:`, ...listing(this.all)], 'has');
  }

  /** Fails if there is a finding of the rule `id`: at the construct `path` if that is given, else anywhere. */
  hasNo(id: string, path?: string): void {
    const same = this.all.filter(({ rule, path: at }) => rule === id && (path === undefined || at === path));
    if (same.length > 0) throw failed([`there are findings of ${id}:`, ...listing(same)], 'hasNo');
  }

  /** Fails if synth would refuse the app. */
  hasNoErrors(): void {
    const errors = this.all.filter(({ severity }) => severity === 'error');
    if (errors.length > 0) throw failed(['synth would refuse the app:', ...listing(errors)], 'hasNoErrors');
  }
}
