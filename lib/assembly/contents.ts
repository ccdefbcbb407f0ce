/** What files hold until they are written: of thousands of bottles, so each content once and as small as it is on disk. */

import { createHash } from 'node:crypto';

export interface Content {
  readonly bytes: Buffer;
  /** SHA-256, hex. */
  readonly digest: string;
}

/** Makes contents of texts; of texts that are the same, one. */
export function contentStore(): (text: string) => Content {
  const known = new Map<string, Content>();
  return (text) => {
    const bytes = Buffer.from(text);
    const digest = createHash('sha256').update(bytes).digest('hex');
    const content = known.get(digest) ?? { bytes, digest };
    known.set(digest, content);
    return content;
  };
}
