/** The routes and credentials of the rig. `late.test` answers for another name than its certificate's. */

import { LISTEN } from './rig.ts';

export const TOKENS = { EGRESS_TOKEN_0: 's3cr3t-one', EGRESS_TOKEN_1: 's3cr3t/two+x=', EGRESS_TOKEN_2: 'short77' };

export const ROUTES = `version: 1
listen: ${LISTEN}:9099
routes:
  - host: api.test
    ports: [443]
    methods: [GET, POST]
    pathPrefixes: [/repos/acme/]
    auth: { scheme: Bearer, slot: 0 }
  - host: docs.test
    ports: [443, 80]
  - host: key.test
    ports: [443]
    auth: { scheme: header, slot: 1, header: X-Api-Key }
  - host: basic.test
    ports: [443]
    auth: { scheme: Basic, slot: 0, user: bot }
  - host: empty.test
    ports: [443]
    auth: { scheme: Bearer, slot: 2 }
  - host: secure.test
    ports: [443, 80]
    auth: { scheme: Bearer, slot: 0 }
  - host: ws.test
    ports: [443]
    webSocket: true
  - host: blocked.test
    ports: [443, 80]
  - host: dead.test
    ports: [443]
  - host: late.test
    ports: [443]
  - host: socket.test
    ports: [443]
    auth: { scheme: Bearer, slot: 0 }
    webSocket: true
  - host: two.test
    ports: [443]
    auth: { scheme: Bearer, slot: 0 }
  - host: few.test
    ports: [443]
    grant: { id: g1, usesLeft: 2 }
`;

export const ROUTE_COUNT = ROUTES.split('  - host:').length - 1;
