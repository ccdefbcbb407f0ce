import { Value } from './value.ts';

export interface ImageBuildOptions {
  /**
   * Dockerfile, relative to the context.
   * @default 'Dockerfile'
   */
  readonly dockerfile?: string;
  /**
   * Build arguments. They stay in the image's history: never a secret.
   * @default none
   */
  readonly args?: Readonly<Record<string, string>>;
}

/** A container image. */
export class Image extends Value<'Image'> {
  /** An image by reference, best with a digest: `registry.example.com/team/agent@sha256:…`. */
  static from(reference: string): Image {
    return new Image('Image', 'from', { reference });
  }

  /** An image that deploy builds from the directory `context`, relative to the project. */
  static build(context: string, options: ImageBuildOptions = {}): Image {
    return new Image('Image', 'build', { context, options });
  }

  /** @internal See {@link AgentImage.claudeCode}. */
  static ofClaudeCode(options: ClaudeCodeOptions): Image {
    return new Image('Image', 'claudeCode', { options });
  }
}

export interface ClaudeCodeOptions {
  /**
   * Exact version of `@anthropic-ai/claude-code`.
   * @default the one that this package pins
   */
  readonly version?: string;
}

/** Images of this package for the agent. */
export const AgentImage = {
  /** Claude Code's CLI, git and curl, with a user who is not root. */
  claudeCode: (options: ClaudeCodeOptions = {}): Image => Image.ofClaudeCode(options),
} as const;
