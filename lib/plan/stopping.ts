/** How long the init gives the daemons between SIGTERM and SIGKILL; compose has to wait longer than that. */
export const INIT_GRACE_MS = 8_000;
