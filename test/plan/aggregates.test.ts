// Every aggregate of the registry does what its documentation says.

import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { AGGREGATE_NAMES, AGGREGATES, EXAMPLE_ROWS } from '../../src/plan/aggregates/registry.ts';
import { runPipeline } from '../support/pipeline.ts';

const SOURCE = 'CREATE SOURCE t (x INTEGER, y DOUBLE, s VARCHAR, c BOOLEAN);';
const INPUT = EXAMPLE_ROWS.map(([x, y, s, c]) => `${JSON.stringify({ x, y, s, c })}\n`).join('');

async function resultOf(sql: string, input = INPUT): Promise<string> {
  const { output, error } = await runPipeline({ text: `${SOURCE} SELECT ${sql} AS v FROM t;`, input });
  expect(error).toBeNull();
  return output.trim().slice('{"v":'.length, -1);
}

describe('the example of every aggregate gives what its documentation says', () => {
  for (const { name, example } of AGGREGATES) {
    it(name, async () => {
      expect(await resultOf(example[0])).toBe(example[1]);
    });
  }

  it('and what DuckDB gives, but for approximations', async () => {
    const duckdb = await (await DuckDBInstance.create(':memory:')).connect();
    const rows = EXAMPLE_ROWS.map((row) => `(${row.map((v) => (typeof v === 'string' ? `'${v}'` : String(v)))})`);
    await duckdb.run('CREATE TABLE t (x INTEGER, y DOUBLE, s VARCHAR, c BOOLEAN)');
    await duckdb.run(`INSERT INTO t VALUES ${rows}`);
    for (const { group, example } of AGGREGATES) {
      if (group === 'approximate') continue;
      const sql = example[0].replace('LAST_VALUE(s)', 'LAST(s) FILTER (s IS NOT NULL)').replace('FIRST_VALUE', 'FIRST');
      const result = await duckdb.runAndReadAll(`SELECT to_json(${sql}) FROM t`);
      const given = result.getRows()[0]?.[0];
      expect(Number(given) || given, sql).toEqual(Number(example[1]) || example[1]);
    }
  });
});

describe('rows that are taken back leave nothing behind', () => {
  const noise = EXAMPLE_ROWS.map(([x, y, s], n) => ({
    x: (x ?? 0) * 7 + n,
    y: (y ?? 0) - 9.5,
    s: `${s} ${n}`,
    c: n % 2 === 0,
  }));
  const record = (op: string, row: object) => `${JSON.stringify({ op, ...row })}\n`;
  const rows = EXAMPLE_ROWS.map(([x, y, s, c]) => ({ x, y, s, c }));
  const changes = [
    ...noise.map((row) => record('+I', row)),
    ...rows.map((row, n) => record('+I', row) + record('-D', noise[n] as object) + record('+I', noise[n] as object)),
    ...noise.map((row) => record('-D', row)),
  ].join('');

  for (const { name, example } of AGGREGATES) {
    it(name, async () => {
      const text = `CREATE SOURCE t (x INTEGER, y DOUBLE, s VARCHAR, c BOOLEAN) FROM STDIN (changelog = 'weight');
        SELECT ${example[0]} AS v FROM t EMIT CHANGES;`;
      for (const batchRows of [1, 2048]) {
        const { output, error } = await runPipeline({ text, input: changes, batchRows });
        expect(error).toBeNull();
        const last = output.trim().split('\n').at(-1) as string;
        const value = last.replace(/^.*"v":/, '').slice(0, -1);
        // The last bits of a double are those of the order in which rows were added.
        if (/^-?\d+(\.\d+)?$/.test(value)) expect(Number(value)).toBeCloseTo(Number(example[1]), 10);
        else expect(value).toBe(example[1]);
      }
    });
  }
});

describe('the registry', () => {
  it('has each name once', () => {
    expect(new Set(AGGREGATE_NAMES).size).toBe(AGGREGATE_NAMES.length);
  });

  it('is right about what comes of no values', async () => {
    for (const { name, empty, example } of AGGREGATES) {
      const none = name === 'any_value' ? 'ANY_VALUE(s)' : example[0];
      expect(await resultOf(none, ''), none).toBe(empty === 'zero' ? '0' : 'null');
      const grouped = `SELECT ${none} AS v FROM t GROUP BY c IS NULL HAVING COUNT(c) = 0`;
      if (/\(y/.test(none) || name === 'count_star') continue;
      const { output } = await runPipeline({ text: `${SOURCE} ${grouped};`, input: INPUT });
      expect(output.trim(), none).toBe(`{"v":${empty === 'zero' ? '0' : 'null'}}`);
    }
  });
});
