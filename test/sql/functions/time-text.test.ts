import { beforeAll, describe, expect, it } from 'vitest';
import type { Schema } from '../../../src/data/schema.ts';
import { TIMESTAMP, VARCHAR } from '../../../src/data/type.ts';
import { Compiled, differences, Oracle, type Row, random } from '../../support/expression-oracle.ts';
import { call, column, literal, type Twin, text } from '../../support/expressions.ts';

const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'Pacific/Apia',
  'America/Sao_Paulo',
  'UTC',
  'asia/kathmandu',
];

/** Seconds around which some zone changes its clocks, and some far ones. */
const MOMENTS = [
  1711846800, 1729990800, 1710054000, 1730610000, 1712417400, 1728142200, 1325203200, 0, -86_400, 1_000_000_000,
  1_550_368_800, 1_712_016_000,
];

const schema: Schema = [
  { name: 'id', type: { kind: 'INTEGER' }, nullable: false },
  { name: 't', type: TIMESTAMP, nullable: true },
  { name: 'z', type: VARCHAR, nullable: false },
];

const next = random(5);
const rows: Row[] = MOMENTS.flatMap((seconds) =>
  Array.from({ length: 24 }, (): Row => {
    const micros = BigInt(seconds) * 1_000_000n + BigInt(Math.floor((next() - 0.5) * 2 ** 20)) * 10_007n;
    return [0, next() < 0.05 ? null : micros, ZONES[Math.floor(next() * ZONES.length)] as string];
  }),
).map((row, id) => [id, ...row.slice(1)]);

let compiled: Compiled;
let oracle: Oracle;

beforeAll(async () => {
  compiled = new Compiled(schema);
  oracle = await Oracle.create(schema, rows);
});

async function agrees(...twins: Twin[]): Promise<void> {
  expect(await differences(twins, rows, { compiled, oracle })).toEqual([]);
}

const t = column('t', schema);
const z = column('z', schema);
/** DuckDB's times without a zone and with one are two types. */
const local = (zone: Twin): Twin => ({
  ...call('timezone', zone, t),
  sql: `timezone(${zone.sql}, timezone('UTC', t))`,
});
const instant = (zone: Twin): Twin => ({
  ...call('to_utc_timestamp', t, zone),
  sql: `timezone('UTC', timezone(${zone.sql}, t))`,
});

describe('time zones equal DuckDB', () => {
  it('local times of constant and of changing zones', async () => {
    await agrees(...ZONES.map((zone) => local(text(zone))), local(z));
  });

  it('instants of local times, those that are skipped or come twice included', async () => {
    await agrees(...ZONES.map((zone) => instant(text(zone))), instant(z));
  });
});

const one = rows.slice(0, 1);
const resultOf = (twin: Twin) => compiled.evaluate(twin.bound, one)[0];

it('a zone that does not exist is refused before the run, and an error of its row', () => {
  expect(() => compiled.compile(call('timezone', text('Europe/Berln'), t).bound)).toThrow(
    "there is no time zone 'Europe/Berln'; did you mean 'Europe/Berlin'?",
  );
  const changing = call('timezone', call('concat', z, text('x')), literal(0n, TIMESTAMP));
  expect(resultOf(changing)).toEqual({ error: 16, site: 0 });
});

it('times beyond the years that zones are known for keep the offset of the last', () => {
  const far = 200_000n * 31_556_952_000_000n;
  expect(resultOf(call('timezone', text('Asia/Kolkata'), literal(far, TIMESTAMP)))).toBe(far + 19_800_000_000n);
});

const FORMATS = [
  '%Y-%m-%d %H:%M:%S',
  '%d/%b/%Y:%H:%M:%S',
  '%A, %B %d %Y %I:%M:%S.%f %p',
  '%a %b %d %y',
  '%Y%m%d',
  '%Y-%j %H.%M',
  '%G-W%V-%u',
  '%Y %U %w',
  '%Y %W %a',
  '%H:%M',
  '%-d.%-m.%Y %-H:%M:%S.%g',
  '%m/%d/%Y %%  x',
  '%c',
  '%x %X',
  '%I %p',
  '%I:%M',
  '%S.%f',
];

