export { DOCKERFILE_FROM, DOCKERFILE_MAX, DockerfileProblem, parseDockerfile } from './dockerfile.ts';
export {
  type Capabilities,
  hasNoCapabilities,
  NO_CAPABILITIES,
  PACKAGE_MANAGERS,
  type PackageManager,
  type Packages,
  withPackages,
} from './model.ts';
export { CAPABILITIES_FILE, forgetCapabilities, readCapabilities, writeCapabilities } from './store.ts';
