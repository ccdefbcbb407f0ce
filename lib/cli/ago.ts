/** How long ago something was, in the largest unit that says enough. */

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/** `2 h` for a moment in RFC 3339; empty for none. A moment to come is `0 s` ago: clocks differ. */
export function ago(moment: string | null | undefined, now: number = Date.now()): string {
  const then = Date.parse(moment ?? '');
  if (Number.isNaN(then)) return '';
  const seconds = Math.max(0, Math.floor((now - then) / 1_000));
  const [unit, size] = UNITS.find(([, length]) => seconds >= 2 * length) ?? ['s', 1];
  return `${Math.floor(seconds / size)} ${unit}`;
}
