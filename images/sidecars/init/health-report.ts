/** The answer of the health socket. */

export interface DaemonHealth {
  readonly up: boolean;
  /** Of the group's leader; null while none runs. */
  readonly pid: number | null;
  /** How often it was started again since the init began. */
  readonly restarts: number;
  /** SHA-256 (hex) of the policy file that it runs; empty if not known. */
  readonly digest: string;
  /** How many reloads the process that runs has refused. */
  readonly refusals: number;
  /** True from the fifth crash within a minute until it has been up for a minute. */
  readonly crashLoop: boolean;
  /** Why it is not up; empty if it is. */
  readonly detail: string;
}

export interface HealthReport {
  /** True only if every daemon of the report is up and none is in a crash loop. */
  readonly healthy: boolean;
  readonly daemons: Readonly<Record<string, DaemonHealth>>;
}

/** The report over `entries`; nothing selected is not healthy. */
export function healthReport(entries: readonly (readonly [string, DaemonHealth])[]): HealthReport {
  const healthy = entries.length > 0 && entries.every(([, { up, crashLoop }]) => up && !crashLoop);
  return { healthy, daemons: Object.fromEntries(entries) };
}

/** One line, `healthy` first. */
export function reportLine(report: HealthReport): string {
  return `${JSON.stringify({ healthy: report.healthy, daemons: report.daemons })}\n`;
}
