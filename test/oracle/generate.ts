// Random tables and random queries over them, each as Laminar's SQL and as DuckDB's.
//
// The two texts differ only where the dialects do: a literal with a point is DOUBLE here and DECIMAL there; windows have
// no counterpart (windows.ts); FIRST_VALUE by event time is an ordered aggregate. Integers stay small enough that nothing overflows:
// overflow has tests of its own.

import fc from 'fast-check';
import { aggregateCalls } from './aggregates.ts';
import { booleanFunctions, integerFunctions, textFunctions, timeFunctions } from './functions.ts';
import { type RandomWindow, window, windowedQuery } from './windows.ts';

export type ColumnType = 'VARCHAR' | 'INTEGER' | 'BIGINT' | 'DOUBLE' | 'BOOLEAN' | 'TIMESTAMP' | 'DATE';

export const COLUMNS: readonly { name: string; type: ColumnType }[] = [
  { name: 'k', type: 'VARCHAR' },
  { name: 's', type: 'VARCHAR' },
  { name: 'i', type: 'INTEGER' },
  { name: 'b', type: 'BIGINT' },
  { name: 'd', type: 'DOUBLE' },
  { name: 'f', type: 'BOOLEAN' },
  { name: 'day', type: 'DATE' },
  { name: 't', type: 'TIMESTAMP' },
];

/** Values by column name; `t` is epoch ms and never null; null and missing both mean NULL. */
export type Row = Record<string, string | number | boolean | null>;

const word = fc.constantFrom(
  '',
  'a',
  'b',
  'ab',
  'Abc',
  'zebra',
  'naïve',
  '日本',
  'x y',
  '10',
  '2.5',
  'a "quoted" word',
  'back\\slash',
);

export const rowArbitrary: fc.Arbitrary<Row> = fc.record({
  k: fc.option(fc.constantFrom('red', 'green', 'blue', ''), { freq: 8 }),
  s: fc.option(word, { freq: 6 }),
  i: fc.option(fc.integer({ min: -1000, max: 1000 }), { freq: 6 }),
  b: fc.option(fc.integer({ min: -1_000_000, max: 1_000_000 }), { freq: 6 }),
  d: fc.option(
    fc.oneof(
      fc.integer({ min: -4000, max: 4000 }).map((n) => n / 16),
      fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((n) => (Object.is(n, -0) ? 0 : n)),
    ),
    { freq: 6 },
  ),
  f: fc.option(fc.boolean(), { freq: 6 }),
  day: fc.option(
    fc.integer({ min: -400, max: 20_000 }).map((days) => new Date(days * 86_400_000).toISOString().slice(0, 10)),
    { freq: 6 },
  ),
  t: fc.integer({ min: -30_000, max: 90_000 }),
});

/** A piece of SQL in both dialects. */
export interface Sql {
  laminar: string;
  duckdb: string;
}

export const same = (text: string): Sql => ({ laminar: text, duckdb: text });

export function join(strings: TemplateStringsArray, ...parts: Sql[]): Sql {
  const text = (dialect: keyof Sql) => strings.reduce((sum, piece, n) => sum + piece + (parts[n]?.[dialect] ?? ''), '');
  return { laminar: text('laminar'), duckdb: text('duckdb') };
}

type ValueType = 'text' | 'integer' | 'double' | 'boolean' | 'time';

const COLUMN_NAMES: Record<ValueType, string[]> = {
  text: ['k', 's'],
  integer: ['i', 'b'],
  double: ['d'],
  boolean: ['f'],
  time: ['t'],
};

const doubleLiteral = fc
  .integer({ min: -64, max: 64 })
  .map((n) => ({ laminar: `(${(n / 8).toFixed(3)})`, duckdb: `(${(n / 8).toFixed(3)}::DOUBLE)` }));

