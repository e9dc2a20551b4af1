// to_char and age: against DuckDB where it has the same (strftime, age), and PostgreSQL's documented results elsewhere.

import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { timeTextFunctions } from '../../../src/runtime/host/time-texts.ts';

const toChar = timeTextFunctions['to_char']?.() as unknown as (time: bigint, pattern: string) => string;
const age = timeTextFunctions['age']?.() as unknown as (end: bigint, start: bigint) => string;

const times = fc.oneof(
  fc.bigInt({ min: -62_135_596_800_000_000n, max: 253_402_300_799_999_999n }),
  fc.integer({ min: -40_000, max: 40_000 }).map((days) => BigInt(days) * 86_400_000_000n),
);

test('equal strftime of DuckDB where both have the same', async () => {
  const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
  const ours = 'YYYY-MM-DD HH24:MI:SS.US|DDD|IYYY-IW|Dy|FMDay|FMMonth|Mon|HH12 AM|ID';
  const theirs = '%Y-%m-%d %H:%M:%S.%f|%j|%G-%V|%a|%A|%B|%b|%I %p|%u';
  const given = fc.sample(times, 300);
  const values = given.map((time, id) => `(${id}, make_timestamp(${time}))`).join(', ');
  const sql = `SELECT strftime(t, '${theirs}') FROM (VALUES ${values}) v(id, t) ORDER BY id`;
  const rows = (await connection.runAndReadAll(sql)).getRows();
  expect(given.map((time) => toChar(time, ours))).toEqual(rows.map(([text]) => text));
});

test('age is that of DuckDB, in both directions', async () => {
  const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
  const given = fc.sample(fc.tuple(times, times), 400);
  const values = given.map(([a, b], id) => `(${id}, make_timestamp(${a}), make_timestamp(${b}))`).join(', ');
  const sql = `SELECT CAST(age(a, b) AS VARCHAR) FROM (VALUES ${values}) v(id, a, b) ORDER BY id`;
  const rows = (await connection.runAndReadAll(sql)).getRows();
  expect(given.map(([a, b]) => age(a, b))).toEqual(rows.map(([text]) => text));
});

test.each([
  ['2000-06-06T05:39:18Z', 'Day, DD  HH12:MI:SS', 'Tuesday  , 06  05:39:18'],
  ['2000-06-06T05:39:18Z', 'FMDay, FMDD  HH12:MI:SS', 'Tuesday, 6  05:39:18'],
  ['2000-06-06T15:39:18.045Z', 'MONTH Month month FMMONTH', 'JUNE      June      june      JUNE'],
  ['2000-06-02T15:39:18.045Z', 'DDth FMDDth FMDDTH Q WW W CC', '02nd 2nd 2ND 2 22 1 20'],
  ['2000-06-13T00:39:18.045Z', 'HH12 HH24 AM am P.M. MS US SSSS', '12 00 AM am A.M. 045 045000 2358'],
  ['2000-06-13T00:39:18Z', '"DD" YYYY "year \\"MM\\""', 'DD 2000 year "MM"'],
  ['2000-06-13T00:39:18Z', 'YYYYMMDD YY Y J D TZ OF', '20000613 00 0 2451709 3 UTC +00'],
  ['2011-12-11T00:00:00Z', 'DDth', '11th'],
])('%s as %s', (time, pattern, text) => {
  expect(toChar(BigInt(Date.parse(time)) * 1000n, pattern)).toBe(text);
});
