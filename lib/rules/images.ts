/** Images, the agent's user and runtime. */

import { type BottlePlan, credentialIn, type ImagePlan, isCredentialName, isRootUser, quoted } from '../plan/index.ts';
import { forbiddenSource } from './host-paths.ts';
import { spellingProblem } from './mount-sources.ts';
import type { Breach, Rule } from './rule.ts';

interface Declared {
  readonly service: 'the agent' | 'the bundle';
  readonly path: string;
  readonly image: ImagePlan;
}

const imagesOf = ({ agent, sidecars }: BottlePlan): readonly Declared[] => [
  { service: 'the agent', path: agent.path, image: agent.image },
  { service: 'the bundle', path: sidecars.path, image: sidecars.image },
];

const breach = ({ path, image }: Declared, message: string): Breach => ({ path, part: image, message });

/** A reference in the grammar of the distribution project (reference/regexp.go), or the bare id of a local image. */
const DOMAIN =
  '(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*(?::[0-9]{1,5})?/)?';
const NAME = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*';
const REFERENCE = new RegExp(`^${DOMAIN}${NAME}(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[a-f0-9]{64})?$`);
const IMAGE_ID = /^sha256:[a-f0-9]{64}$/;

const isReference = (text: string): boolean => text.length <= 512 && (REFERENCE.test(text) || IMAGE_ID.test(text));

const isFloating = (reference: string): boolean =>
  !reference.includes('sha256:') && (/:latest$/.test(reference) || !/:[^/]+$/.test(reference));

/** An exact version (semver.org), which npm installs and nothing else. */
const VERSION = /^\d{1,5}\.\d{1,5}\.\d{1,5}(?:-[0-9A-Za-z.-]{1,40})?$/;

const isUrl = (context: string): boolean => /^[a-z][a-z0-9+.-]*:\/\/|^git@/i.test(context);

const isOutside = (dockerfile: string): boolean =>
  dockerfile.startsWith('/') || dockerfile.split('/').includes('..') || spellingProblem(dockerfile) !== undefined;

function* buildProblems({ context, dockerfile, args }: ImagePlan & { readonly kind: 'build' }): Iterable<string> {
  const place = isUrl(context)
    ? 'is a URL; allowed: a directory'
    : (spellingProblem(context) ?? forbiddenSource(context, false));
  if (place !== undefined) yield `the context ${quoted(context)} ${place}`;
  if (dockerfile !== undefined && isOutside(dockerfile)) {
    yield `the Dockerfile ${quoted(dockerfile)} is not in the context; allowed: a path below the context`;
  }
  for (const [name, value] of Object.entries(args)) {
    if (/^BUILDKIT_/i.test(name)) {
      yield `the build argument ${quoted(name)} tells the builder how to build; allowed: arguments that the Dockerfile declares`;
      continue;
    }
    if (credentialIn(value) === undefined && (!isCredentialName(name) || value === '')) continue;
    yield `the build argument ${quoted(name)} looks like a credential; allowed: none, arguments stay in the image`;
  }
}

/** Runtimes of makers of accelerators: NVIDIA_VISIBLE_DEVICES and its like say there which devices a container gets. */
const DEVICE_RUNTIME = /nvidia|habana|ascend|neuron|rocm|^amd/i;

