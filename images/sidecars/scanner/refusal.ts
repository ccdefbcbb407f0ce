/** A refusal: which check said no, in one line that carries no secret, and the status to say it with. */
export interface Refusal {
  /** pipelock's name of the check, as in its `blocked` events. */
  readonly scanner: string;
  readonly reason: string;
  readonly status: number;
}

export const refusal = (scanner: string, reason: string, status = 403): Refusal => ({ scanner, reason, status });
