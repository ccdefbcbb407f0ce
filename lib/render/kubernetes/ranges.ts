/** IPv4 ranges that a bottle's way out leaves out. IPv6 is in no rule, so no policy admits it. */

/** Of an organisation or a cluster (RFC 1918, RFC 6598): here are nodes, pods, Services and most API servers. */
export const PRIVATE_RANGES = ['10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.168.0.0/16'] as const;

/** Metadata services of clouds outside the link-local range: Azure's wire server, Oracle's and Alibaba's addresses. */
const METADATA_ADDRESSES = {
  public: '168.63.129.16/32',
  special: '192.0.0.0/24',
  shared: '100.100.100.200/32',
} as const;

/** Nobody's on the internet (RFC 6890, RFC 2544, RFC 5771, RFC 1112): this network, loopback, link-local with the usual metadata address, … */
const SPECIAL_RANGES = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  METADATA_ADDRESSES.special,
  '198.18.0.0/15',
  '224.0.0.0/4',
  '240.0.0.0/4',
] as const;

/** An IPBlock of a NetworkPolicy. */
export interface Block {
  readonly cidr: string;
  readonly except?: readonly string[];
}

const inOrder = (ranges: readonly string[]): readonly string[] => {
  const key = (range: string): string =>
    range
      .split(/[./]/)
      .map((part) => part.padStart(3, '0'))
      .join('.');
  return [...new Set(ranges)].sort((a, b) => (key(a) < key(b) ? -1 : 1));
};

/** The internet, without what is private, `others` included. */
export function worldBlock(others: readonly string[]): Block {
  const except = inOrder([...SPECIAL_RANGES, METADATA_ADDRESSES.public, ...PRIVATE_RANGES, ...others]);
  return { cidr: '0.0.0.0/0', except };
}

/** The private ranges, `others` included, without a metadata service in them. */
export function privateBlocks(others: readonly string[]): readonly Block[] {
  return inOrder([...PRIVATE_RANGES, ...others]).map((cidr) =>
    cidr === '100.64.0.0/10' ? { cidr, except: [METADATA_ADDRESSES.shared] } : { cidr },
  );
}
