// The law of changelogs, from sources on: random insertions, deletions, updates and duplicates, read as weights, as
// Debezium's envelopes or as upserts by a key, add up through every operator to what DuckDB makes of the rows that are
// left; at any batch size, cut anywhere. More with ORACLE_RUNS=2000.

import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runPipeline } from '../support/pipeline.ts';
import { laminarTable, sameMultiset, textOf } from './results.ts';
import { RETRACTABLE } from './retractable.ts';

const RUNS = Number(process.env['ORACLE_RUNS'] ?? 80);

let duckdb: DuckDBConnection;

beforeAll(async () => {
  duckdb = await (await DuckDBInstance.create(':memory:')).connect();
  await duckdb.run("SET threads = 1; SET TimeZone = 'UTC'");
});

afterAll(() => duckdb.closeSync());

interface Row {
  id: number;
  n: number;
  s: number | null;
  x: number | null;
  m: string | null;
}

type Change = { before: Row | null; after: Row | null };

interface Changelog {
  changes: Change[];
  /** What they add up to. */
  rows: Row[];
}

const texts = ['a', 'b', '', 'naïve', 'longer than twelve bytes', 'longer than twelve bytes, much'];

const row: fc.Arbitrary<Row> = fc.record({
  id: fc.integer({ min: 0, max: 6 }),
  n: fc.integer({ min: 0, max: 4 }),
  s: fc.option(fc.integer({ min: -3, max: 3 }), { freq: 6 }),
  x: fc.option(
    fc.integer({ min: -20, max: 20 }).map((n) => n / 8),
    { freq: 6 },
  ),
  m: fc.option(fc.constantFrom(...texts), { freq: 6 }),
});

const step = fc.record({ row, at: fc.nat(), what: fc.constantFrom('insert', 'insert', 'again', 'delete', 'update') });

/** `byKey`: no two rows that are there at a time have the same id. */
function changelog(byKey: boolean): fc.Arbitrary<Changelog> {
  return fc.array(step, { maxLength: 40 }).map((steps) => {
    const rows: Row[] = [];
    const changes: Change[] = [];
    for (const { row: drawn, at, what } of steps) {
      const index = rows.length === 0 ? -1 : at % rows.length;
      const old = rows[index] ?? null;
      const isInsertion = old === null || what === 'insert' || what === 'again';
      const next =
        what === 'again' && old !== null && !byKey ? old : byKey && !isInsertion ? { ...drawn, id: old.id } : drawn;
      if (isInsertion) {
        if (byKey && rows.some(({ id }) => id === next.id)) continue;
        rows.push(next);
        changes.push({ before: null, after: next });
      } else if (what === 'delete') {
        rows.splice(index, 1);
        changes.push({ before: old, after: null });
      } else {
        rows[index] = next;
        changes.push({ before: old, after: next });
      }
    }
    return { changes, rows };
  });
}

type Form = 'weight' | 'debezium' | 'debezium by key' | 'upsert';

const OPTIONS: Record<Form, string> = {
  weight: "changelog = 'weight'",
  debezium: "format = 'debezium'",
  'debezium by key': "format = 'debezium'",
  upsert: "changelog = 'upsert', op_column = 'kind'",
};

function recordsOf(form: Form, { before, after }: Change): object[] {
  switch (form) {
    case 'weight':
      if (before === null) return [{ op: '+I', ...after }];
      return after === null
        ? [{ op: '-D', ...before }]
        : [
            { op: '-U', ...before },
            { ...after, op: '+U' },
          ];
    case 'debezium':
      return [{ op: before === null ? 'c' : after === null ? 'd' : 'u', before, after, ts_ms: 1 }];
    case 'debezium by key': {
      const known = before === null || after !== null ? null : { id: before.id };
      return [{ op: before === null ? 'r' : after === null ? 'd' : 'u', before: known, after }];
    }
    case 'upsert':
      return [after === null ? { kind: '-D', id: before?.id } : { ...after }];
  }
}

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
    fc.constant('SELECT m, COUNT(*) AS n FROM (SELECT m FROM t UNION ALL SELECT m FROM t WHERE s > 0) GROUP BY m'),
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
    const isOrdered = limit !== '' && !text.includes('UNION');
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
  const isPlain = !/GROUP BY|DISTINCT|r0/.test(text);
  return isPlain && emit.includes('EVERY') ? '' : emit;
}

const forms: fc.Arbitrary<{ form: Form; log: Changelog }> = fc
  .constantFrom<Form>('weight', 'weight', 'debezium', 'debezium by key', 'upsert')
  .chain((form) => changelog(form === 'upsert' || form === 'debezium by key').map((log) => ({ form, log })));

function literal(value: string | number | null): string {
  return value === null ? 'NULL' : typeof value === 'string' ? `'${value}'` : String(value);
}

test('what operators make of random changelogs adds up to what DuckDB makes of their sum', {
  timeout: 600_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(forms, queries, fc.nat(1000), async ({ form, log }, { text, emit }, seed) => {
      await duckdb.run('CREATE OR REPLACE TABLE t (id BIGINT, n BIGINT, s BIGINT, x DOUBLE, m VARCHAR)');
      const values = log.rows.map(({ id, n, s, x, m }) => `(${[id, n, s, x, m].map(literal).join(', ')})`);
      if (values.length > 0) await duckdb.run(`INSERT INTO t VALUES ${values.join(', ')}`);
      const expected = (await duckdb.runAndReadAll(text)).getRows().map((one) => one.map(textOf));
      const key = form === 'upsert' || form === 'debezium by key' ? ', PRIMARY KEY (id)' : '';
      const pipeline = `CREATE SOURCE t (id BIGINT NOT NULL, n BIGINT, s BIGINT, x DOUBLE, m VARCHAR${key}) FROM STDIN (${OPTIONS[form]});
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
        if (!text.includes('UNION'))
          expect(result.output, `batch size is unobservable\n${pipeline}\n${input.join('')}`).toBe(output);
      }
    }),
    { numRuns: RUNS },
  );
});
