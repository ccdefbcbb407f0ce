/** Zip files entry by entry (APPNOTE.TXT section 4.3), without the directory at their end, which no reader needs here. */

import { deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  readonly name: string;
  readonly content: string | Buffer;
  /** Compression method; 8, deflate, unless given. */
  readonly method?: number;
  readonly encrypted?: boolean;
  /** Sizes of 0 in the header, as a writer has it that does not know them yet. */
  readonly withoutSizes?: boolean;
}

export function zipOf(entries: readonly ZipEntry[]): Buffer {
  const pieces = entries.flatMap(({ name, content, method = 8, encrypted = false, withoutSizes = false }) => {
    const raw = Buffer.from(content as string);
    const data = method === 8 ? deflateRawSync(raw) : raw;
    const header = Buffer.alloc(30);
    header.writeUInt32BE(0x504b0304, 0);
    header.writeUInt16LE(20, 4);
    header.writeUInt16LE((encrypted ? 1 : 0) + (withoutSizes ? 8 : 0), 6);
    header.writeUInt16LE(method, 8);
    header.writeUInt32LE(withoutSizes ? 0 : data.length, 18);
    header.writeUInt32LE(withoutSizes ? 0 : raw.length, 22);
    header.writeUInt16LE(Buffer.byteLength(name), 26);
    return [header, Buffer.from(name), data];
  });
  return Buffer.concat(pieces);
}
