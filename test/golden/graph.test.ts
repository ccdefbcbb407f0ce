/** One picture of each form; refreshed by UPDATE_GOLDEN=1, and to be looked at then. */

import { htmlText, mermaidText, svgText } from '../../lib/graph/index.ts';
import { matchesGolden } from '../support/golden.ts';
import { graphOf } from '../support/graphs.ts';
import { exposed, fullMatrix, planWith } from '../support/plans.ts';
import { suite } from '../support/suite.ts';

const test = suite('pictures');

test('the topology as SVG, Mermaid and HTML: the full bundle, the split shape, an exposed pipelock', () => {
  const daemons = ['egress', 'git-gate'] as const;
  const graphs = [
    graphOf(fullMatrix()),
    graphOf({ ...planWith(daemons, { shape: 'split' }), slug: 'apart' }),
    graphOf({ ...planWith(daemons, exposed(daemons)), slug: 'exposed' }),
    graphOf({ ...planWith([]), slug: 'reader' }),
  ];
  matchesGolden('graph', {
    'topology.svg': svgText(graphs),
    'topology.mmd': mermaidText(graphs),
    'topology.html': htmlText(graphs),
  });
});

test.run();
