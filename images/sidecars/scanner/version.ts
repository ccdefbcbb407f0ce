/** The pipelock release whose interface the scanner answers to, marked as not being pipelock itself (semver metadata). */
export const VERSION = '2.3.0+builtin';
