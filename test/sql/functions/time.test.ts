import { beforeAll, describe, expect, it } from 'vitest';
import { DATE, INTERVAL, TIMESTAMP } from '../../../src/data/type.ts';
import { Compiled, differences, Oracle, randomRows } from '../../support/expression-oracle.ts';
import {
  bigint,
  call,
  castTo,
  column,
  double,
  int,
  literal,
  type Twin,
  testSchema,
  text,
} from '../../support/expressions.ts';

const rows = randomRows(testSchema, 400, 13);
let compiled: Compiled;
let oracle: Oracle;

beforeAll(async () => {
  compiled = new Compiled(testSchema);
  oracle = await Oracle.create(testSchema, rows);
});

async function agrees(...twins: Twin[]): Promise<void> {
  expect(await differences(twins, rows, { compiled, oracle })).toEqual([]);
}

const c = (name: string): Twin => column(name);
const UNITS = ['microsecond', 'ms', 'second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year', 'decade'];
const LONG_UNITS = ['century', 'millennium'];
const FIELDS = ['isoyear', 'dow', 'isodow', 'doy', 'yearweek', 'era', 'epoch'];
/** A day every few weeks over centuries, and times within it. */
const days = call('+', literal(-200_000, DATE), call('*', c('id'), int(997)));
const times = call('+', days, call('*', castTo(c('id'), { kind: 'BIGINT' }), literal(7_919_123_457n, INTERVAL)));

describe('time functions equal DuckDB', () => {
  it('every field of times and dates, before 1970 and before year 1 too', async () => {
    const fields = [...UNITS, ...LONG_UNITS, ...FIELDS];
    await agrees(
      ...fields.flatMap((unit) => [
        call('date_part', text(unit), c('timestamp_a')),
        call('date_part', text(unit.toUpperCase()), c('date_b')),
        call('date_part', text(unit), times),
      ]),
    );
  });

  it('fields as functions', async () => {
    const names = ['year', 'quarter', 'month', 'week', 'weekofyear', 'day', 'dayofmonth', 'hour', 'minute', 'second'];
    const more = ['millisecond', 'microsecond', 'dayofweek', 'weekday', 'isodow', 'dayofyear', 'isoyear', 'dayname'];
    await agrees(
      ...[...names, ...more, 'monthname', 'last_day', 'yearweek', 'decade', 'century', 'millennium', 'era'].flatMap(
        (name) => [call(name, times), call(name, c('timestamp_b'))],
      ),
    );
  });

  it('date_trunc', async () => {
    await agrees(
      ...[...UNITS, ...LONG_UNITS, 'isoyear', 'dow', 'yearweek'].flatMap((unit) => [
        call('date_trunc', text(unit), c('timestamp_a')),
        call('date_trunc', text(unit), times),
        call('date_trunc', text(unit), c('date_b')),
      ]),
    );
  });

  it('date_diff', async () => {
    await agrees(
      ...[...UNITS, ...LONG_UNITS].flatMap((unit) => [
        call('date_diff', text(unit), c('timestamp_a'), c('timestamp_b')),
        call('datediff', text(unit), times, literal(1_709_210_096_789_012n, TIMESTAMP)),
      ]),
    );
  });

  it('whole units', async () => {
    await agrees(
      ...[...UNITS, ...LONG_UNITS].flatMap((unit) => [
        call('date_sub', text(unit), c('timestamp_a'), c('timestamp_b')),
        call('datesub', text(unit), times, literal(1_709_210_096_789_012n, TIMESTAMP)),
        call('date_sub', text(unit), c('date_b'), times),
      ]),
    );
  });

  it('time_bucket of any width, with offsets and origins', async () => {
    const widths = [
      1n,
      1_000n,
      60_000_000n,
      420_000_000n,
      900_000_000n,
      10_800_000_000n,
      86_400_000_000n,
      604_800_000_000n,
    ];
    await agrees(
      ...widths.flatMap((micros) => {
        const width = literal(micros, INTERVAL);
        return [
          call('time_bucket', width, c('timestamp_a')),
          call('time_bucket', width, times),
          call('time_bucket', width, times, literal(300_000_000n, INTERVAL)),
          call('time_bucket', width, c('timestamp_b'), literal(-7n, INTERVAL)),
          call('time_bucket', width, times, c('timestamp_a')),
          call('time_bucket', width, days),
        ];
      }),
    );
  });

  it('epochs and back', async () => {
    const seconds = call('/', c('integer_b'), double(7));
    await agrees(
      ...['epoch', 'epoch_ms', 'epoch_us'].flatMap((name) => [call(name, c('timestamp_b')), call(name, times)]),
      call('epoch_ns', call('make_timestamp', castTo(c('integer_b'), { kind: 'BIGINT' }))),
      ...['epoch', 'epoch_ms', 'epoch_us'].map((name) => call(name, c('interval_b'))),
      call('epoch_ms', castTo(c('integer_b'), { kind: 'BIGINT' })),
      call('make_timestamp', castTo(c('integer_b'), { kind: 'BIGINT' })),
      call('to_seconds', seconds),
      ...['to_minutes', 'to_hours', 'to_days', 'to_milliseconds', 'to_microseconds'].map((name) =>
        call(name, call('%', c('integer_b'), int(1_000_000))),
      ),
    );
    const stamps = { ...call('to_timestamp', seconds) };
    await agrees({ ...stamps, sql: `(${stamps.sql} AT TIME ZONE 'UTC')` });
  });

  it('make_timestamp and make_date of valid and impossible parts', async () => {
    const part = (modulus: number, shift: number): Twin => call('+', call('%', c('id'), int(modulus)), int(shift));
    await agrees(
      call(
        'make_timestamp',
        part(300, 1900),
        part(13, 0),
        part(32, 0),
        part(25, 0),
        part(61, 0),
        call('/', part(619, -1), double(10)),
      ),
      call('make_date', part(300, 1900), part(14, 0), part(33, 0)),
      call('make_timestamp', int(2024), int(2), int(29), int(24), int(0), double(0)),
      call('make_timestamp', int(2024), int(12), int(31), int(23), int(59), double(60)),
    );
  });

  it('strftime with every specifier', async () => {
    const specifiers = 'a A w u d -d b B h m -m y -y Y H -H I -I p M -M S -S f g z Z j -j U W V G c x X T %'.split(' ');
    const safe = [
      call('strftime', times, text('%Y-%m-%d at %H:%M, é 日')),
      call('strftime', c('date_a'), text('%d/%m/%Y')),
    ];
    await agrees(
      ...specifiers.map((s) => call('strftime', times, text(`[%${s}]`))),
      ...specifiers.map((s) => call('strftime', text(`%${s}%${s}`), c('timestamp_b'))),
      ...safe,
    );
  });
});

