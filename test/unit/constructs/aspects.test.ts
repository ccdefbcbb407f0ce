import {
  Agent,
  App,
  type Aspect,
  AspectPriority,
  Aspects,
  Bottle,
  Construct,
  type IConstruct,
  type IMixin,
  SidecarBundle,
} from 'claude-bottle';
import * as assert from 'uvu/assert';
import { lower } from '../../../constructs/app.ts';
import { BottleError } from '../../../lib/errors.ts';
import { suite } from '../../support/suite.ts';
import { findingsOf } from '../rules/definition.ts';

const test = suite('aspects and mixins', { timeoutMs: 30_000 });

const demo = (scope: Construct, id = 'demo'): Bottle => new Bottle(scope, id, { agent: {}, sidecars: {} });

const pathOf = ({ node }: IConstruct): string => node.path || 'app';

/** An aspect that writes down, as `name:path`, what it visits. */
const noting = (visits: string[], name = ''): Aspect => ({
  visit: (node) => {
    visits.push(name === '' ? pathOf(node) : `${name}:${pathOf(node)}`);
  },
});

/** The error that the aspects of `app` end with. */
function errorOf(app: App): BottleError {
  try {
    lower(app, {});
  } catch (error) {
    if (error instanceof BottleError) return error;
    throw error;
  }
  throw new Error('the aspects went through');
}

test('an aspect visits its scope and everything below it, parents before children, in order of declaration', () => {
  const app = new App();
  const team = new Construct(app, 'team');
  demo(app, 'outside');
  demo(team, 'b');
  demo(team, 'a');
  const visits: string[] = [];
  Aspects.of(team).add(noting(visits));
  lower(app, {});
  const parts = (bottle: string): string[] => [
    bottle,
    ...['Agent', 'Sidecars', 'Sidecars/pipelock'].map((id) => `${bottle}/${id}`),
  ];
  assert.equal(visits, ['team', ...parts('team/b'), ...parts('team/a')]);
});

test('what an aspect changes is in the plan', () => {
  const app = new App();
  demo(app);
  Aspects.of(app).add({
    visit: (node) => {
      if (node instanceof Agent) node.addEnv('EDITOR', 'vim');
      if (node instanceof SidecarBundle) node.addOverride('mem_limit', '2g');
    },
  });
  const [plan] = lower(app, {}).plans;
  assert.equal(plan?.agent.env, [{ kind: 'literal', name: 'EDITOR', value: 'vim' }]);
  assert.equal(
    plan?.sidecars.overrides.map(({ kind }) => kind),
    ['set'],
  );
});

test('on each construct the lower priority comes first, and of equal ones that of the construct above', () => {
  const app = new App();
  const bottle = demo(app);
  const visits: string[] = [];
  Aspects.of(bottle.agent).add(noting(visits, 'own'));
  Aspects.of(bottle.agent).add(noting(visits, 'early'), { priority: 1 });
  Aspects.of(app).add(noting(visits, 'late'), { priority: AspectPriority.READONLY });
  Aspects.of(app).add(noting(visits, 'first'));
  Aspects.of(app).add(noting(visits, 'second'));
  Aspects.of(bottle).add(noting(visits, 'mutating'), { priority: AspectPriority.MUTATING });
  lower(app, {});
  const onAgent = visits.filter((visit) => visit.endsWith(':demo/Agent')).map((visit) => visit.split(':')[0]);
  assert.equal(onAgent, ['early', 'mutating', 'first', 'second', 'own', 'late']);
});

test('one aspect visits one construct once, however often and wherever it was added', () => {
  const app = new App();
  const bottle = demo(app);
  const visits: string[] = [];
  const aspect = noting(visits);
  for (const scope of [app, app, bottle, bottle.agent]) Aspects.of(scope).add(aspect);
  lower(app, {});
  lower(app, {});
  assert.is(visits.length, new Set(visits).size);
  assert.is(visits.length, 5);
});

test('constructs that an aspect adds are visited, by the aspects that have been there too', () => {
  const app = new App();
  demo(app);
  const visits: string[] = [];
  Aspects.of(app).add(noting(visits), { priority: 1 });
  Aspects.of(app).add({
    visit: (node) => {
      if (node.node.path === 'demo/Agent') demo(app, 'sibling');
      if (node.node.path === 'demo') new Construct(node as Construct, 'below');
    },
  });
  assert.is(lower(app, {}).plans.length, 2);
  for (const path of ['sibling', 'sibling/Agent', 'demo/below']) assert.ok(visits.includes(path), path);
});

test('aspects that an aspect adds visit everything below their scope, also what has been visited before', () => {
  const app = new App();
  const bottle = demo(app);
  const visits: string[] = [];
  Aspects.of(app).add({
    visit: (node) => {
      if (node === bottle.agent) Aspects.of(bottle).add(noting(visits));
    },
  });
  lower(app, {});
  assert.equal(visits.sort(), ['demo', 'demo/Agent', 'demo/Sidecars', 'demo/Sidecars/pipelock']);
});

test('an aspect that comes too late for its priority is an error that names both and the construct', () => {
  const app = new App();
  demo(app);
  Aspects.of(app).add({
    visit: (node) => {
      if (node === app)
        Aspects.of(app).add(
          new (class Early implements Aspect {
            visit(): void {}
          })(),
          { priority: 3 },
        );
    },
  });
  const { code, message, fix } = errorOf(app);
  assert.is(code, 'synth/aspect-too-late');
  assert.match(
    message,
    /^aspect Early \(added at test\/unit\/constructs\/aspects\.test\.ts:\d+\) of priority 3 was added when an aspect \(added at [^)]+\) of priority 500 had visited the app$/,
  );
  assert.match(fix ?? '', /at least 500/);
});

