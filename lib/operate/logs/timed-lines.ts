/** The lines of an engine's log as values: time and bytes apart, and no line without end. */

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** As the engine writes it, always nine digits, so that times sort as text; and the blank behind it. */
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z /;
const TIMESTAMP_LENGTH = '2026-01-31T12:00:00.000000000Z '.length;

/** The engine cuts what a process wrote every so many bytes, and repeats the time in front of each part. */
const PART = 16_384;
/** A longer line goes on in the next one, at the beginning of a part. */
const LONGEST = 4 * (TIMESTAMP_LENGTH + PART);

export interface TimedLine {
  /** As the engine noted it, e.g. `2026-01-31T12:00:00.000000000Z`; empty for what carries no time. */
  readonly time: string;
  readonly text: string;
  /** It goes on where the line before was cut. */
  readonly continued: boolean;
}

/** The parts that the engine made of one line, put together; `time` stands in front of each. */
function joined(line: Buffer, time: Buffer): Buffer {
  const parts: Buffer[] = [];
  let rest = line.subarray(TIMESTAMP_LENGTH);
  while (rest.length >= PART + TIMESTAMP_LENGTH && rest.subarray(PART, PART + TIMESTAMP_LENGTH).equals(time)) {
    parts.push(rest.subarray(0, PART));
    rest = rest.subarray(PART + TIMESTAMP_LENGTH);
  }
  return parts.length === 0 ? rest : Buffer.concat([...parts, rest]);
}

function timedLine(line: Buffer, continued: boolean): TimedLine {
  const head = line.toString('latin1', 0, TIMESTAMP_LENGTH);
  const isTimed = TIMESTAMP.test(head);
  const body = isTimed ? joined(line, line.subarray(0, TIMESTAMP_LENGTH)) : line;
  const end = body.at(-1) === CARRIAGE_RETURN ? body.length - 1 : body.length;
  return { time: isTimed ? head.slice(0, -1) : '', text: body.toString('utf8', 0, end), continued };
}

/** The lines of `chunks`, in batches; one that is longer than a few parts comes in pieces. */
export async function* timedLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<readonly TimedLine[]> {
  let held: Buffer = Buffer.alloc(0);
  let continued = false;
  for await (const chunk of chunks) {
    const lines: TimedLine[] = [];
    const add = (line: Buffer, isWhole: boolean): void => {
      lines.push(timedLine(line, continued));
      continued = !isWhole;
    };
    let rest = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    for (;;) {
      const newline = rest.indexOf(NEWLINE);
      if (newline === -1 ? rest.length <= LONGEST : newline <= LONGEST) {
        if (newline === -1) break;
        add(rest.subarray(0, newline), true);
        rest = rest.subarray(newline + 1);
      } else {
        add(rest.subarray(0, LONGEST), false);
        rest = rest.subarray(LONGEST);
      }
    }
    // A copy, so that what is held does not keep the whole chunk.
    held = Buffer.from(rest);
    if (lines.length > 0) yield lines;
  }
  if (held.length > 0) yield [timedLine(held, continued)];
}
