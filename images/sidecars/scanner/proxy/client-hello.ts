/**
 * What a TLS ClientHello (RFC 8446 section 4.1.2) asks for, read strictly: anything that another parser might read in
 * another way is malformed here.
 */

export interface ClientHello {
  /** The one host name of the server_name extension (RFC 6066), lower case; absent when the client sent none. */
  readonly serverName?: string;
  /** Whether the hello carries an encrypted one (ECH), which may name another host than the visible one. */
  readonly encrypted: boolean;
}

export type HelloVerdict = ClientHello | 'incomplete' | 'malformed';

const HANDSHAKE = 0x16;
const CLIENT_HELLO = 0x01;
const SERVER_NAME = 0x0000;
const ENCRYPTED_CLIENT_HELLO = 0xfe0d;
const RECORD_HEADER = 5;
/** A record holds at most 2^14 bytes (RFC 8446 section 5.1). */
const MAX_RECORD = 16_384;

class Malformed extends Error {}

/** A cursor over bytes that never reads past its end. */
class Cursor {
  #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#bytes.length === 0;
  }

  take(count: number): Buffer {
    if (this.#bytes.length < count) throw new Malformed();
    const taken = this.#bytes.subarray(0, count);
    this.#bytes = this.#bytes.subarray(count);
    return taken;
  }

  uint(bytes: number): number {
    return this.take(bytes).readUIntBE(0, bytes);
  }

  /** A vector whose length comes first, in `bytes` bytes. */
  vector(bytes: number): Cursor {
    return new Cursor(this.take(this.uint(bytes)));
  }
}

function serverNameIn(extension: Cursor): string {
  const list = extension.vector(2);
  const type = list.uint(1);
  const length = list.uint(2);
  const name = list.take(length).toString('latin1');
  if (type !== 0 || !list.isAtEnd || !extension.isAtEnd || !/^[\x21-\x7e]+$/.test(name)) throw new Malformed();
  return name.toLowerCase();
}

function parse(record: Buffer): ClientHello {
  const handshake = new Cursor(record);
  if (handshake.uint(1) !== CLIENT_HELLO) throw new Malformed();
  const hello = handshake.vector(3);
  if (!handshake.isAtEnd) throw new Malformed();
  hello.take(2 + 32);
  hello.vector(1);
  hello.vector(2);
  hello.vector(1);
  if (hello.isAtEnd) return { encrypted: false };
  const extensions = hello.vector(2);
  if (!hello.isAtEnd) throw new Malformed();
  const seen = new Set<number>();
  let serverName: string | undefined;
  while (!extensions.isAtEnd) {
    const type = extensions.uint(2);
    const data = extensions.vector(2);
    if (seen.has(type)) throw new Malformed();
    seen.add(type);
    if (type === SERVER_NAME) serverName = serverNameIn(data);
  }
  return { encrypted: seen.has(ENCRYPTED_CLIENT_HELLO), ...(serverName === undefined ? {} : { serverName }) };
}

/** Reads the first bytes of a connection. A hello that is spread over several records is malformed. */
export function readClientHello(bytes: Buffer): HelloVerdict {
  if (bytes.length > 0 && bytes[0] !== HANDSHAKE) return 'malformed';
  if (bytes.length < RECORD_HEADER) return 'incomplete';
  const length = bytes.readUInt16BE(3);
  if (bytes[1] !== 3 || length > MAX_RECORD) return 'malformed';
  if (bytes.length < RECORD_HEADER + length) return 'incomplete';
  try {
    return parse(bytes.subarray(RECORD_HEADER, RECORD_HEADER + length));
  } catch (reason) {
    if (reason instanceof Malformed) return 'malformed';
    throw reason;
  }
}
