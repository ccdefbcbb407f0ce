/** The scanner's program from its source, for the processes that scan: they have no loader of TypeScript. */

import { register } from 'tsx/esm/api';

register();
await import('../../../../images/sidecars/scanner/main.ts');
