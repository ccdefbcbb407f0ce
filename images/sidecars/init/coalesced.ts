/** Callers that ask while an answer is on its way share it. */
export function coalesced<T>(produce: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return () => {
    running ??= produce().finally(() => {
      running = undefined;
    });
    return running;
  };
}
