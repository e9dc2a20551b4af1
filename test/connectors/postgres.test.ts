// Lookups in PostgreSQL against a real server: every type, every spelling of a key, what is refused, and a server that goes.

import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTable } from '../../src/connectors/registry.ts';
import { runPipeline } from '../support/pipeline.ts';
import { PostgresServer, postgresFolder } from '../support/postgres-server.ts';

const programs = postgresFolder();
if (programs === null) console.log('skipped: no PostgreSQL server is installed (apt-get install postgresql)');

let server: PostgresServer;

beforeAll(async () => {
  if (programs === null) return;
  server = await PostgresServer.start(programs);
  server.query(`
    CREATE TYPE mood AS ENUM ('good', 'bad');
    CREATE TABLE people (id bigint PRIMARY KEY, name text, born date);
    INSERT INTO people SELECT i, 'name ' || i, date '2000-01-01' + i::int FROM generate_series(1, 5000) i;
    CREATE SCHEMA other; CREATE TABLE other."Mixed Case" ("Id" int PRIMARY KEY, v text);
    INSERT INTO other."Mixed Case" VALUES (1, 'mixed');`);
}, 120_000);
afterAll(() => server?.remove());

const parse = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

interface Wanted {
  columns: string;
  key?: string;
  from: string;
  stream?: string;
  rows: readonly object[];
  batchRows?: number;
}

/** The rows of a table for rows `{k}` of a stream. */
async function lookUp({ columns, key = 'id', from, stream = 'k BIGINT', rows, batchRows }: Wanted) {
  const names = columns.split(/, (?![^(]*\))/).map((column) => column.split(' ')[0]);
  const text = `CREATE SOURCE s (${stream});
    CREATE LOOKUP TABLE t (${columns}, PRIMARY KEY (${key})) FROM POSTGRES (${from});
    SELECT ${names.map((name) => `t.${name} AS ${name}`).join(', ')} FROM s LEFT JOIN t ON s.k = t.${key};`;
  const input = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  const { output, error } = await runPipeline({
    text,
    input,
    variables: { URL: server.url() },
    ...(batchRows === undefined ? {} : { batchRows }),
  });
  return { lines: output.trimEnd().split('\n'), error, code: (error as { code?: string } | null)?.code };
}

const URL = "url = '${URL}'";

