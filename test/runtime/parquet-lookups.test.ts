// Lookup tables in Parquet files, as DuckDB writes them: every type exact, every compression, several row groups.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runPipeline } from '../support/pipeline.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'laminar-parquet-'));
let duckdb: DuckDBConnection;

beforeAll(async () => {
  duckdb = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
});
afterAll(() => {
  duckdb.closeSync();
  fs.rmSync(folder, { recursive: true });
});

let files = 0;
/** A new file with the rows of a query. */
async function parquet(query: string, options = ''): Promise<string> {
  const file = path.join(folder, `t${files++}.parquet`);
  await duckdb.run(`COPY (${query}) TO '${file}' (FORMAT parquet${options})`);
  return file;
}

const lines = (keys: readonly (number | bigint | string)[]) =>
  keys.map((k) => `{"k":${typeof k === 'string' ? JSON.stringify(k) : k}}\n`).join('');

/** The rows of a file by their key `k`, as text. */
async function lookUp(file: string, columns: string, keys: readonly (number | bigint | string)[], options = '') {
  const names = columns.split(/, (?![^(]*\))/).map((column) => column.split(' ')[0]);
  const keyType = typeof keys[0] === 'string' ? 'VARCHAR' : 'BIGINT';
  const text = `CREATE SOURCE s (k ${keyType});
    CREATE LOOKUP TABLE t (k ${keyType}, ${columns}, PRIMARY KEY (k)) FROM FILE (path = '${file}'${options});
    SELECT ${names.map((name) => `t.${name} AS ${name}`).join(', ')} FROM s LEFT JOIN t ON s.k = t.k;`;
  const { output, error } = await runPipeline({ text, input: lines(keys) });
  return { rows: output.trimEnd().split('\n'), error };
}