describe('strptime equals DuckDB', () => {
  it('reads what strftime writes', async () => {
    await agrees(
      ...FORMATS.map((format) =>
        call(
          'try_strptime',
          call('strftime', t, text(format.replaceAll('%G-W%V-%u', '%Y'))),
          text(format.replaceAll('%G-W%V-%u', '%Y')),
        ),
      ),
    );
    await agrees(
      call('strptime', text('2020-W53-7'), text('%G-W%V-%u')),
      call('strptime', text('2021-W01-1'), text('%G-W%V-%u')),
    );
  });

  it('reads or refuses texts as they come', async () => {
    const cases: [string, string][] = [
      ['1/2/2024', '%d/%m/%Y'],
      ['  1/2/2024  ', '%d/%m/%Y'],
      ['2024-02-30', '%Y-%m-%d'],
      ['2023-02-29', '%Y-%m-%d'],
      ['2024-02-29', '%Y-%m-%d'],
      ['2024-02-29x', '%Y-%m-%d'],
      ['2024-13-01', '%Y-%m-%d'],
      ['2024-00-01', '%Y-%m-%d'],
      ['2024-1-0', '%Y-%m-%d'],
      ['99999-01-01', '%Y-%m-%d'],
      ['2024  02\t29', '%Y %m %d'],
      ['2024-02-29 24:00', '%Y-%m-%d %H:%M'],
      ['2024-02-29 12:60', '%Y-%m-%d %H:%M'],
      ['12:30:60', '%H:%M:%S'],
      ['thu FEB 29 2024', '%a %b %d %Y'],
      ['Thursday february 29 2024', '%A %B %d %Y'],
      ['12 am', '%I %p'],
      ['12 PM', '%I %p'],
      ['13 PM', '%I %p'],
      ['0 AM', '%I %p'],
      ['5', '%I'],
      ['12', '%I'],
      ['10 PM', '%H %p'],
      ['68-1-1', '%y-%m-%d'],
      ['69-1-1', '%y-%m-%d'],
      ['1.5', '%S.%f'],
      ['1.123456', '%S.%f'],
      ['1.1234567', '%S.%f'],
      ['1.123', '%S.%g'],
      ['2024-366', '%Y-%j'],
      ['2024-060', '%Y-%j'],
      ['100%', '%j%%'],
      ['', '%Y'],
      ['2024', '%Y%m'],
      ['20240', '%Y%m'],
    ];
    await agrees(...cases.map(([value, format]) => call('try_strptime', text(value), text(format))));
  });

  it('moves times with an offset or a zone to UTC', () => {
    const read = (value: string, format: string) => resultOf(call('try_strptime', text(value), text(format)));
    const ten = 1_709_200_800_000_000n; // 2024-02-29T10:00Z
    expect(read('29/Feb/2024:10:00:00 +0000', '%d/%b/%Y:%H:%M:%S %z')).toBe(ten);
    expect(read('29/Feb/2024:11:30:00 +0130', '%d/%b/%Y:%H:%M:%S %z')).toBe(ten);
    expect(read('2024-02-29T05:00:00-05:00', '%Y-%m-%dT%H:%M:%S%z')).toBe(ten);
    expect(read('2024-02-29T10:00:00Z', '%Y-%m-%dT%H:%M:%S%z')).toBe(ten);
    expect(read('2024-02-29 11:00 Europe/Berlin', '%Y-%m-%d %H:%M %Z')).toBe(ten);
    expect(read('2024-02-29 11:00 Nowhere', '%Y-%m-%d %H:%M %Z')).toBeNull();
    expect(read('2024-02-29 11:00 -5', '%Y-%m-%d %H:%M %z')).toBeNull();
  });

  it('says which format is wrong before the run, and which text in it', () => {
    expect(() => compiled.compile(call('strptime', z, text('%Q')).bound)).toThrow(
      expect.objectContaining({ code: 'LMN-3006', message: "'%Q' is no format of a time: there is no %Q" }),
    );
    expect(() => compiled.compile(call('try_strptime', z, text('')).bound)).toThrow('the format of a time is empty');
    expect(resultOf(call('strptime', text('x'), text('%Y')))).toEqual({ error: 16, site: 0 });
  });
});