describe('dangers', () => {
  const one = rows.slice(0, 1);
  it('a bucket without width and a format that is none are errors', () => {
    const none = call('time_bucket', literal(0n, INTERVAL), c('timestamp_a'));
    expect(compiled.evaluate(none.bound, one)).toEqual([{ error: 4, site: 0 }]);
    for (const format of ['%Q', '%', '%-', '%-a', 'x%']) {
      expect(compiled.evaluate(call('strftime', c('timestamp_a'), text(format)).bound, one)).toEqual([
        { error: 4, site: 0 },
      ]);
    }
  });
  it('a unit that does not exist is refused while compiling, with the nearest one', () => {
    expect(() => compiled.compile(call('date_trunc', text('hours2'), c('timestamp_a')).bound)).toThrow(
      "no unit 'hours2'",
    );
    expect(() => compiled.compile(call('date_part', text('epochs'), c('timestamp_a')).bound)).toThrow(
      expect.objectContaining({ code: 'LMN-3005', hint: "did you mean 'epoch'?" }),
    );
    expect(() => compiled.compile(call('date_part', c('varchar_a'), c('timestamp_a')).bound)).toThrow(
      'written as a string',
    );
  });
  it('%n is nanoseconds (DuckDB writes a NUL after them)', () => {
    const twin = call('strftime', literal(123_456n, TIMESTAMP), text('[%n]'));
    expect(compiled.evaluate(twin.bound, one)).toEqual(['[123456000]']);
  });
  it('now() is the time of the start for every row', () => {
    const stamps = compiled.evaluate(call('now').bound, rows.slice(0, 3));
    expect(stamps).toEqual([0n, 0n, 0n]);
  });
  it('intervals split into days and what is left', () => {
    const interval = literal(93_784_005_006n, INTERVAL); // 1 day 02:03:04.005006
    const parts = ['day', 'hour', 'minute', 'second', 'millisecond', 'microsecond'].map((unit) => {
      return compiled.evaluate(call('date_part', text(unit), interval).bound, one)[0];
    });
    expect(parts).toEqual([1n, 2n, 3n, 4n, 4005n, 4_005_006n]);
    expect(compiled.evaluate(call('epoch', interval).bound, one)).toEqual([93_784.005006]);
    expect(compiled.evaluate(call('epoch_ms', bigint(2n ** 62n)).bound, one)).toEqual([{ error: 2, site: 0 }]);
  });
});