describe('values', () => {
  /** What a column of a type is, read as another. */
  async function read(value: string, column: string, options = ''): Promise<string> {
    const file = await parquet(`SELECT 1::BIGINT AS k, ${value} AS x UNION ALL SELECT 2, NULL`);
    const { rows, error } = await lookUp(file, `x ${column}`, [1, 2], options);
    if (error !== null) throw error;
    expect(rows[1]).toBe('{"x":null}');
    return (rows[0] as string).slice(5, -1);
  }

  test.each([
    ['9223372036854775807::BIGINT', 'BIGINT', '9223372036854775807'],
    ['(-9223372036854775808)::BIGINT', 'BIGINT', '-9223372036854775808'],
    ['4294967295::UINTEGER', 'BIGINT', '4294967295'],
    ['255::UTINYINT', 'SMALLINT', '255'],
    ['(-128)::TINYINT', 'TINYINT', '-128'],
    ['(-2147483648)::INTEGER', 'INTEGER', '-2147483648'],
    ['9007199254740993::BIGINT', 'DECIMAL(18, 0)', '9007199254740993'],
    ['7::SMALLINT', 'DOUBLE', '7'],
    ["'0.1'::DOUBLE", 'DOUBLE', '0.1'],
    ["'0.5'::FLOAT", 'DOUBLE', '0.5'],
    ['true', 'BOOLEAN', 'true'],
    ['\'é€😀 "quoted"\'', 'VARCHAR', '"é€😀 \\"quoted\\""'],
    ["''", 'VARCHAR', '""'],
    ["'a'::ENUM ('a', 'b')", 'VARCHAR', '"a"'],
    ['\'{"a": [1, 2]}\'::JSON', 'JSON', '{"a": [1, 2]}'],
    ["'5f0c2a1e-0000-4abc-8def-0123456789ab'::UUID", 'VARCHAR', '"5f0c2a1e-0000-4abc-8def-0123456789ab"'],
    ["'-12345678901234.5678'::DECIMAL(18, 4)", 'DECIMAL(18, 4)', '-12345678901234.5678'],
    ["'1.25'::DECIMAL(4, 2)", 'DECIMAL(10, 1)', '1.3'],
    ["'1.5'::DECIMAL(9, 1)", 'DECIMAL(18, 3)', '1.500'],
    ["'-99999999999999.99'::DECIMAL(30, 2)", 'DECIMAL(18, 2)', '-99999999999999.99'],
    ["'2024-02-29 12:34:56.123456'::TIMESTAMP", 'TIMESTAMP', '"2024-02-29T12:34:56.123456Z"'],
    ["'1969-12-31 23:59:59.999999999'::TIMESTAMP_NS", 'TIMESTAMP', '"1969-12-31T23:59:59.999999Z"'],
    ["'2024-02-29 12:34:56.789'::TIMESTAMP_MS", 'TIMESTAMP', '"2024-02-29T12:34:56.789Z"'],
    ["'2024-02-29 12:34:56+02'::TIMESTAMPTZ", 'TIMESTAMP', '"2024-02-29T10:34:56Z"'],
    ["'2024-02-29'::DATE", 'DATE', '"2024-02-29"'],
    ["'1969-12-31'::DATE", 'TIMESTAMP', '"1969-12-31T00:00:00Z"'],
    ['1709210096789::BIGINT', 'TIMESTAMP', '"2024-02-29T12:34:56.789Z"'],
  ])('%s as %s', async (value, type, expected) => {
    expect(await read(value, type)).toBe(expected);
  });

  test('a number is a time in the unit that is said', async () => {
    expect(await read('1709210096::BIGINT', 'TIMESTAMP', ", timestamp_unit = 's'")).toBe('"2024-02-29T12:34:56Z"');
  });

  test.each([
    ['300::SMALLINT', 'TINYINT', 'column x (TINYINT) is out of range'],
    ['18446744073709551615::UBIGINT', 'BIGINT', 'column x (BIGINT) is out of range'],
    ["'1000.5'::DECIMAL(9, 1)", 'DECIMAL(3, 0)', 'column x (DECIMAL(3, 0)) is out of range'],
  ])('%s does not fit into %s: a bad record, by its row', async (value, type, message) => {
    const file = await parquet(`SELECT 1::BIGINT AS k, NULL AS x UNION ALL SELECT 2, ${value}`);
    const failed = await lookUp(file, `x ${type}`, [1, 2]);
    expect(failed.error?.message).toContain(message);
    expect(failed.error?.message).toContain(`${file}, row 2)`);
    const { rows } = await lookUp(file, `x ${type}`, [1, 2], ", on_error = 'null'");
    expect(rows).toEqual(['{"x":null}', '{"x":null}']);
  });

  test('bad rows become dead letters with their values', async () => {
    const file = await parquet(`SELECT 1::BIGINT AS k, 'a' AS name, 5 AS x UNION ALL SELECT 2, 'b', 500`);
    const letters = path.join(folder, 'letters.ndjson');
    const options = `, on_error = 'dead_letter', dead_letter = '${letters}'`;
    const { rows } = await lookUp(file, 'name VARCHAR, x TINYINT', [1, 2], options);
    expect(rows).toEqual(['{"name":"a","x":5}', '{"name":null,"x":null}']);
    expect(JSON.parse(fs.readFileSync(letters, 'utf8'))).toMatchObject({ line: 2, raw: '{"k":2,"name":"b","x":500}' });
  });
});

describe('files', () => {
  const ROWS = 7000;
  const TABLE = `SELECT 'key ' || n AS k, n::INTEGER AS n, CASE WHEN n % 7 = 0 THEN NULL ELSE 'name ' || (n % 100) END AS name,
    (n / 4)::DOUBLE AS share, n % 3 = 0 AS flag FROM range(${ROWS}) r(n)`;
  const keys = [0, 1, 2064, 2048, 2049, 6999, 7000, 16].map((n) => `key ${n}`);
  const expected = [0, 1, 2064, 2048, 2049, 6999, null, 16].map((n) => {
    if (n === null) return '{"n":null,"name":null,"share":null,"flag":null}';
    return JSON.stringify({ n, name: n % 7 === 0 ? null : `name ${n % 100}`, share: n / 4, flag: n % 3 === 0 });
  });

  test.each([
    'uncompressed',
    'snappy',
    'gzip',
    'zstd',
    'brotli',
    'lz4_raw',
  ])('compressed with %s, in several row groups, of both versions', async (compression) => {
    // DuckDB takes seconds to compress with Brotli.
    const table = compression === 'brotli' ? `SELECT * FROM (${TABLE}) WHERE n % 16 < 2 OR n > 6990` : TABLE;
    for (const version of ['V1', 'V2']) {
      const file = await parquet(
        table,
        `, COMPRESSION ${compression}, ROW_GROUP_SIZE 2048, PARQUET_VERSION ${version}`,
      );
      const { rows, error } = await lookUp(file, 'n INTEGER, name VARCHAR, share DOUBLE, flag BOOLEAN', keys);
      expect(error).toBeNull();
      expect(rows).toEqual(expected);
    }
  });

  test('several files are one table, of whose equal keys the last counts, and the format may be said', async () => {
    const names = [
      await parquet("SELECT 1::BIGINT AS k, 'first' AS x"),
      await parquet("SELECT 1::BIGINT AS k, 'last' AS x"),
    ];
    const many = path.join(folder, 'many');
    fs.mkdirSync(many);
    for (const name of names) fs.renameSync(name, path.join(many, `${path.basename(name)}.data`));
    const { rows } = await lookUp(`${many}/*`, 'x VARCHAR', [1], ", format = 'parquet'");
    expect(rows).toEqual(['{"x":"last"}']);
  });

  test('a table without rows has no row for any key', async () => {
    const file = await parquet("SELECT 1::BIGINT AS k, 'a' AS x WHERE false");
    expect(await lookUp(file, 'x VARCHAR', [1])).toEqual({ rows: ['{"x":null}'], error: null });
  });
});

