/** Runs the Python tests of what egress takes out of answers. */

import * as assert from 'uvu/assert';
import { suite } from '../../support/suite.ts';
import { missingPython, runPython } from './python.ts';

const test = suite('egress redaction', { timeoutMs: 180_000 });

const name = 'no encoding and no cut of an answer lets a credential through';
if (missingPython !== undefined) {
  test.skip(name, missingPython);
} else {
  test(name, () => {
    const { status, report } = runPython('test_redaction.py');
    assert.is(status, 0, report);
    assert.match(report, /Ran 1\d tests/);
  });
}

test.run();