describe.skipIf(programs === null)('PostgreSQL', () => {
  test('gives rows by their key, in the order of the stream, whatever is asked when', async () => {
    const keys = Array.from({ length: 9000 }, (_, n) => (n * 7919) % 6000);
    const from = `${URL}, table = 'people', batch_size = 700, cache_size = 900`;
    const wanted = {
      columns: 'id BIGINT, name VARCHAR, born DATE',
      from,
      rows: keys.map((k) => ({ k })),
      batchRows: 512,
    };
    const { lines, error } = await lookUp(wanted);
    expect(error).toBeNull();
    const day = (k: number) => new Date(Date.UTC(2000, 0, 1 + k)).toISOString().slice(0, 10);
    const none = { id: null, name: null, born: null };
    expect(lines.map((line) => JSON.parse(line))).toEqual(
      keys.map((k) => (k >= 1 && k <= 5000 ? { id: k, name: `name ${k}`, born: day(k) } : none)),
    );
  });

  test.each([
    ['9223372036854775807::bigint', 'BIGINT', '9223372036854775807'],
    ['(-32768)::smallint', 'SMALLINT', '-32768'],
    ['12345678901234.5678::numeric', 'DECIMAL(18, 4)', '12345678901234.5678'],
    ['0.1::float8 + 0.2::float8', 'DOUBLE', '0.30000000000000004'],
    ["'NaN'::float8", 'DOUBLE', 'null'],
    ['0.1::real', 'DOUBLE', '0.1'],
    ['true', 'BOOLEAN', 'true'],
    ["E'é€😀 \"\\\\ \\n\\t'::text", 'VARCHAR', '"é€😀 \\"\\\\ \\n\\t"'],
    ["'x'::character(4)", 'VARCHAR', '"x   "'],
    ["'good'::mood", 'VARCHAR', '"good"'],
    ["'5f0c2a1e-0000-4ABC-8def-0123456789ab'::uuid", 'VARCHAR', '"5f0c2a1e-0000-4abc-8def-0123456789ab"'],
    ["'10.0.0.0/8'::cidr", 'VARCHAR', '"10.0.0.0/8"'],
    ["'2024-02-29 12:34:56.123456'::timestamp", 'TIMESTAMP', '"2024-02-29T12:34:56.123456Z"'],
    ["'2024-02-29 12:34:56+02'::timestamptz", 'TIMESTAMP', '"2024-02-29T10:34:56Z"'],
    ["'1969-07-20'::date", 'DATE', '"1969-07-20"'],
    ['1709210096789::bigint', 'TIMESTAMP', '"2024-02-29T12:34:56.789Z"'],
    ['E\'{"a":\\n [1, 2]}\'::json', 'JSON', '{"a":  [1, 2]}'],
    ['\'{"b": 1}\'::jsonb', 'JSON', '{"b":1}'],
    ['\'{"a": {"b": 7}}\'::jsonb', "BIGINT FROM '$.x.a.b'", '7'],
    ['ARRAY[1, NULL, 3]', 'BIGINT[]', '[1,null,3]'],
    ["ROW('a', 1)", 'STRUCT(f1 VARCHAR, f2 BIGINT)', '{"f1":"a","f2":1}'],
  ])('%s as %s', async (value, type, expected) => {
    const query = `SELECT 1::bigint AS id, ${value} AS x UNION ALL SELECT 2, NULL`;
    const from = `${URL}, query = '${query.replaceAll("'", "''")}'`;
    const { lines, error } = await lookUp({ columns: `id BIGINT, x ${type}`, from, rows: [{ k: 1 }, { k: 2 }] });
    expect(error).toBeNull();
    const text = lines[0]?.slice('{"id":1,"x":'.length, -1);
    if (expected.startsWith('{')) expect(JSON.parse(text as string)).toEqual(JSON.parse(expected));
    else expect(text).toBe(expected);
    expect(lines[1]).toBe('{"id":2,"x":null}');
  });

  test.each([
    ['bigint', 'BIGINT', [7, -7, null], ['7', '-7']],
    ['integer', 'INTEGER', [7, 2147483647, null], ['7']],
    ['smallint', 'BIGINT', [7, 9000000000], ['7']],
    ['numeric', 'DECIMAL(10, 2)', [1.5, 0.25, -3], ['1.50', '-3']],
    ['float8', 'DOUBLE', [0.1, 1e300, -2.5], ['0.1', '1e300']],
    [
      'text',
      'VARCHAR',
      ["it's", 'a"b\\c{},', '', 'NULL', 'é€😀', 'a\u0000b'],
      ["'it''s'", "'a\"b\\c{},'", "''", "'NULL'", "'é€😀'"],
    ],
    ['character(5)', 'VARCHAR', ['ab', 'c'], ["'ab'"]],
    [
      'uuid',
      'VARCHAR',
      ['5F0C2A1E-0000-4abc-8def-0123456789ab', 'no uuid'],
      ["'5f0c2a1e-0000-4abc-8def-0123456789ab'"],
    ],
    ['mood', 'VARCHAR', ['good', 'indifferent'], ["'good'"]],
    ['boolean', 'BOOLEAN', [true, false], ['true']],
    ['date', 'DATE', ['2024-02-29', '1969-12-31', '0001-01-01'], ["'2024-02-29'", "'0001-01-01'"]],
    [
      'timestamptz',
      'TIMESTAMP',
      ['2024-02-29T12:00:00.000001Z', '1969-12-31T23:59:59.999999Z'],
      ["'2024-02-29 14:00:00.000001+02'", "'1969-12-31 23:59:59.999999+00'"],
    ],
    ['timestamp', 'TIMESTAMP', ['2024-02-29T12:00:00Z', '2024-02-29T13:00:00Z'], ["'2024-02-29 12:00:00'"]],
  ])('finds rows by a key of type %s, which an index can be used for', async (type, declared, keys, there) => {
    server.query(`DROP TABLE IF EXISTS keyed; CREATE TABLE keyed (id ${type} PRIMARY KEY, n int);
      INSERT INTO keyed SELECT id::${type}, row_number() OVER () FROM (VALUES ${there.map((id) => `(${id})`).join(', ')}) v(id);`);
    const from = `${URL}, table = 'keyed'`;
    const rows = keys.map((k) => ({ k }));
    const { lines, error } = await lookUp({
      columns: `n INTEGER, id ${declared}`,
      from,
      stream: `k ${declared}`,
      rows,
    });
    expect(error).toBeNull();
    const found = lines.flatMap((line) => (JSON.parse(line).n === null ? [] : [JSON.parse(line).n]));
    expect(found.sort()).toEqual(there.map((_, n) => n + 1));
  });

  test('takes tables as SQL names them, and the columns of the server by their path', async () => {
    const from = `${URL}, table = 'other."Mixed Case"'`;
    const text = `CREATE SOURCE s (k BIGINT);
      CREATE LOOKUP TABLE t (id INTEGER FROM '$.Id', v VARCHAR, PRIMARY KEY (id)) FROM POSTGRES (${from});
      SELECT t.v FROM s JOIN t ON CAST(s.k AS INTEGER) = t.id;`;
    const { output } = await runPipeline({ text, input: '{"k":1}\n{"k":2}\n', variables: { URL: server.url() } });
    expect(output).toBe('{"v":"mixed"}\n');
  });

  test('gives the example of the files its expected output', async () => {
    const folder = path.resolve(import.meta.dirname, '../../pipelines/order-regions');
    const read = (name: string) => fs.readFileSync(path.join(folder, name), 'utf8');
    // Of a customer who is there twice the last line counts.
    const customers = new Map(
      read('customers.csv')
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => [line.split(',')[0], line]),
    );
    const text = (field = '') => (field === '' ? 'NULL' : `'${field.replaceAll("'", "''")}'`);
    const values = [...customers.values()].map((line) => `(${line.split(',').map(text).join(', ')})`);
    server.query(`CREATE TABLE customers (id bigint PRIMARY KEY, name text, segment text, country text);
      INSERT INTO customers VALUES ${values.join(', ')};`);
    process.env['CUSTOMERS'] = server.url();
    const { output, error } = await runPipeline({
      text: read('postgres.lsql'),
      input: read('input.ndjson'),
      variables: { PIPELINE_DIR: folder },
    });
    expect(error).toBeNull();
    expect(output).toBe(read('expected.ndjson'));
  });

  test('takes its address from the environment', async () => {
    process.env['LAMINAR_TEST_URL'] = server.url();
    const from = "url = 'env:LAMINAR_TEST_URL', table = 'people'";
    expect((await lookUp({ columns: 'id BIGINT, name VARCHAR', from, rows: [{ k: 3 }] })).lines).toEqual([
      '{"id":3,"name":"name 3"}',
    ]);
    delete process.env['LAMINAR_TEST_URL'];
    const unset = await lookUp({ columns: 'id BIGINT, name VARCHAR', from, rows: [{ k: 3 }] });
    expect(unset.error?.message).toBe('lookup table t: the environment variable LAMINAR_TEST_URL is not set');
  });

  test.each([
    [
      'LMN-5061',
      'password authentication failed',
      (url: string) => `url = '${url.replace(/:[^:@]*@/, ':very%20wrong@')}', table = 'people'`,
    ],
    [
      'LMN-5061',
      'database "nowhere" does not exist',
      (url: string) => `url = '${url.replace(/postgres$/, 'nowhere')}', table = 'people'`,
    ],
    ['LMN-5060', 'cannot be reached', () => "url = 'postgres://u:very%20wrong@127.0.0.1:1/d', table = 'people'"],
    ['LMN-5065', 'its url is none', () => "url = 'postgres://u:very wrong@:x:/d', table = 'people'"],
    ['LMN-5062', 'relation "nobody" does not exist', () => `${URL}, table = 'nobody'`],
    [
      'LMN-5062',
      'no column name in what lookup table t reads',
      () => `${URL}, query = 'SELECT id, name AS nam FROM people'`,
    ],
    ['LMN-5062', 'syntax error', () => `${URL}, query = 'SELECT id, FROM people'`],
    [
      'LMN-5063',
      'column name of lookup table t is VARCHAR, in PostgreSQL it is date',
      () => `${URL}, query = 'SELECT id, born AS name FROM people WHERE true'`,
    ],
  ])('says %s: %s, and no password', async (code, message, from) => {
    const columns = code === 'LMN-5063' ? 'id BIGINT, name BIGINT' : 'id BIGINT, name VARCHAR';
    const failed = await lookUp({ columns, from: from(server.url()), rows: [{ k: 1 }] });
    expect(failed.code).toBe(code);
    expect(failed.error?.message).toContain(message.replace('VARCHAR', 'BIGINT'));
    expect(`${failed.error?.message} ${failed.error?.stack}`).not.toMatch(/very.{1,3}wrong|secret/);
  });

  test('gives up a query that takes too long', async () => {
    const from = `${URL}, query = 'SELECT id, name, pg_sleep(3)::text AS s FROM people', timeout = '300ms', retry_for = '0s'`;
    const { code, error } = await lookUp({ columns: 'id BIGINT, s VARCHAR', from, rows: [{ k: 1 }] });
    expect([code, error?.message]).toEqual(['LMN-5064', expect.stringContaining('takes too long')]);
  });

  test('a value that does not fit is a bad record: it ends the run, or is left out', async () => {
    server.query(
      'DROP TABLE IF EXISTS wide; CREATE TABLE wide (id bigint, x bigint); INSERT INTO wide VALUES (1, 7), (2, 300)',
    );
    const wanted = (options = '') =>
      lookUp({ columns: 'id BIGINT, x TINYINT', from: `${URL}, table = 'wide'${options}`, rows: [{ k: 1 }, { k: 2 }] });
    expect((await wanted()).error?.message).toContain('column x (TINYINT) is out of range');
    expect((await wanted(", on_error = 'skip'")).lines).toEqual(['{"id":1,"x":7}', '{"id":null,"x":null}']);
  });

  describe('that goes away in the middle of a run', () => {
    /** Looks up a first key, lets something happen to the server, then looks up others. */
    async function interrupted(options: string, happens: () => void) {
      const notices: string[] = [];
      const text = `CREATE SOURCE s (k BIGINT);
        CREATE LOOKUP TABLE t (id BIGINT, name VARCHAR, PRIMARY KEY (id)) FROM POSTGRES (${URL}, table = 'people'${options});
        SELECT s.k, t.name FROM s LEFT JOIN t ON s.k = t.id;`;
      let reads = 0;
      let answers = 0;
      const reader = {
        name: 's',
        sizeBytes: null,
        consumedBytes: 0,
        waitDescriptor: null,
        read(memory: { u8: Uint8Array }, address: number) {
          if (reads === 2) return -1;
          if (reads === 1 && answers === 0) return 0;
          if (reads === 1) happens();
          const bytes = Buffer.from(reads++ === 0 ? '{"k":1}\n' : '{"k":2}\n{"k":1}\n{"k":9999}\n');
          memory.u8.set(bytes, address);
          return bytes.length;
        },
        close() {},
      };
      const { output, error } = await runPipeline({
        text,
        variables: { URL: server.url() },
        readers: { s: () => [reader] },
        openTable: (spec, context) => {
          const table = openTable(spec, context);
          const take = table.take.bind(table);
          table.take = () => {
            const answer = take();
            if (answer?.kind === 'rows') answers++;
            return answer;
          };
          return table;
        },
        notify: (notice) => notices.push(notice),
      });
      return { rows: parse(output), error, notices };
    }

    test('is connected again', async () => {
      const { rows, error, notices } = await interrupted('', () => {
        server.stop();
        server.start();
      });
      expect(error).toBeNull();
      expect(rows.map(({ name }) => name)).toEqual(['name 1', 'name 2', 'name 1', null]);
      expect(notices.length).toBeLessThanOrEqual(1);
    });

    test('and stays away ends the run when it has been tried for long enough', async () => {
      const { rows, error } = await interrupted(", retry_for = '300ms'", () => server.stop());
      server.start();
      expect(rows).toEqual([{ k: 1, name: 'name 1' }]);
      expect((error as { code?: string } | null)?.code).toBe('LMN-5060');
    });

    test('or leaves out what cannot be looked up, which is counted', async () => {
      const { rows, error } = await interrupted(", retry_for = '0s', on_error = 'skip'", () => server.stop());
      server.start();
      expect(error).toBeNull();
      expect(rows).toEqual([
        { k: 1, name: 'name 1' },
        { k: 1, name: 'name 1' },
      ]);
    });
  });
});
