/** Requests that come faster than they can be served. */

/** Does `action` at once, and then at most once every `intervalMs`; what came in between is done once, at the end. */
export function paced(intervalMs: number, action: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  let asked = false;
  const serve = (): void => {
    asked = false;
    timer = setTimeout(() => {
      timer = undefined;
      if (asked) serve();
    }, intervalMs);
    timer.unref();
    action();
  };
  return () => {
    asked = true;
    if (timer === undefined) serve();
  };
}
