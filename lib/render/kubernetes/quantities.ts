/** Amounts as Kubernetes writes them (apimachinery, resource.Quantity). */

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

const UNIT: Readonly<Record<string, number>> = { b: 1, k: 1024, kb: 1024, m: MIB, mb: MIB, g: GIB, gb: GIB };

/** A byte value of the compose specification, whose k is 1024, in bytes. Throws on any other text. */
export function bytesOf(text: string): number {
  const [, amount, unit = 'b'] = /^(\d{1,15})(b|kb?|mb?|gb?)?$/i.exec(text) ?? [];
  if (amount === undefined) throw new Error(`not a byte value, and no rule has said so: ${JSON.stringify(text)}`);
  return Number(amount) * (UNIT[unit.toLowerCase()] ?? 1);
}

/** Bytes as a quantity, in its canonical form: the largest unit that leaves a whole number. */
export function bytesQuantity(bytes: number): string {
  for (const [size, unit] of [
    [GIB, 'Gi'],
    [MIB, 'Mi'],
    [1024, 'Ki'],
  ] as const) {
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return String(bytes);
}

export const mebibytes = (count: number): number => count * MIB;

/** Processors as a quantity, rounded up to what the kernel can divide. */
export function cpuQuantity(cpus: number): string {
  const milli = Math.ceil(Number((cpus * 1_000).toFixed(3)));
  return milli % 1_000 === 0 ? String(milli / 1_000) : `${milli}m`;
}