test('an aspect that throws is an error that names the construct, the aspect and its line', () => {
  class Careless implements Aspect {
    visit(node: IConstruct): void {
      if (node instanceof Agent) throw new TypeError('no such limit');
    }
  }
  const app = new App();
  demo(app);
  Aspects.of(app).add(new Careless());
  const { code, message, cause } = errorOf(app);
  assert.is(code, 'synth/aspect-failed');
  assert.match(
    message,
    /^aspect Careless \(added at test\/unit\/constructs\/aspects\.test\.ts:\d+\) failed at demo\/Agent: no such limit$/,
  );
  assert.instance(cause, TypeError);
});

test('an aspect that goes on after synth is an error: what it did then would be lost', () => {
  const app = new App();
  Aspects.of(app).add({ visit: async () => {} });
  assert.match(errorOf(app).message, /failed at the app: visit is asynchronous/);
});

const ENDLESS: Readonly<Record<string, (node: IConstruct, count: number) => void>> = {
  'a child below each child': (node) => {
    new Construct(node as Construct, 'more');
  },
  'a sibling beside each construct': (node, count) => {
    new Construct(node.node.root as Construct, `more${count}`);
  },
  'two siblings beside each construct': (node, count) => {
    for (const side of ['left', 'right']) new Construct(node.node.root as Construct, `${side}${count}`);
  },
};

for (const [what, grow] of Object.entries(ENDLESS)) {
  test(`an aspect that adds ${what} is stopped with an error that names it`, () => {
    const app = new App();
    let count = 0;
    Aspects.of(app).add({
      visit: (node) => {
        count += 1;
        grow(node, count);
      },
    });
    const { code, message } = errorOf(app);
    assert.is(code, 'synth/aspects-endless');
    assert.match(message, /^an aspect \(added at [^)]+:\d+\) made the tree grow without end, last at /);
  });
}

test('an aspect that adds an aspect on each visit is stopped, too', () => {
  const again = (): Aspect => ({ visit: (node) => Aspects.of(node).add(again()) });
  const app = new App();
  Aspects.of(app).add(again());
  assert.is(errorOf(app).code, 'synth/aspects-endless');
});

test('many aspects, and a deep part that an aspect adds, are not endless', () => {
  const app = new App();
  const visits: string[] = [];
  for (let index = 0; index < 300; index += 1) Aspects.of(app).add(noting(visits, `${index}`));
  Aspects.of(app).add({
    visit: (node) => {
      if (node !== app) return;
      let scope: Construct = app;
      for (let depth = 0; depth < 20; depth += 1) scope = new Construct(scope, 'deeper');
    },
  });
  lower(app, {});
  assert.is(visits.length, 300 * 21);
});

test('a value that is no aspect, and a priority that is no number, are findings at their lines', () => {
  const values: readonly unknown[] = [undefined, null, 'x', 7, {}, { visit: true }, () => {}, Agent];
  const app = new App();
  demo(app);
  for (const value of values) Aspects.of(app).add(value as Aspect);
  for (const priority of ['high', Number.NaN, {}]) Aspects.of(app).add(noting([]), { priority } as never);
  const findings = findingsOf(app);
  assert.equal(new Set(findings.map(({ rule }) => rule)), new Set(['bottles::wrong-type']));
  assert.is(findings.length, values.length + 3);
  assert.match(
    findings[2]?.message ?? '',
    /^what was given to Aspects\.add is a text; allowed: an aspect, an object with a method `visit\(node\)`$/,
  );
  assert.match(findings.at(-3)?.message ?? '', /`priority` given to Aspects\.add is a text; allowed: a finite number/);
  for (const { location } of findings) assert.is(location?.file, 'test/unit/constructs/aspects.test.ts');
});

test('options that are no object leave the priority as it is', () => {
  const app = new App();
  demo(app);
  Aspects.of(app).add(noting([]), null as never);
  assert.equal(findingsOf(app), []);
});

test('an aspect that is added after synth throws: it would have no effect', () => {
  const app = new App();
  app.node.lock();
  assert.throws(() => Aspects.of(app).add(noting([])), /the app was given an aspect after app\.synth\(\)/);
});

class Nightly implements IMixin {
  supports(construct: IConstruct): construct is Agent {
    return construct instanceof Agent;
  }

  applyTo(construct: IConstruct): void {
    if (this.supports(construct)) construct.addEnv('NIGHTLY', '1');
  }
}

test('a mixin is applied at once to what it supports, and the construct is given back as what it is', () => {
  const app = new App();
  const bottle: Bottle = demo(app, 'mixed').with(new Nightly());
  demo(app, 'plain');
  const agent: Agent = bottle.agent.with();
  assert.is(agent, bottle.agent);
  const [mixed, plain] = lower(app, {}).plans;
  assert.equal(
    mixed?.agent.env.map(({ name }) => name),
    ['NIGHTLY'],
  );
  assert.equal(plain?.agent.env, []);
});

test('a mixin that is applied after synth throws: it would have no effect', () => {
  const app = new App();
  const bottle = demo(app);
  app.node.lock();
  assert.throws(() => bottle.with(new Nightly()), /demo\/Agent was changed after app\.synth\(\)/);
});

test.run();
