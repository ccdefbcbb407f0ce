/** The roots that upstream certificates are verified against. */

import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';

/**
 * The certificates in `file` (the value of `SSL_CERT_FILE`, which Node itself does not read), or Node's own roots where
 * there is none. A file that cannot be read throws: falling back would trust other roots than was asked for.
 */
export function upstreamRoots(file: string | undefined): SecureContext {
  const options = { minVersion: 'TLSv1.2' } as const;
  if (file === undefined || file === '') return createSecureContext(options);
  return createSecureContext({ ...options, ca: readFileSync(file) });
}
