import { Agent, type IConstruct, type IMixin } from 'claude-bottle';

/** For bottles that work while nobody watches: no colours, no questions. */
export class Nightly implements IMixin {
  supports(construct: IConstruct): construct is Agent {
    return construct instanceof Agent;
  }

  applyTo(construct: IConstruct): void {
    if (!this.supports(construct)) return;
    construct.addEnv('CI', '1');
    construct.addOverride('labels.com\\.example\\.watched', 'no');
  }
}
