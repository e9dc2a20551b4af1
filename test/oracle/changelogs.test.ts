// The law of changelogs, from sources on: random insertions, deletions, updates and duplicates, read as weights, as
// Debezium's envelopes or as upserts by a key, add up through every operator to what DuckDB makes of the rows that are
// left; at any batch size, cut anywhere. More with LAMINAR_TIMES=20.

import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runPipeline } from '../support/pipeline.ts';
import { often } from '../support/random.ts';
import { columnsIn, forms, OPTIONS, recordsOf, tableOf } from './random-changes.ts';
import { laminarTable, sameMultiset, textOf } from './results.ts';
import { RETRACTABLE } from './retractable.ts';

const RUNS = often(80);

let duckdb: DuckDBConnection;

beforeAll(async () => {
  duckdb = await (await DuckDBInstance.create(':memory:')).connect();
  await duckdb.run("SET threads = 1; SET TimeZone = 'UTC'");
});

afterAll(() => duckdb.closeSync());

interface Query {
  text: string;
  /** What it adds up to does not depend on order, nor on when rows came. */
  emit: string;
}

const aggregates = fc
  .uniqueArray(fc.constantFrom(...RETRACTABLE), { minLength: 1, maxLength: 4 })
  .map((list) => list.map((text, n) => `${text} AS r${n}`).join(', '));

const where = fc.constantFrom('', '', 'WHERE s > 0', "WHERE m <> 'a'", 'WHERE n % 2 = 0');

const queries: fc.Arbitrary<Query> = fc
  .oneof(
    fc.constant('SELECT id, n, s, x, m FROM t'),
    where.map((w) => `SELECT n + 1 AS n, m FROM t ${w}`),
    where.map((w) => `SELECT DISTINCT s, m FROM t ${w}`),
    fc.tuple(aggregates, where).map(([list, w]) => `SELECT ${list} FROM t ${w}`),
    fc
      .tuple(
        aggregates,
        where,
        fc.constantFrom(['m'], ['n'], ['s', 'm'], ['n % 2']),
        fc.constantFrom('', 'HAVING COUNT(*) > 1'),
      )
      .map(([list, w, keys, having]) => {
        const named = keys.map((key, n) => `${key} AS g${n}`).join(', ');
        return `SELECT ${named}, ${list} FROM t ${w} GROUP BY ${keys.join(', ')} ${having}`;
      }),
    fc
      .tuple(aggregates)
      .map(([list]) => `SELECT ${list} FROM (SELECT m, COUNT(*) AS n, SUM(s) AS s, MAX(x) AS x FROM t GROUP BY m)`),
    fc.constantFrom(
      'SELECT id, n, ROW_NUMBER() OVER (PARTITION BY n ORDER BY s, x, m, id) AS r FROM t',
      'SELECT id, m, r FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY n ORDER BY s DESC, id, x, m) AS r FROM t) WHERE r <= 2',
      'SELECT id, s, x, m FROM t QUALIFY ROW_NUMBER() OVER (PARTITION BY n ORDER BY s DESC, id, x, m) = 1',
      'SELECT id, RANK() OVER (PARTITION BY n ORDER BY s) AS r, DENSE_RANK() OVER (PARTITION BY n ORDER BY s) AS d FROM t',
      'SELECT id, RANK() OVER (ORDER BY m DESC) AS r FROM t WHERE s > 0 QUALIFY r < 4',
      'SELECT m, c, ROW_NUMBER() OVER (ORDER BY c, m) AS r FROM (SELECT m, COUNT(*) AS c FROM t GROUP BY m)',
      'SELECT r, COUNT(*) AS c FROM (SELECT DENSE_RANK() OVER (PARTITION BY m ORDER BY n) AS r FROM t) GROUP BY r',
    ),
    fc.constantFrom(
      'SELECT m, COUNT(*) AS n FROM (SELECT m FROM t UNION ALL SELECT m FROM t WHERE s > 0) GROUP BY m',
      'SELECT s, m FROM t WHERE n > 2 UNION SELECT s, m FROM t WHERE s > 0',
      'SELECT COUNT(*) AS c FROM (SELECT n, m FROM t UNION SELECT n, m FROM t WHERE s > 0) WHERE n < 3',
    ),
    // Rows of rows: what changes inside changes what is made of it.
    fc.constantFrom(
      'SELECT id, UNNEST([n, s]) AS u, m FROM t',
      'SELECT u, COUNT(*) AS c FROM (SELECT UNNEST([n, s, n]) AS u FROM t) GROUP BY u',
      'SELECT COUNT(*) AS c FROM (SELECT DISTINCT n, m FROM t)',
      'SELECT COUNT(*) AS c FROM (SELECT id FROM t LIMIT 3 OFFSET 1)',
      'SELECT COUNT(*) AS c, SUM(n) AS s FROM (SELECT id, n FROM t ORDER BY n DESC, id LIMIT 3)',
      'SELECT m, COUNT(*) AS c FROM (SELECT m, s FROM t ORDER BY s, m LIMIT 4 OFFSET 1) GROUP BY m',
      'SELECT DISTINCT ON (n) n, id, s, x, m FROM t ORDER BY n, s DESC, id, x, m',
      'SELECT id, s FROM t WHERE s = (SELECT MAX(s) FROM t) OR n > (SELECT AVG(n) FROM t)',
    ),
  )
  .chain((text) =>
    fc.record({
      text: fc.constant(text),
      limit: fc.constantFrom('', '', '', 'LIMIT 1', 'LIMIT 3', 'LIMIT 2 OFFSET 1', 'LIMIT 4 OFFSET 3', 'no limit'),
      emit: fc.constantFrom('EMIT CHANGES', 'EMIT CHANGES', "EMIT EVERY INTERVAL '1' HOUR", 'EMIT FINAL', ''),
    }),
  )
  .map(({ text, limit, emit }) => {
    // Every column is ordered by: ties are equal rows.
    const isOrdered = limit !== '' && !/UNION|OVER|UNNEST|ORDER BY/.test(text);
    const order = isOrdered ? ` ORDER BY ${columnsOf(text).join(', ')} ${limit === 'no limit' ? '' : limit}` : '';
    return { text: `${text}${order}`, emit: emitOf(text, order, emit) };
  });