const literals: Record<ValueType, fc.Arbitrary<Sql>> = {
  text: fc.constantFrom("'a'", "'ab'", "''", "'zebra'", "'日本'", "'red'").map(same),
  integer: fc.integer({ min: -50, max: 50 }).map((n) => same(n < 0 ? `(${n})` : `${n}`)),
  double: doubleLiteral,
  boolean: fc.constantFrom('TRUE', 'FALSE', 'CAST(NULL AS BOOLEAN)').map(same),
  time: fc.constantFrom("TIMESTAMP '1970-01-01 00:00:10'", "TIMESTAMP '1969-12-31 23:59:58.5'").map(same),
};

/** A random expression of a type over the columns. */
export function expression(type: ValueType, depth: number): fc.Arbitrary<Sql> {
  const column = fc.constantFrom(...COLUMN_NAMES[type]).map(same);
  if (depth === 0) return fc.oneof({ weight: 3, arbitrary: column }, { weight: 1, arbitrary: literals[type] });
  const sub = (t: ValueType) => expression(t, depth - 1);
  const conditional = fc
    .tuple(sub('boolean'), sub(type), sub(type))
    .map(([when, then, otherwise]) => join`CASE WHEN ${when} THEN ${then} ELSE ${otherwise} END`);
  const coalesce = fc.tuple(sub(type), sub(type)).map(([a, b]) => join`COALESCE(${a}, ${b})`);
  return fc.oneof(column, conditional, coalesce, ...SPECIFIC[type](sub));
}

type Sub = (type: ValueType) => fc.Arbitrary<Sql>;

const SPECIFIC: Record<ValueType, (sub: Sub) => fc.Arbitrary<Sql>[]> = {
  text: (sub) => [
    fc.tuple(sub('text'), sub('text')).map(([a, b]) => join`(${a} || ${b})`),
    sub('text').map((a) => join`upper(${a})`),
    sub('text').map((a) => join`lower(${a})`),
    sub('text').map((a) => join`trim(${a})`),
    fc.tuple(sub('text'), fc.integer({ min: 1, max: 4 })).map(([a, n]) => join`substring(${a}, ${same(`${n}`)}, 2)`),
    sub('text').map((a) => join`NULLIF(${a}, 'a')`),
    sub('integer').map((a) => join`CAST(${a} AS VARCHAR)`),
    sub('text').map((a) => join`replace(${a}, 'a', 'oo')`),
    ...textFunctions({ sub, join, same }),
  ],
  integer: (sub) => [
    fc
      .tuple(fc.constantFrom('+', '-', '//', '%').map(same), sub('integer'), sub('integer'))
      .map(([operator, a, b]) => join`(${a} ${operator} ${b})`),
    sub('integer').map((a) => join`abs(${a})`),
    sub('text').map((a) => join`length(${a})`),
    sub('boolean').map((a) => join`CAST(${a} AS INTEGER)`),
    sub('double').map((a) => join`CAST(floor(${a}) AS BIGINT)`),
    sub('time').map((a) => join`EXTRACT(second FROM ${a})`),
    ...integerFunctions({ sub, join, same }),
  ],
  double: (sub) => [
    fc
      .tuple(fc.constantFrom('+', '-').map(same), sub('double'), sub('double'))
      .map(([operator, a, b]) => join`(${a} ${operator} ${b})`),
    fc.tuple(sub('integer'), fc.integer({ min: 1, max: 9 })).map(([a, n]) => join`(${a} / ${same(`${n}`)})`),
    sub('double').map((a) => join`abs(${a})`),
    sub('integer').map((a) => join`CAST(${a} AS DOUBLE)`),
    sub('double').map((a) => join`(-${a})`),
  ],
  boolean: (sub) => [
    ...(['text', 'integer', 'double', 'time'] as const).map((type) =>
      fc
        .tuple(sub(type), fc.constantFrom('=', '<>', '<', '<=', '>', '>=').map(same), sub(type))
        .map(([a, operator, b]) => join`(${a} ${operator} ${b})`),
    ),
    fc.tuple(sub('boolean'), sub('boolean')).map(([a, b]) => join`(${a} AND ${b})`),
    fc.tuple(sub('boolean'), sub('boolean')).map(([a, b]) => join`(${a} OR ${b})`),
    sub('boolean').map((a) => join`(NOT ${a})`),
    sub('text').map((a) => join`(${a} IS NULL)`),
    sub('integer').map((a) => join`(${a} IS NOT NULL)`),
    fc.tuple(sub('integer'), sub('integer'), sub('integer')).map(([a, b, c]) => join`(${a} BETWEEN ${b} AND ${c})`),
    fc.tuple(sub('integer'), sub('integer')).map(([a, b]) => join`(${a} IN (1, 2, ${b}))`),
    fc
      .tuple(sub('text'), fc.constantFrom("'a%'", "'%b%'", "'_b'", "'%d'").map(same))
      .map(([a, p]) => join`(${a} LIKE ${p})`),
    fc.tuple(sub('text'), sub('text')).map(([a, b]) => join`(${a} IS DISTINCT FROM ${b})`),
    ...booleanFunctions({ sub, join, same }),
  ],
  time: (sub) => [
    sub('time').map((a) => join`(${a} + INTERVAL '90' SECOND)`),
    sub('time').map((a) => join`date_trunc('minute', ${a})`),
    ...timeFunctions({ sub, join, same }),
  ],
};

