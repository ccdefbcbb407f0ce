/** Compressed containers: zip entries, which are read, and formats that nothing here reads, which are recognised. */

import { type Budget, UnscannableError } from './budget.ts';
import { inflated } from './inflate.ts';

/** The bytes are of a format that hides what they hold. */
export class UnreadableError extends UnscannableError {
  override readonly name = 'UnreadableError';

  constructor(format: string) {
    super(`it holds ${format}, which cannot be read`);
  }
}

const magic = (format: string, hex: string) => ({ format, bytes: Buffer.from(hex, 'hex') });

/** Read where Node can; see `unzstd`. */
export const ZSTD = { format: 'zstd data', bytes: Buffer.from('28b52ffd', 'hex') };

/** The beginnings of what compressors write that not every Node can undo. Four bytes or more: no chance meets them. */
const UNREADABLE = [
  ZSTD,
  magic('xz data', 'fd377a585a00'),
  magic('7z data', '377abcaf271c'),
  magic('lz4 data', '04224d18'),
  magic('rar data', '526172211a07'),
  magic('lzip data', '4c5a495001'),
  magic('lzma data', '5d00008000ffffffffffffffff'),
];
/** Behind `BZh` and a digit: the digits of pi that each block begins with, or the root of pi that ends an empty file. */
const BZIP2_BLOCKS = ['314159265359', '177245385090'].map((hex) => Buffer.from(hex, 'hex'));

function isBzip2(bytes: Buffer, at: number): boolean {
  if (!/^BZh[1-9]$/.test(bytes.toString('latin1', at, at + 4))) return false;
  return BZIP2_BLOCKS.some((block) => bytes.subarray(at + 4, at + 10).equals(block));
}

/** What `bytes` from `at` on are, if they are of a format that cannot be read. */
export function unreadableAt(bytes: Buffer, at: number): string | undefined {
  const found = UNREADABLE.find(({ bytes: beginning }) => bytes.subarray(at, at + beginning.length).equals(beginning));
  if (found !== undefined) return found.format;
  return isBzip2(bytes, at) ? 'bzip2 data' : undefined;
}

const LOCAL_HEADER = Buffer.from('PK\x03\x04', 'latin1');
const HEADER_LENGTH = 30;
const [ENCRYPTED, STORED, DEFLATED] = [0x0001, 0, 8];
/** Compression methods of APPNOTE.TXT section 4.4.5; any other number is chance. */
const METHODS = new Set([0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 14, 16, 18, 19, 20, 93, 94, 95, 96, 97, 98, 99]);
const MOST_VERSION = 63;
const MOST_NAME = 4096;

/**
 * What the entries of every zip file in `bytes` hold (APPNOTE.TXT section 4.3.7). Sizes are not believed:
 * a deflate stream knows its own end. Stored entries are read as they stand.
 */
export function unzipped(bytes: Buffer, budget: Budget, onUnreadable: (format: string) => void): string[] {
  const texts: string[] = [];
  for (let at = bytes.indexOf(LOCAL_HEADER); at >= 0; at = bytes.indexOf(LOCAL_HEADER, at + 4)) {
    if (at + HEADER_LENGTH > bytes.length) break;
    const [version, flags, method] = [4, 6, 8].map((offset) => bytes.readUInt16LE(at + offset)) as [
      number,
      number,
      number,
    ];
    const nameLength = bytes.readUInt16LE(at + 26);
    if ((version & 0xff) > MOST_VERSION || !METHODS.has(method) || nameLength > MOST_NAME) continue;
    if ((flags & ENCRYPTED) !== 0) onUnreadable('an encrypted zip file');
    else if (method === DEFLATED) {
      const start = at + HEADER_LENGTH + nameLength + bytes.readUInt16LE(at + 28);
      budget.takeEntry();
      texts.push(inflated(bytes.subarray(start), budget));
    } else if (method !== STORED) onUnreadable(`a zip file of compression method ${method}`);
  }
  return texts;
}
