/**
 * Takes SIGUSR1 from Node, whose default is to open its inspector, and does nothing with it: the real pipelock toggles
 * its kill switch there, and the init never sends it. Imported first, so that the listener exists before anything else.
 */

import { close, url } from 'node:inspector';

process.on('SIGUSR1', () => {});
// A signal that came before this line has opened the inspector already.
if (url() !== undefined) close();