const anyExpression = (depth: number): fc.Arbitrary<Sql> =>
  fc.oneof(...(['text', 'integer', 'double', 'boolean', 'time'] as const).map((type) => expression(type, depth)));

const aggregate = aggregateCalls({ expression, any: anyExpression, join, same });

export const listed = (items: Sql[], prefix: string): Sql[] =>
  items.map((item, n) => join`${item} AS ${same(`${prefix}${n}`)}`);

export const comma = (items: Sql[]): Sql =>
  items.reduce((sum, item) => (sum.laminar === '' ? item : join`${sum}, ${item}`), same(''));

/** SELECT … [WHERE …] without aggregates. */
export const plainQuery: fc.Arbitrary<Sql> = fc
  .tuple(fc.array(anyExpression(2), { minLength: 1, maxLength: 4 }), fc.option(expression('boolean', 2)))
  .map(([columns, where]) => {
    const select = join`SELECT ${comma(listed(columns, 'c'))} FROM t0`;
    return where === null ? select : join`${select} WHERE ${where}`;
  });

interface GroupedParts {
  keys: Sql[];
  aggregates: Sql[];
  where: Sql | null;
  having: Sql | null;
  window: RandomWindow | null;
}

const groupedParts: fc.Arbitrary<GroupedParts> = fc.record({
  keys: fc.array(
    fc.oneof(expression('text', 0), expression('integer', 0), expression('boolean', 1), expression('double', 0)),
    {
      maxLength: 2,
    },
  ),
  aggregates: fc.array(aggregate, { minLength: 1, maxLength: 4 }),
  where: fc.option(expression('boolean', 1)),
  having: fc.option(fc.integer({ min: 0, max: 3 }).map((n) => same(`COUNT(*) > ${n}`))),
  window: fc.option(window, { nil: null, freq: 3 }),
});

/** GROUP BY keys and perhaps a window. */
export const groupedQuery: fc.Arbitrary<Sql> = groupedParts.map(({ keys, aggregates, where, having, window }) => {
  const items = comma([...listed(keys, 'g'), ...listed(aggregates, 'a')]);
  const groups = keys.map((_, n) => `g${n}`);
  let query: Sql;
  if (window !== null) query = windowedQuery(window, { items, keys, groups, where });
  else {
    query = join`SELECT ${items} FROM t0`;
    if (where !== null) query = join`${query} WHERE ${where}`;
    if (groups.length > 0) query = join`${query} GROUP BY ${same(groups.join(', '))}`;
  }
  return having === null ? query : join`${query} HAVING ${having}`;
});