/** A column of each position, in turn ascending and descending. */
function columnsOf(text: string): string[] {
  const [list] = text
    .slice('SELECT '.length)
    .replace(/^DISTINCT /, '')
    .split(' FROM ');
  let depth = 0;
  const count = [...(list as string)].filter((letter) => {
    depth += letter === '(' ? 1 : letter === ')' ? -1 : 0;
    return letter === ',' && depth === 0;
  }).length;
  return Array.from({ length: count + 1 }, (_, n) => `${n + 1}${n % 2 === 0 ? '' : ' DESC'}`);
}

/** All rows in an order come out only once; rows that only change as they come do not wait for a clock. */
function emitOf(text: string, order: string, emit: string): string {
  const isChanging = emit.includes('CHANGES') || emit.includes('EVERY');
  if (order !== '' && !order.includes('LIMIT')) return isChanging ? '' : emit;
  const isPlain = !/GROUP BY|DISTINCT(?! ON)|r0/.test(text) || /FROM \(SELECT m, COUNT|OVER \(ORDER BY c/.test(text);
  return isPlain && emit.includes('EVERY') ? '' : emit;
}

test('what operators make of random changelogs adds up to what DuckDB makes of their sum', {
  timeout: 600_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(forms, queries, fc.nat(1000), async ({ form, log }, { text, emit }, seed) => {
      await duckdb.run(tableOf('t', log.rows));
      const expected = (await duckdb.runAndReadAll(text)).getRows().map((one) => one.map(textOf));
      const pipeline = `CREATE SOURCE t ${columnsIn(form)} FROM STDIN (${OPTIONS[form]});
CREATE SINK out AS ${text} ${emit} INTO STDOUT (format = 'json', bigint = 'string');`;
      const input = log.changes
        .flatMap((change) => recordsOf(form, change))
        .map((record) => `${JSON.stringify(record)}\n`);
      let output: string | null = null;
      for (const batchRows of [1, 2, 7, 2048]) {
        let state = seed + batchRows;
        const cut = () => {
          state = (Math.imul(state, 48271) >>> 0) % 65_521;
          return (state % 97) + 1;
        };
        const result = await runPipeline({ text: pipeline, input: input.join(''), batchRows, cut, now: () => 0 });
        expect(result.error, pipeline).toBeNull();
        const problem = sameMultiset(laminarTable(result), expected);
        if (problem !== null) throw new Error(`${problem}\n${pipeline}\n${input.join('')}\n${result.output}`);
        output ??= result.output;
        if (!/UNION|\(SELECT (MAX|AVG)/.test(text))
          expect(result.output, `batch size is unobservable\n${pipeline}\n${input.join('')}`).toBe(output);
      }
    }),
    { numRuns: RUNS },
  );
});
