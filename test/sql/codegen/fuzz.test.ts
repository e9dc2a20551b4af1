import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import {
  BIGINT,
  BOOLEAN,
  DATE,
  type DataType,
  DOUBLE,
  INTEGER,
  INTERVAL,
  TIMESTAMP,
  VARCHAR,
} from '../../../src/data/type.ts';
import { Compiled, differencesByRow, Oracle, randomRows } from '../../support/expression-oracle.ts';
import {
  call,
  caseWhen,
  castTo,
  coalesce,
  column,
  compare,
  edgeValues,
  int,
  isDistinct,
  isIn,
  isNull,
  junction,
  literal,
  not,
  type Twin,
  testSchema,
  text,
} from '../../support/expressions.ts';
import { often } from '../../support/random.ts';

/** More with LAMINAR_TIMES=20. */
const RUNS = often(25);
const TREES_A_RUN = 12;
const DEPTH = 4;

const rows = randomRows(testSchema, 60, 3);
let compiled: Compiled;
let oracle: Oracle;

beforeAll(async () => {
  compiled = new Compiled(testSchema);
  oracle = await Oracle.create(testSchema, rows);
});

type Trees = Record<'boolean' | 'integer' | 'bigint' | 'double' | 'varchar' | 'timestamp' | 'date' | 'interval', Twin>;
type Tie = <K extends keyof Trees>(key: K) => fc.Arbitrary<Twin>;

const TYPES: Record<keyof Trees, DataType> = {
  boolean: BOOLEAN,
  integer: INTEGER,
  bigint: BIGINT,
  double: DOUBLE,
  varchar: VARCHAR,
  timestamp: TIMESTAMP,
  date: DATE,
  interval: INTERVAL,
};
const KEYS = Object.keys(TYPES) as (keyof Trees)[];

/** No bare NULL: DuckDB does not evaluate the other arguments of a function then, and misses their errors. */
function leaf(key: keyof Trees): fc.Arbitrary<Twin> {
  const columns = ['a', 'b', 'c'].map((suffix) => column(`${key}_${suffix}`));
  const literals = edgeValues(TYPES[key]).map((value) => literal(value, TYPES[key]));
  return fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...columns) },
    { weight: 3, arbitrary: fc.constantFrom(...literals) },
  );
}

const binary = (names: readonly string[], left: fc.Arbitrary<Twin>, right = left): fc.Arbitrary<Twin> =>
  fc.tuple(fc.constantFrom(...names), left, right).map(([name, l, r]) => call(name, l, r));
const unary = (names: readonly string[], operand: fc.Arbitrary<Twin>): fc.Arbitrary<Twin> =>
  fc.tuple(fc.constantFrom(...names), operand).map(([name, o]) => call(name, o));

/** What every type has: CASE, COALESCE, greatest and least. */
function anyOf(tie: Tie, key: keyof Trees): fc.Arbitrary<Twin>[] {
  const self = tie(key);
  return [
    fc.tuple(tie('boolean'), self, self).map(([when, a, b]) => caseWhen([[when, a]], b)),
    fc.tuple(tie('boolean'), self, tie('boolean'), self).map(([when, a, or, b]) => {
      return caseWhen(
        [
          [when, a],
          [or, b],
        ],
        literal(null, TYPES[key]),
      );
    }),
    fc.tuple(self, self).map(([a, b]) => coalesce(a, b)),
    fc.tuple(self, self, self).map(([a, b, c]) => coalesce(a, b, c)),
    binary(['greatest', 'least'], self),
  ];
}