const direction = fc.record({
  descending: fc.boolean(),
  nulls: fc.constantFrom('', '', ' NULLS FIRST', ' NULLS LAST'),
});

/**
 * ORDER BY every column of a plain query, in random order and direction: so there are no ties but of equal rows. Perhaps
 * with LIMIT and OFFSET, and by expressions beside.
 */
export const orderedQuery: fc.Arbitrary<Sql> = fc
  .record({
    columns: fc.array(anyExpression(1), { minLength: 1, maxLength: 4 }),
    where: fc.option(expression('boolean', 1)),
    directions: fc.array(direction, { minLength: 5, maxLength: 5 }),
    beside: fc.option(anyExpression(1), { freq: 2 }),
    first: fc.nat(3),
    limit: fc.option(fc.nat(12)),
    offset: fc.option(fc.nat(4)),
  })
  .map(({ columns, where, directions, beside, first, limit, offset }) => {
    const names = columns.map((_, n) => same(n % 2 === 0 ? `c${n}` : `${n + 1}`));
    const rotated = [...names.slice(first % names.length), ...names.slice(0, first % names.length)];
    const keys = beside === null ? rotated : [beside, ...rotated];
    const order = keys.map((key, n) => {
      const { descending, nulls } = directions[n] as { descending: boolean; nulls: string };
      return join`${key}${same(`${descending ? ' DESC' : ''}${nulls}`)}`;
    });
    const filter = where === null ? same('') : join` WHERE ${where}`;
    const rows = `${limit === null ? '' : ` LIMIT ${limit}`}${offset === null ? '' : ` OFFSET ${offset}`}`;
    return join`SELECT ${comma(listed(columns, 'c'))} FROM t0${filter} ORDER BY ${comma(order)}${same(rows)}`;
  });

/** ORDER BY event time first: rows come out as the watermark passes them, and here the watermark waits for all. */
export const timeOrderedQuery: fc.Arbitrary<Sql> = fc
  .tuple(
    fc.array(anyExpression(1), { minLength: 1, maxLength: 3 }),
    fc.array(direction, { minLength: 3, maxLength: 3 }),
  )
  .map(([columns, directions]) => {
    const order = columns.map((_, n) => {
      const { descending, nulls } = directions[n] as { descending: boolean; nulls: string };
      return same(`c${n}${descending ? ' DESC' : ''}${nulls}`);
    });
    return join`SELECT t, ${comma(listed(columns, 'c'))} FROM t0 ORDER BY t, ${comma(order)}`;
  });

/** A grouped query in the order of its keys and counts. */
export const orderedGroupsQuery: fc.Arbitrary<Sql> = fc
  .record({
    key: fc.oneof(expression('text', 0), expression('integer', 0)),
    windowSeconds: fc.constantFrom(0, 7, 10),
    byCount: fc.boolean(),
    limit: fc.option(fc.nat(6)),
  })
  .map(({ key, windowSeconds, byCount, limit }) => {
    const rows = same(limit === null ? '' : ` LIMIT ${limit}`);
    const order = same(byCount ? 'n DESC, g' : 'g DESC NULLS FIRST');
    const items = join`${key} AS g, COUNT(*) AS n, COUNT(*) + SUM(1) AS twice`;
    if (windowSeconds === 0) return join`SELECT ${items} FROM t0 GROUP BY g ORDER BY ${order}${rows}`;
    const size = windowSeconds * 1e6;
    const start = `make_timestamp(epoch_us(t) - ((epoch_us(t) % ${size}) + ${size}) % ${size})`;
    const window = {
      laminar: `TUMBLE(t, INTERVAL '${windowSeconds}' SECOND)`,
      duckdb: start,
    };
    const end = { laminar: 'window_end', duckdb: `${start} + INTERVAL '${windowSeconds}' SECOND` };
    return join`SELECT ${items}, ${end} AS e FROM t0 GROUP BY g, ${window} ORDER BY e, ${order}${rows}`;
  });
