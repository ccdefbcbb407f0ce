/** What a container may use at most. */
export interface Resources {
  /**
   * Memory, in bytes with a unit, e.g. `4g`.
   * @default '4g' for the agent, '1g' for the sidecars
   */
  readonly memory?: string;
  /**
   * Processors, e.g. 1.5.
   * @default no limit
   */
  readonly cpus?: number;
  /**
   * Processes and threads.
   * @default 1024 for the agent, 512 for the sidecars
   */
  readonly pids?: number;
}
