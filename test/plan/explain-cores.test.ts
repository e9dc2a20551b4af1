// EXPLAIN --cores: who does what of a plan, in the words that a user reads.

import { expect, test } from 'vitest';
import { explainCores } from '../../src/plan/explain-cores.ts';
import { compilePipeline } from '../../src/sql/compile.ts';

const STREAM = 'CREATE SOURCE s (k VARCHAR, v BIGINT, ts TIMESTAMP, WATERMARK FOR ts);';
const table = (from: string) => `CREATE LOOKUP TABLE t (k VARCHAR, name VARCHAR, PRIMARY KEY (k)) FROM ${from};`;
const FILE = table("FILE (path = 't.csv')");
const POSTGRES = table("POSTGRES (table = 't')");
const GROUPED =
  "SELECT t.name, COUNT(*) AS n FROM s JOIN t ON s.k = t.k GROUP BY t.name, TUMBLE(ts, INTERVAL '1' SECOND)";

function explain(text: string, cores: number): string[] {
  return explainCores(compilePipeline(text, { fileName: 'test.lsql', variables: {} }).plan, cores);
}

test('lookups in files are made by all cores, before what all cores compute', () => {
  expect(explain(`${STREAM} ${FILE} ${GROUPED};`, 4)).toEqual([
    'source s: cut into chunks, decoded by 4 cores, with map select.join.table1, lookup select.join, map select.input',
    'lookup table t: read by one core, which gives its rows to the others',
    'aggregate select.aggregate: in two phases: every core groups the rows that it decodes; core 0 merges the partial states in the order of one core',
  ]);
  expect(explain(`${STREAM} ${FILE} ${GROUPED};`, 1)[1]).toBe('lookup table t: read by one core');
});

test('lookups in PostgreSQL, and those behind what is computed, by the first', () => {
  expect(explain(`${STREAM} ${POSTGRES} SELECT v, t.name FROM s JOIN t ON s.k = t.k;`, 2)).toEqual([
    'source s: cut into chunks, decoded by 2 cores, with map select.join.table1',
    'lookup table t: asked by core 0',
    'lookup select.join: on core 0, which has the cache',
  ]);
  const behind = `SELECT g.k, t.name FROM (SELECT k, SUM(v) AS v FROM s GROUP BY k) g JOIN t ON g.k = t.k;`;
  expect(explain(`${STREAM} ${FILE} ${behind}`, 4).slice(1)).toEqual([
    'lookup table t: read by one core',
    'lookup select.join: on core 0',
    expect.stringMatching(/^aggregate select.from.g.aggregate: in two phases/),
  ]);
});

test('temporal joins over a table by key go by its key; over changes without one they do not', () => {
  const join = 'SELECT s.v, r.rate FROM s JOIN r FOR SYSTEM_TIME AS OF s.ts ON s.k = r.k;';
  const rates = (key: string, options: string) =>
    `CREATE SOURCE r (k VARCHAR, rate DOUBLE, at TIMESTAMP, WATERMARK FOR at${key}) FROM FILE (path = 'r.ndjson', changelog = '${options}');`;
  expect(explain(`${STREAM} ${rates(', PRIMARY KEY (k)', 'upsert')} ${join}`, 5).at(-1)).toBe(
    'join select.join: rows go to the core that owns their key; core 0 passes on the results as they come',
  );
  expect(explain(`${STREAM} ${rates('', 'weight')} ${join}`, 5)).toContain('join select.join: on core 0');
});