describe('what cannot be read', () => {
  const codeOf = (error: Error | null) => [(error as { code?: string } | null)?.code, error?.message];

  test('a column that is missing, nested, or of a type that does not fit', async () => {
    const file = await parquet("SELECT 1::BIGINT AS k, [1, 2] AS list, 'x' AS Name, TIME '12:00:00' AS t");
    expect(codeOf((await lookUp(file, 'name VARCHAR', [1])).error)).toEqual([
      'LMN-6044',
      'the Parquet file has no column name',
    ]);
    expect((await lookUp(file, `name VARCHAR FROM '$.Name'`, [1])).rows).toEqual(['{"name":"x"}']);
    expect(codeOf((await lookUp(file, 'list VARCHAR', [1])).error)).toEqual([
      'LMN-6045',
      'column list is VARCHAR, in the Parquet file it is nested',
    ]);
    expect(codeOf((await lookUp(file, "n BIGINT FROM '$.Name'", [1])).error)).toEqual([
      'LMN-6045',
      'column n is BIGINT, in the Parquet file it is BYTE_ARRAY (UTF8)',
    ]);
    expect(codeOf((await lookUp(file, 't TIMESTAMP', [1])).error)[1]).toMatch(/it is INT64 \(TIME/);
    await expect(lookUp(file, "n BIGINT FROM '$.Name.x'", [1])).rejects.toThrow('a parquet record has no field');
  });

  test('a file that is none, cut off, or damaged: an error, never something else', async () => {
    const none = path.join(folder, 'none.parquet');
    fs.writeFileSync(none, 'k,x\n1,2\n');
    expect(codeOf((await lookUp(none, 'x VARCHAR', [1])).error)[0]).toBe('LMN-6043');
    fs.writeFileSync(none, '');
    expect(codeOf((await lookUp(none, 'x VARCHAR', [1])).error)[0]).toBe('LMN-6043');
    const query = "SELECT n AS k, 'name ' || n AS x, n / 3 AS y FROM range(300) r(n)";
    const whole = fs.readFileSync(await parquet(query, ', COMPRESSION zstd'));
    fs.writeFileSync(none, whole.subarray(0, whole.length - 20));
    expect(codeOf((await lookUp(none, 'x VARCHAR', [1])).error)[0]).toBe('LMN-6043');
    for (let at = 4; at < whole.length; at += 37) {
      const damaged = Buffer.from(whole);
      damaged[at]! ^= 0xff;
      fs.writeFileSync(none, damaged);
      const { error } = await lookUp(none, 'x VARCHAR, y DOUBLE', [1]);
      if (error !== null) expect(codeOf(error)[0]).toMatch(/^LMN-60/);
    }
  });

  test('as a source or sink', async () => {
    await expect(
      runPipeline({ text: "CREATE SOURCE s (k BIGINT) FROM FILE (path = 'x.parquet'); SELECT k FROM s;" }),
    ).rejects.toThrow('a source cannot have the format parquet');
    await expect(
      runPipeline({ text: "CREATE SOURCE s (k BIGINT); CREATE SINK t FROM s INTO FILE (path = 'x.parquet');" }),
    ).rejects.toThrow('a sink cannot have the format parquet');
  });
});
