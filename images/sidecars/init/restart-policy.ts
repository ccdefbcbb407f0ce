/** When a daemon that died on its own is started again. */

export interface RestartPolicy {
  /** Milliseconds to wait after a process that lived for `livedMs`; undefined: do not start it again. */
  delayAfter(livedMs: number): number | undefined;
}

/** Makes the policy of one daemon, which may count its deaths. */
export type RestartPolicyFactory = () => RestartPolicy;

export const BACK_OFF_MS = 500;

/** The same back-off after every death. */
export const fixedBackOff =
  (delayMs: number): RestartPolicyFactory =>
  () => ({ delayAfter: () => delayMs });

/** For a container whose own supervisor restarts it, such as the kubelet: a death is the end. */
export const neverRestart: RestartPolicyFactory = () => ({ delayAfter: () => undefined });
