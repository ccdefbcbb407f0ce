/** The answer of the health socket. */

export interface DaemonHealth {
  readonly up: boolean;
  /** Of the group's leader; null while none runs. */
  readonly pid: number | null;
  /** How often it was started again since the init began. */
  readonly restarts: number;
  /** SHA-256 (hex) of the policy file that it runs; empty if not known. */
  readonly digest: string;
  /** Why it is not up; empty if it is. */
  readonly detail: string;
}

export interface HealthReport {
  /** True only if every selected daemon is up. */
  readonly healthy: boolean;
  readonly daemons: Readonly<Record<string, DaemonHealth>>;
}

/** The report over `entries`; nothing selected is not healthy. */
export function healthReport(entries: readonly (readonly [string, DaemonHealth])[]): HealthReport {
  const healthy = entries.length > 0 && entries.every(([, { up }]) => up);
  return { healthy, daemons: Object.fromEntries(entries) };
}

/** One line, `healthy` first: `bundle-health` judges by how it begins. */
export function reportLine(report: HealthReport): string {
  return `${JSON.stringify({ healthy: report.healthy, daemons: report.daemons })}\n`;
}
