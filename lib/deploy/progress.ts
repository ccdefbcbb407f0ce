/** How long-running work tells a person what it does. The CLI shows it on stderr; tests collect it. */
export interface Progress {
  /** Runs `work` as a named step; `note` replaces the text behind the step's title. */
  step<T>(title: string, work: (note: (text: string) => void) => Promise<T>): Promise<T>;
  /** A line worth reading that is not a step. */
  say(text: string): void;
  warn(text: string): void;
}

/** Shows nothing. */
export const silent: Progress = {
  step: (_title, work) => work(() => {}),
  say: () => {},
  warn: () => {},
};
