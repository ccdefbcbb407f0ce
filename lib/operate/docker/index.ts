export { type CallOptions, createDocker, type Docker, type DockerOutcome, interrupted } from './docker.ts';
export { dockerEnvironment, type Environment } from './environment.ts';
export { dockerFailure } from './failure.ts';
export { type Redact, redactor } from './redact.ts';
export { type DockerVersions, dockerVersions, isAtLeast } from './versions.ts';
