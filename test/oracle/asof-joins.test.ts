// Random ASOF joins match what a plain join and ROW_NUMBER find in DuckDB.

import fc from 'fast-check';
import { test } from 'vitest';
import { often } from '../support/random.ts';
import type { Sql } from './generate.ts';
import { checkJoin, tablesOf, withDuckDB } from './join-check.ts';

withDuckDB();

const RUNS = often(40);

const seconds = (n: number) => `INTERVAL '${n}' SECOND`;
const KEYS = ['a.k = b.k', 'a.i % 3 = b.i % 3', 'a.k = b.k AND a.f = b.f', 'a.i = b.i', ''];

interface Match {
  /** As MATCH_CONDITION has it. */
  match: string;
  /** Which pairs may match, for DuckDB. */
  pairs: string;
  /** The best of them. */
  order: string;
}

const LAST = 'b.t DESC, b.seq DESC';
const FIRST = 'b.t, b.seq DESC';
const NEAREST = 'abs(epoch_us(a.t) - epoch_us(b.t)), b.t, b.seq DESC';

const plain = (match: string, order: string): Match => ({ match, pairs: match, order });

const MATCHES: readonly Match[] = [
  plain('a.t >= b.t', LAST),
  plain('a.t > b.t', LAST),
  plain('b.t <= a.t', LAST),
  plain('a.t <= b.t', FIRST),
  plain('a.t < b.t', FIRST),
  plain(`a.t >= b.t AND a.t - b.t <= ${seconds(4)}`, LAST),
  plain(`a.t > b.t AND b.t >= a.t - ${seconds(7)}`, LAST),
  plain(`a.t <= b.t AND b.t - a.t <= ${seconds(6)}`, FIRST),
  plain(`a.t < b.t AND b.t < a.t + ${seconds(9)}`, FIRST),
  plain(`a.t >= b.t + ${seconds(3)}`, LAST),
  plain(`a.t >= b.t - ${seconds(3)}`, LAST),
  plain(`a.t <= b.t - ${seconds(2)} AND b.t <= a.t + ${seconds(11)}`, FIRST),
  plain(`a.t <= b.t + ${seconds(5)}`, FIRST),
  { match: 'NEAREST(a.t, b.t)', pairs: 'TRUE', order: NEAREST },
  {
    match: `NEAREST(a.t, b.t) AND a.t - b.t <= ${seconds(5)} AND b.t - a.t <= ${seconds(5)}`,
    pairs: `a.t - b.t <= ${seconds(5)} AND b.t - a.t <= ${seconds(5)}`,
    order: NEAREST,
  },
  {
    match: `NEAREST(a.t, b.t) AND a.t >= b.t - ${seconds(8)}`,
    pairs: `a.t >= b.t - ${seconds(8)}`,
    order: NEAREST,
  },
];

const queries = fc
  .record({
    match: fc.constantFrom(...MATCHES),
    keys: fc.constantFrom(...KEYS),
    isLeft: fc.boolean(),
    form: fc.constantFrom('before', 'behind', 'in ON'),
  })
  .map(({ match: { match, pairs, order }, keys, isLeft, form }): Sql => {
    const left = isLeft ? 'LEFT ' : '';
    const on = keys === '' ? '' : ` ON ${keys}`;
    const condition = ` MATCH_CONDITION (${match})`;
    const written =
      form === 'in ON' && !match.startsWith('NEAREST')
        ? ` ON ${[keys, match].filter((part) => part !== '').join(' AND ')}`
        : form === 'before'
          ? `${condition}${on}`
          : `${on}${condition}`;
    const columns = 'a.k, a.i, a.t, b.k AS bk, b.i AS bi, b.s AS bs, b.t AS bt';
    const wanted = [keys, pairs].filter((part) => part !== '').join(' AND ');
    const ranked = `SELECT ${columns}, ROW_NUMBER() OVER (PARTITION BY a.seq ORDER BY ${order}) AS rank
      FROM a ${left}JOIN b ON ${wanted}`;
    return {
      laminar: `SELECT ${columns} FROM a ASOF ${left}JOIN b${written}`,
      duckdb: `SELECT * EXCLUDE (rank) FROM (${ranked}) WHERE rank = 1`,
    };
  });

test('ASOF joins are those of DuckDB, with the same bytes at any cut', { timeout: 600_000 }, async () => {
  const cases = fc.tuple(queries, tablesOf('a', 'b'), fc.nat(1000));
  await fc.assert(
    fc.asyncProperty(cases, ([query, tables, seed]) => checkJoin({ query, tables, seed, isOrdered: true })),
    { numRuns: RUNS * 2 },
  );
});
