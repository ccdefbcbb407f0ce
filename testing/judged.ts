import { type App, judgeInput } from '../constructs/app.ts';
import { type Judged, judge } from '../lib/assembly/index.ts';

/** A tree that was judged cannot change any more. */
const known = new WeakMap<App, Judged>();

/** What synth would write and report of `app`, in memory; worked out once for all its bottles. */
export function judged(app: App): Judged {
  const before = known.get(app);
  if (before !== undefined) return before;
  const result = judge(judgeInput(app));
  known.set(app, result);
  return result;
}