export const IMAGE_RULES: readonly Rule[] = [
  {
    id: 'bottles::image-reference',
    severity: 'error',
    what: 'an image reference that is malformed',
    why: 'the engine refuses it, or reads it as an option',
    fix: "write e.g. Image.from('registry.example.com/team/agent:1.2'), best with a digest",
    *check(bottle) {
      for (const declared of imagesOf(bottle)) {
        const { image, service } = declared;
        if (image.kind !== 'reference' || isReference(image.reference)) continue;
        yield breach(
          declared,
          `image ${quoted(image.reference)} of ${service} is malformed; allowed: [registry/]name[:tag][@sha256:digest]`,
        );
      }
    },
  },
  {
    id: 'bottles::image-floating',
    severity: 'warning',
    what: 'an image of your own without a tag or digest, or tagged latest',
    why: 'another deploy of the same definition may run another image',
    fix: 'name a tag, best with a digest',
    *check(bottle) {
      for (const declared of imagesOf(bottle)) {
        const { image, service } = declared;
        if (image.kind !== 'reference' || !isReference(image.reference) || !isFloating(image.reference)) continue;
        yield breach(declared, `image ${quoted(image.reference)} of ${service} may change under its name`);
      }
    },
  },
  {
    id: 'bottles::image-digest',
    severity: 'error',
    what: 'an image that is named without a digest, where the app asks for digests by the context key `requireDigests`',
    why: 'whoever may push to the registry decides what runs under a tag; images that deploy builds itself are pinned by their content',
    fix: "name it by digest, e.g. Image.from('registry.example.com/team/agent:1.2@sha256:…')",
    *check(bottle) {
      if (bottle.requireDigests !== true) return;
      for (const declared of imagesOf(bottle)) {
        const { image, service } = declared;
        if (image.kind !== 'reference' || image.reference.includes('sha256:')) continue;
        yield breach(
          declared,
          `image ${quoted(image.reference)} of ${service} has no digest, and the app requires them; allowed: references with @sha256:…`,
        );
      }
    },
  },
  {
    id: 'bottles::image-build',
    severity: 'error',
    what: 'a build from a URL, from a forbidden directory, or with a credential as argument',
    why: 'a build reads its context with the rights of the engine, and arguments stay in the history of the image',
    fix: 'build from a directory of the project, and give secrets to nothing that builds',
    *check(bottle) {
      for (const declared of imagesOf(bottle)) {
        if (declared.image.kind !== 'build') continue;
        for (const problem of buildProblems(declared.image)) {
          yield breach(declared, `${problem} (image of ${declared.service})`);
        }
      }
    },
  },
  {
    id: 'bottles::image-claude-code',
    severity: 'error',
    what: "AgentImage.claudeCode as the bundle's image, or with anything but an exact version",
    why: 'the version is what npm installs at build, and a range or a tag changes without a change of the definition',
    fix: "write AgentImage.claudeCode({ version: '2.0.0' }) on the agent",
    *check(bottle) {
      for (const declared of imagesOf(bottle)) {
        const { image, service } = declared;
        if (image.kind !== 'claudeCode') continue;
        if (service === 'the bundle')
          yield breach(
            declared,
            'the image of the bundle is AgentImage.claudeCode; allowed: Image values that hold the four daemons',
          );
        if (image.version !== undefined && !VERSION.test(image.version)) {
          yield breach(
            declared,
            `version ${quoted(image.version)} of AgentImage.claudeCode; allowed: an exact version such as '2.0.0'`,
          );
        }
      }
    },
  },
  {
    id: 'bottles::agent-user',
    severity: 'error',
    what: 'a user of the agent that is malformed',
    why: 'the engine refuses it',
    fix: "write '1000', '1000:1000' or a name of the image",
    *check({ agent }) {
      if (
        agent.user === undefined ||
        /^(?:\d{1,10}(?::\d{1,10})?|[a-z_][a-z0-9_-]{0,31}(?::[a-z_][a-z0-9_-]{0,31})?)$/.test(agent.user)
      )
        return;
      yield {
        path: agent.path,
        part: agent,
        message: `\`user\` ${quoted(agent.user)}; allowed: uid, uid:gid, or a name`,
      };
    },
  },
  {
    id: 'bottles::agent-root',
    severity: 'warning',
    what: 'an agent that runs as root',
    why: 'a flaw of the kernel or the runtime is worth more to root, and what it writes into mounts belongs to root',
    fix: 'leave `user` out, or name a user who is not root',
    *check({ agent }) {
      if (agent.user === undefined || !isRootUser(agent.user)) return;
      yield { path: agent.path, part: agent, message: `\`user\` ${quoted(agent.user)} is root` };
    },
  },
  {
    id: 'bottles::agent-writable-root',
    severity: 'warning',
    what: 'an agent whose root file system can be written to',
    why: 'what the agent changes there, its own programs among it, stays until the container is made anew, and fills the disk of the host',
    fix: 'leave `readOnlyRoot` out, and mount a volume or a tmpfs where the agent has to write',
    *check({ agent }) {
      if (!agent.readOnlyRoot) yield { path: agent.path, part: agent, message: '`readOnlyRoot` is false' };
    },
  },
  {
    id: 'bottles::agent-runtime',
    severity: 'error',
    what: 'a container runtime whose name is malformed, or that is known to put devices of the host into containers',
    why: 'the engine refuses the one, and by the other a variable of the agent or its image is enough to get a device',
    fix: "write the name that the engine knows a sandbox by, e.g. 'runsc', or leave `runtime` out",
    *check({ agent: { path, runtime }, agent }) {
      if (runtime === undefined) return;
      const problem = !/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/.test(runtime)
        ? "allowed: letters, digits, '_', '.' and '-'"
        : DEVICE_RUNTIME.test(runtime)
          ? 'brings devices of the host; allowed: runtimes that bring none'
          : undefined;
      if (problem === undefined) return;
      const said = problem.startsWith('allowed') ? `${quoted(runtime)}; ${problem}` : `${quoted(runtime)} ${problem}`;
      yield { path, part: agent, message: `\`runtime\` ${said}` };
    },
  },
  {
    id: 'bottles::agent-command',
    severity: 'error',
    what: 'an empty command, or an argument with a NUL character or a credential',
    why: 'an argument list is readable by everyone who may list processes, and is written to the output',
    fix: 'leave `command` out for an agent that waits for the operator',
    *check({ agent }) {
      if (agent.command.length === 0 || agent.command[0] === '') {
        yield { path: agent.path, part: agent, message: '`command` is empty; allowed: one argument at least' };
      }
      for (const [index, argument] of agent.command.entries()) {
        const kind = argument.includes('\0') ? 'NUL' : credentialIn(argument);
        if (kind === undefined) continue;
        yield {
          path: agent.path,
          part: agent,
          message: `command[${index}] holds ${kind === 'NUL' ? 'a NUL character' : kind}; allowed: neither NUL nor credentials`,
        };
      }
    },
  },
];
