import { type IConstruct, RootConstruct } from 'constructs';
import { type Assembly, type JudgeInput, SYNTH_ENV, synthesize } from '../lib/assembly/index.ts';
import { BottleError } from '../lib/errors.ts';
import { type HousePlan, isRecord, type Locate } from '../lib/plan/index.ts';
import { type Lowered, lowerApp, lowerHouse } from '../lib/plan/lower/index.ts';
import { checkPlans } from '../lib/rules/index.ts';
import { declare } from './declare.ts';
import { readable } from './declared-construct.ts';
import { definitionSite } from './definition-site.ts';
import { frozen } from './frozen.ts';
import { projectName } from './project-name.ts';
import { treeOf } from './tree.ts';
import { visitAspects } from './visit-aspects.ts';
import { workingProject } from './working-project.ts';

export interface AppProps {
  /**
   * Output directory, relative to the working directory, where the definition is run by itself. `bottle` writes to its
   * `--output`, to `output` of `cdk.json`, or to `dist`.
   * @default 'dist'
   */
  readonly outdir?: string;
  /**
   * Values that constructs read with `node.tryGetContext`; `-c key=value` beats them.
   * @default none
   */
  readonly context?: Readonly<Record<string, unknown>>;
}

type Environment = Readonly<Record<string, string | undefined>>;

const OUTDIR = 'dist';

/** The context that the CLI passes on. */
function commandLineContext(text: string | undefined): Readonly<Record<string, unknown>> {
  if (text === undefined || text === '') return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new BottleError('synth/context-not-json', `${SYNTH_ENV.context} is not JSON`, {
      fix: 'run the definition with bottle synth, or unset the variable',
      cause,
    });
  }
  if (isRecord(parsed)) return parsed;
  throw new BottleError('synth/context-not-an-object', `${SYNTH_ENV.context} holds no JSON object`, {
    fix: 'run the definition with bottle synth, or unset the variable',
  });
}

/** The root of a definition. */
export class App extends RootConstruct {
  /** The app that `construct` is in. Throws if its root is something else. */
  static of(construct: IConstruct): App {
    const { root } = construct.node;
    if (root instanceof App) return root;
    throw new Error(`${construct.node.path || 'the construct'} is not in an App`);
  }

  /** Where `synth` writes, as given. */
  readonly outdir: string;
  /** @internal */
  readonly props: unknown;
  /** @internal */
  readonly locate: Locate;

  constructor(props: AppProps = {}) {
    super();
    this.props = frozen(props);
    this.locate = definitionSite();
    const { outdir, context } = readable(props);
    this.outdir = process.env[SYNTH_ENV.outdir] || (typeof outdir === 'string' && outdir !== '' ? outdir : OUTDIR);
    const fromCommandLine = commandLineContext(process.env[SYNTH_ENV.context]);
    for (const [key, value] of Object.entries({ ...(isRecord(context) ? context : {}), ...fromCommandLine })) {
      this.node.setContext(key, value);
    }
  }

  /**
   * Writes the assembly. Throws a `SynthError` with everything that is wrong, and writes nothing, if any finding is an
   * error. The tree cannot be changed afterwards.
   */
  synth(): Assembly {
    return synthesize({ ...judgeInput(this), tree: treeOf(this), outdir: this.outdir });
  }
}

/** What the last rules and the renderers get of `app`. Its aspects have been asked, and it cannot be changed any more. */
export function judgeInput(app: App): JudgeInput {
  visitAspects(app);
  app.node.lock();
  const { plans, findings, locations, house } = lower(app);
  const breaches = checkPlans(plans, locations, workingProject());
  return { plans, findings: [...findings, ...breaches], locations, house };
}

/** The plans of an app and what is wrong with the definition's shape; no rule is asked. */
export function lower(app: App, environment: Environment = process.env): Lowered & { readonly house: HousePlan } {
  visitAspects(app);
  const sidecarImage = environment['CLAUDE_BOTTLE_SIDECAR_IMAGE'];
  const bundleFlag = environment['CLAUDE_BOTTLE_SIDECAR_BUNDLE'];
  const { house, ...tree } = declare(app);
  const lowered = lowerApp({
    ...tree,
    name: projectName(process.cwd()),
    props: app.props,
    locate: app.locate,
    suffix: app.node.tryGetContext('suffix'),
    requireDigests: app.node.tryGetContext('requireDigests'),
    ...(sidecarImage === undefined ? {} : { sidecarImage }),
    ...(bundleFlag === undefined ? {} : { bundleFlag }),
  });
  const bottles = tree.bottles.map(({ path }) => path);
  return { ...lowered, house: lowerHouse(house, bottles) };
}
