/** Edits of a compose file outside of its services: nothing in the language makes them, and rules refuse them all the same. */

type Entries = Record<string, Record<string, unknown> | null>;

/** A copy of a compose file that may be changed. */
export interface EditableDocument {
  name: string;
  services: Record<string, Record<string, unknown>>;
  networks: Entries;
  volumes: Entries;
  [key: string]: unknown;
}

export interface BadDocumentEdit {
  readonly name: string;
  edit(document: EditableDocument): void;
  readonly rule: `bottles::${string}`;
}

const changed =
  (part: 'networks' | 'volumes', key: string, change: object) =>
  (document: EditableDocument): void => {
    document[part][key] = { ...document[part][key], ...change };
  };

const top =
  (key: string, value: unknown) =>
  (document: EditableDocument): void => {
    document[key] = value;
  };

const bindVolume = { driver: 'local', driver_opts: { type: 'none', o: 'bind', device: '/' } };

export const BAD_DOCUMENT_EDITS: readonly BadDocumentEdit[] = [
  { name: 'another project', edit: top('name', 'other'), rule: 'bottles::document-identity' },
  {
    name: 'one service more',
    edit: ({ services }) => {
      services['helper'] = { image: 'helper', network_mode: 'host' };
    },
    rule: 'bottles::document-identity',
  },
  {
    name: 'no sidecars',
    edit: ({ services }) => {
      for (const name of Object.keys(services)) if (name !== 'agent') delete services[name];
    },
    rule: 'bottles::document-identity',
  },
  {
    name: 'no agent',
    edit: ({ services }) => {
      delete services['agent'];
    },
    rule: 'bottles::document-identity',
  },
  ...['include', 'secrets', 'configs', 'models', 'jobs', 'version', 'anything'].map((key) => ({
    name: `top-level ${key}`,
    edit: top(key, {}),
    rule: 'bottles::document-key' as const,
  })),
  {
    name: 'an internal network that is none',
    edit: changed('networks', 'internal', { internal: false }),
    rule: 'bottles::agent-reaches-internet',
  },
  {
    name: 'a bridge with an address',
    edit: changed('networks', 'internal', { driver_opts: {} }),
    rule: 'bottles::agent-reaches-host',
  },
  { name: 'IPv6', edit: changed('networks', 'internal', { enable_ipv6: true }), rule: 'bottles::network-options' },
  {
    name: 'a shared network',
    edit: changed('networks', 'internal', { name: 'shared' }),
    rule: 'bottles::agent-reaches-neighbours',
  },
  {
    name: 'an attachable network',
    edit: changed('networks', 'internal', { attachable: true }),
    rule: 'bottles::network-options',
  },
  {
    name: 'another driver',
    edit: changed('networks', 'egress', { driver: 'macvlan' }),
    rule: 'bottles::network-options',
  },
  {
    name: 'one network more',
    edit: changed('networks', 'other', { driver: 'bridge' }),
    rule: 'bottles::network-options',
  },
  {
    name: 'no networks',
    edit: (document) => {
      document.networks = {};
    },
    rule: 'bottles::network-options',
  },
  {
    name: 'a volume that is a directory of the host',
    edit: changed('volumes', 'agent-home', bindVolume),
    rule: 'bottles::volume-options',
  },
  {
    name: 'a volume of another bottle',
    edit: changed('volumes', 'workspace', { name: 'claude-bottle-other_workspace', external: true }),
    rule: 'bottles::volume-options',
  },
  {
    name: 'a volume under a name that no file has',
    edit: changed('volumes', '<<', bindVolume),
    rule: 'bottles::volume-options',
  },
];
