import { Match } from 'claude-bottle/testing';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { mismatchesOf } from '../../../testing/matcher.ts';
import { suite } from '../../support/suite.ts';

const test = suite('testing › Match');

const matches = (actual: unknown, pattern: unknown): boolean => mismatchesOf(actual, pattern, '').length === 0;

/** Each matcher with what it matches and what is next to it. */
const CASES: readonly (readonly [string, unknown, readonly unknown[], readonly unknown[]])[] = [
  ['a plain value', 4, [4], [5, '4', null, undefined]],
  ['a plain object', { a: 1 }, [{ a: 1 }, { a: 1, b: 2 }], [{ a: 2 }, {}, [], null, 'a']],
  ['a plain list', [1, { a: 1 }], [[1, { a: 1, b: 2 }]], [[1], [1, { a: 1 }, 2], [{ a: 1 }, 1], {}]],
  ['anyValue', Match.anyValue(), [0, '', false, {}], [null, undefined]],
  ['absent', { a: Match.absent() }, [{}, { b: 1 }], [{ a: 1 }, { a: null }]],
  ['exact', Match.exact({ a: { b: 1 } }), [{ a: { b: 1 } }], [{ a: { b: 1, c: 2 } }, { a: { b: 1 }, d: 3 }]],
  ['objectLike', Match.objectLike({ a: { b: 1 } }), [{ a: { b: 1, c: 2 }, d: 3 }], [{ a: {} }, 'a', [1]]],
  ['objectEquals', Match.objectEquals({ a: 1 }), [{ a: 1 }], [{ a: 1, b: 2 }, {}]],
  [
    'arrayWith',
    Match.arrayWith([1, 3]),
    [
      [1, 2, 3],
      [1, 3],
    ],
    [[3, 1], [1], [], {}, undefined],
  ],
  ['arrayEquals', Match.arrayEquals([1, 2]), [[1, 2]], [[2, 1], [1, 2, 3], [1]]],
  ['stringLikeRegexp', Match.stringLikeRegexp('^a+$'), ['a', 'aaa'], ['b', 1, null]],
  ['not', Match.not({ a: 1 }), [{ a: 2 }, {}, 4], [{ a: 1, b: 2 }]],
];

for (const [name, pattern, matching, others] of CASES) {
  test(`${name} matches what it should and nothing next to it`, () => {
    for (const actual of matching) assert.ok(matches(actual, pattern), JSON.stringify(actual));
    for (const actual of others) assert.not.ok(matches(actual, pattern), JSON.stringify(actual));
  });
}

test('an expression with the flag g matches the same text again', () => {
  const pattern = Match.stringLikeRegexp(/a/g);
  assert.ok(matches('a', pattern));
  assert.ok(matches('a', pattern));
});

test('a key of a prototype is not taken for one of the object', () => {
  assert.not.ok(matches({}, { toString: Match.anyValue() }));
});

test('any value matches itself, exactly and loosely, and its negation never', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      assert.ok(matches(value, value));
      assert.ok(matches(value, Match.exact(value)));
      assert.not.ok(matches(value, Match.not(value)));
    }),
  );
});

test.run();