function booleans(tie: Tie): fc.Arbitrary<Twin>[] {
  const self = tie('boolean');
  const pairs = fc.oneof(...KEYS.map((key) => fc.tuple(tie(key), tie(key))));
  return [
    fc.tuple(fc.constantFrom('and' as const, 'or' as const), self, self).map(([kind, a, b]) => junction(kind, a, b)),
    fc
      .tuple(fc.constantFrom('and' as const, 'or' as const), self, self, self)
      .map(([kind, ...all]) => junction(kind, ...all)),
    self.map(not),
    fc.tuple(fc.oneof(...KEYS.map(tie)), fc.boolean()).map(([operand, negated]) => isNull(operand, negated)),
    fc
      .tuple(
        fc.constantFrom('=' as const, '<>' as const, '<' as const, '<=' as const, '>' as const, '>=' as const),
        pairs,
      )
      .map(([operator, [a, b]]) => compare(operator, a, b)),
    fc.tuple(pairs, fc.boolean()).map(([[a, b], negated]) => isDistinct(a, b, negated)),
    fc
      .tuple(
        fc.oneof(...KEYS.map((key) => fc.tuple(tie(key), fc.array(leaf(key), { minLength: 1, maxLength: 7 })))),
        fc.boolean(),
      )
      .map(([[operand, list], negated]) => isIn(operand, list, negated)),
    binary(['contains', 'starts_with', 'ends_with', 'like', 'ilike'], tie('varchar')),
  ];
}

const trees = fc.letrec<Trees>((tie) => {
  const node = (key: keyof Trees, more: fc.Arbitrary<Twin>[]): fc.Arbitrary<Twin> =>
    fc.oneof({ maxDepth: DEPTH, depthIdentifier: 'tree' }, leaf(key), ...anyOf(tie as Tie, key), ...more);
  const [integer, bigint, number] = [tie('integer'), tie('bigint'), tie('double')];
  const [words, time, day, interval] = [tie('varchar'), tie('timestamp'), tie('date'), tie('interval')];
  const arithmetic = ['+', '-', '*', '//', '%'];
  return {
    boolean: node('boolean', booleans(tie as Tie)),
    integer: node('integer', [
      binary(arithmetic, integer),
      unary(['-', 'abs'], integer),
      unary(['sign'], number),
      unary(['ascii'], words),
      fc.oneof(bigint, words, tie('boolean')).map((o) => castTo(o, INTEGER, true)),
    ]),
    bigint: node('bigint', [
      binary(arithmetic, bigint),
      binary(arithmetic, bigint, integer),
      unary(['-', 'abs'], bigint),
      unary(['length', 'strlen'], words),
      binary(['strpos'], words),
      unary(['year', 'week', 'dayofyear', 'epoch_ms'], time),
      binary(['-'], day),
      fc.oneof(number, words, integer).map((o) => castTo(o, BIGINT, true)),
    ]),
    double: node('double', [
      binary(['+', '-', '*', '/', '%'], number),
      binary(['/', '-'], integer, number),
      unary(['-', 'abs', 'floor', 'ceil', 'round', 'sqrt', 'ln'], number),
      fc.oneof(bigint, words).map((o) => castTo(o, DOUBLE, true)),
      unary(['epoch'], time),
    ]),
    varchar: node('varchar', [
      binary(['||', 'concat'], words),
      binary(['||'], words, integer),
      binary(['left', 'right', 'substring'], words, integer),
      unary(['upper', 'lower', 'trim', 'reverse'], words),
      fc.tuple(words, words, words).map(([a, b, c]) => call('replace', a, b, c)),
      fc.oneof(bigint, leaf('double'), time, day, tie('boolean')).map((o) => castTo(o, VARCHAR)),
    ]),
    timestamp: node('timestamp', [
      binary(['+', '-'], time, interval),
      binary(['+'], day, interval),
      time.map((t) => call('date_trunc', text('month'), t)),
      time.map((t) => call('time_bucket', literal(900_000_000n, INTERVAL), t)),
      day.map((o) => castTo(o, TIMESTAMP, true)),
    ]),
    date: node('date', [day.map((d) => call('+', d, int(40))), time.map((o) => castTo(o, DATE))]),
    interval: node('interval', [binary(['+', '-'], interval), interval.map((i) => call('*', i, literal(3n, BIGINT)))]),
  };
});

it('random expressions give what DuckDB gives, row by row', { timeout: 120_000 }, async () => {
  const any = fc.oneof(...KEYS.map((key) => trees[key]));
  await fc.assert(
    fc.asyncProperty(fc.array(any, { minLength: TREES_A_RUN, maxLength: TREES_A_RUN }), async (twins) => {
      expect(await differencesByRow(twins, rows, { compiled, oracle })).toEqual([]);
    }),
    { numRuns: RUNS },
  );
});
