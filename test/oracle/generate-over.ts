// Random queries with OVER, as Laminar's SQL and as DuckDB's.
//
// Rows of equal keys are in the order of their arrival here, and in any order in DuckDB: where a function can tell them
// apart, DuckDB orders by `seq` too.

import fc from 'fast-check';
import { comma, expression, join, listed, type Row, rowArbitrary, type Sql, same } from './generate.ts';

/** Rows of which several have the same time. */
export const tiedRows: fc.Arbitrary<Row[]> = fc.array(
  rowArbitrary.map((row) => ({ ...row, t: Math.round((row.t as number) / 6000) * 6000 })),
  { maxLength: 40 },
);

interface Order {
  text: string;
  /** Distances that RANGE can be given, if any. */
  distances: fc.Arbitrary<string> | null;
}

const seconds = fc.constantFrom(0, 1, 6, 7, 20).map((n) => `INTERVAL '${n}' SECOND`);

const orders: fc.Arbitrary<Order> = fc.constantFrom<Order[]>(
  { text: 't', distances: seconds },
  { text: 't', distances: seconds },
  { text: 't', distances: seconds },
  { text: 't, i DESC', distances: null },
  { text: 't, s NULLS FIRST', distances: null },
  { text: 't DESC', distances: seconds },
  { text: 'i', distances: fc.constantFrom('0', '10', '2.5', '500') },
  { text: 'i DESC NULLS FIRST', distances: fc.constantFrom('0', '10', '500') },
  { text: 'b, i', distances: null },
  { text: 'd DESC', distances: fc.constantFrom('0', '1.5', '300') },
  { text: 'day', distances: fc.constantFrom('0', '1', '3000').map((n) => `INTERVAL '${n}' DAY`) },
  { text: '', distances: null },
);

const partitions = fc.constantFrom(
  '',
  'PARTITION BY k ',
  'PARTITION BY k, f ',
  'PARTITION BY s ',
  'PARTITION BY d, day ',
);

/**
 * A frame between two bounds, the second kind not before the first. Not from behind the row to `0 FOLLOWING`, of which DuckDB
 * counts less than no rows.
 */
function frame(unit: 'ROWS' | 'RANGE' | 'GROUPS', distances: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const bounds = fc.tuple(fc.nat(4), fc.nat(4), distances, distances);
  return bounds.map(([a, b, x, y]) => {
    const [low, high] = a <= b ? [a, b] : [b, a];
    const bound = (rank: number, distance: string) =>
      ['UNBOUNDED PRECEDING', `${distance} PRECEDING`, 'CURRENT ROW', `${distance} FOLLOWING`, 'UNBOUNDED FOLLOWING'][
        rank
      ];
    const start = low === 4 ? 3 : low;
    const [near, far] = start === 3 && high === 3 && /^(INTERVAL ')?0\b/.test(y) ? [y, x] : [x, y];
    return `${unit} BETWEEN ${bound(start, near)} AND ${bound(high === 0 ? 1 : high, far)}`;
  });
}

/** Aggregates that cannot tell rows of equal keys apart. */
const aggregates: fc.Arbitrary<Sql> = fc.oneof(
  fc.constant(same('COUNT(*)')),
  fc.constantFrom('s', 'i', 'd', 'f', 'day').map((c) => same(`COUNT(${c})`)),
  fc.constantFrom('i', 'b', 'd').map((c) => same(`SUM(${c})`)),
  fc.constantFrom('i', 'b', 'd').map((c) => same(`AVG(${c})`)),
  fc.constantFrom('k', 's', 'i', 'b', 'd', 'f', 'day', 't').map((c) => same(`MIN(${c})`)),
  fc.constantFrom('k', 's', 'i', 'b', 'd', 'f', 'day', 't').map((c) => same(`MAX(${c})`)),
  expression('integer', 1).map((a) => join`SUM(${a}) FILTER (WHERE f)`),
  expression('boolean', 1).map((a) => join`BOOL_AND(${a})`),
  expression('boolean', 0).map((a) => join`BOOL_OR(${a})`),
);

const numbers = fc.constantFrom('i', 'b', 'd');

/** Aggregates that are computed as GROUP BY does it: they cannot tell rows of equal keys apart either. */
const general: fc.Arbitrary<Sql> = fc.oneof(
  fc.constantFrom('k', 's', 'i', 'd', 'f', 'day').map((c) => same(`COUNT(DISTINCT ${c})`)),
  numbers.map((c) => same(`SUM(DISTINCT ${c})`)),
  fc
    .tuple(fc.constantFrom('STDDEV', 'VAR_POP', 'VAR_SAMP', 'MEDIAN', 'PRODUCT'), numbers)
    .map(([f, c]) => same(`${f}(${c})`)),
  fc
    .tuple(fc.constantFrom('CORR', 'COVAR_POP', 'REGR_SLOPE'), numbers, numbers)
    .map(([f, x, y]) => same(`${f}(${x}, ${y})`)),
  fc.constantFrom('i', 'b').map((c) => same(`BIT_OR(${c})`)),
  fc.constantFrom('i', 'd', 's', 't').map((c) => same(`QUANTILE_DISC(${c}, 0.75)`)),
  expression('boolean', 0).map((a) => join`COUNT_IF(${a})`),
  expression('integer', 1).map((a) => join`STDDEV(${a}) FILTER (WHERE f)`),
  fc.constantFrom('s', 'k').map((c) => same(`STRING_AGG(DISTINCT ${c}, ',' ORDER BY ${c})`)),
);

const columns = fc.constantFrom('k', 's', 'i', 'b', 'd', 'f', 'day', 't');

/** Functions that tell rows apart. */
const positional: fc.Arbitrary<Sql> = fc.oneof(
  columns.map((c) => same(`FIRST_VALUE(${c})`)),
  columns.map((c) => same(`LAST_VALUE(${c})`)),
  fc.tuple(columns, fc.integer({ min: 1, max: 3 })).map(([c, n]) => same(`NTH_VALUE(${c}, ${n})`)),
  fc
    .tuple(fc.constantFrom('FIRST_VALUE', 'LAST_VALUE'), columns, fc.boolean())
    .map(([f, c, isInside]) => passingNulls(f, c, isInside)),
  fc.tuple(columns, fc.integer({ min: 1, max: 3 })).map(([c, n]) => passingNulls('NTH_VALUE', `${c}, ${n}`, true)),
  aggregates,
  general,
);

/** IGNORE NULLS stands inside the call or behind it; DuckDB takes the first. */
function passingNulls(name: string, list: string, isInside: boolean): Sql {
  const inside = `${name}(${list} IGNORE NULLS)`;
  return { laminar: isInside ? inside : `${name}(${list}) IGNORE NULLS`, duckdb: inside };
}

const ranks: fc.Arbitrary<Sql> = fc.oneof(
  columns.map((c) => same(`LAG(${c})`)),
  columns.map((c) => same(`LEAD(${c})`)),
  fc.tuple(fc.constantFrom('LAG', 'LEAD'), fc.integer({ min: 0, max: 4 })).map(([f, n]) => same(`${f}(i, ${n}, b)`)),
  fc
    .tuple(fc.constantFrom('LAG', 'LEAD'), fc.integer({ min: 0, max: 4 }))
    .map(([f, n]) => same(`${f}(s, ${n}, 'none')`)),
  fc
    .tuple(fc.constantFrom('LAG', 'LEAD'), columns, fc.integer({ min: 1, max: 3 }))
    .map(([f, c, n]) => passingNulls(f, n === 1 ? c : `${c}, ${n}`, n > 1)),
  fc
    .tuple(fc.constantFrom('LAG', 'LEAD'), fc.integer({ min: 1, max: 3 }))
    .map(([f, n]) => passingNulls(f, `i, ${n}, b`, true)),
  fc.constant(same('ROW_NUMBER()')),
  fc.integer({ min: 1, max: 5 }).map((n) => same(`NTILE(${n})`)),
);

/** A call over a window. */
const call: fc.Arbitrary<Sql> = fc.tuple(partitions, orders).chain(([partition, order]) => {
  const by = order.text === '' ? '' : `ORDER BY ${order.text} `;
  const unique = order.text === '' ? 'ORDER BY seq ' : `ORDER BY ${order.text}, seq `;
  const over = (fn: Sql, written: string): Sql => join`${fn} OVER (${same(`${partition}${by}${written}`)})`;
  const overUnique = (fn: Sql, written: string): Sql => ({
    laminar: `${fn.laminar} OVER (${partition}${by}${written})`,
    duckdb: `${fn.duckdb} OVER (${partition}${unique}${written})`,
  });
  const rows = frame('ROWS', fc.nat(5).map(String));
  const range = order.distances === null ? null : frame('RANGE', order.distances);
  const groups = order.text === '' ? null : frame('GROUPS', fc.nat(3).map(String));
  const all = fc.oneof(aggregates, general);
  const exclusion = fc.constantFrom(
    '',
    '',
    ' EXCLUDE CURRENT ROW',
    ' EXCLUDE GROUP',
    ' EXCLUDE TIES',
    ' EXCLUDE NO OTHERS',
  );
  return fc.oneof(
    fc.tuple(positional, rows).map(([fn, written]) => overUnique(fn, written)),
    fc.tuple(positional, rows).map(([fn, written]) => overUnique(fn, `${written} EXCLUDE CURRENT ROW`)),
    ranks.map((fn) => overUnique(fn, '')),
    aggregates.map((fn) => over(fn, '')),
    fc.constantFrom('RANK()', 'DENSE_RANK()', 'PERCENT_RANK()', 'CUME_DIST()').map((fn) => over(same(fn), '')),
    general.map((fn) => over(fn, '')),
    ...[range, groups].flatMap((frames) =>
      frames === null
        ? []
        : [fc.tuple(all, frames, exclusion).map(([fn, written, exclude]) => over(fn, `${written}${exclude}`))],
    ),
  );
});

/** SELECT with calls over one window or several, alone and inside of expressions. */
export const overQuery: fc.Arbitrary<Sql> = fc
  .record({
    calls: fc.array(call, { minLength: 1, maxLength: 4 }),
    plain: fc.array(expression('integer', 1), { maxLength: 2 }),
    where: fc.option(expression('boolean', 1)),
    isInside: fc.boolean(),
    qualify: fc.option(fc.tuple(call, fc.constantFrom('IS NULL', 'IS NOT NULL')), { freq: 4 }),
  })
  .map(({ calls, plain, where, isInside, qualify }) => {
    const inside = isInside ? [join`COALESCE(CAST(${calls[0] as Sql} AS VARCHAR), k, 'none')`] : [];
    const items = [...listed(calls, 'w'), ...listed(plain, 'p'), ...listed(inside, 'e')];
    const filter = where === null ? same('') : join` WHERE ${where}`;
    const kept = qualify === null ? same('') : join` QUALIFY ${qualify[0]} ${same(qualify[1])}`;
    return join`SELECT ${comma(items)} FROM t0${filter}${kept}`;
  });

/** The first rows of each key or window, over rows and over groups. */
export const firstRowsQuery: fc.Arbitrary<Sql> = fc.oneof(
  fc
    .record({ n: fc.integer({ min: 1, max: 3 }), key: fc.constantFrom('k', 'f', 'day'), descending: fc.boolean() })
    .map(({ n, key, descending }) => {
      const order = `t${descending ? ' DESC' : ''}`;
      const number = (by: string) => `ROW_NUMBER() OVER (PARTITION BY ${key} ORDER BY ${by}) <= ${n}`;
      return {
        laminar: `SELECT ${key}, t, i, s FROM t0 QUALIFY ${number(order)}`,
        duckdb: `SELECT ${key}, t, i, s FROM t0 QUALIFY ${number(`${order}, seq`)}`,
      };
    }),
  fc
    .record({
      n: fc.integer({ min: 1, max: 3 }),
      key: fc.constantFrom('k', 'f'),
      order: fc.constantFrom('t', 't DESC', 'i'),
    })
    .map(({ n, key, order }) => {
      const inner = (by: string) =>
        `SELECT ${key}, t, i, ROW_NUMBER() OVER (PARTITION BY ${key} ORDER BY ${by}) AS place FROM t0`;
      const outer = (by: string) =>
        `SELECT ${key}, t, i FROM (${inner(by)}) AS ranked WHERE place <= ${n} AND i IS NOT NULL`;
      return { laminar: outer(order), duckdb: outer(`${order}, seq`) };
    }),
  fc.constantFrom('k', 'f').map((key) => ({
    laminar: `SELECT DISTINCT ON (${key}) ${key}, t, i FROM t0 ORDER BY ${key}, t DESC`,
    duckdb: `SELECT ${key}, t, i FROM t0 QUALIFY ROW_NUMBER() OVER (PARTITION BY ${key} ORDER BY t DESC, seq) = 1`,
  })),
  fc.constantFrom('k', 'f').map((key) => ({
    laminar: `SELECT DISTINCT ON (${key}) ${key}, t, i FROM t0`,
    duckdb: `SELECT ${key}, t, i FROM t0 QUALIFY ROW_NUMBER() OVER (PARTITION BY ${key} ORDER BY t, seq) = 1`,
  })),
  fc
    .record({ n: fc.integer({ min: 1, max: 3 }), isShort: fc.boolean(), seconds: fc.constantFrom(7, 20) })
    .map(({ n, isShort, seconds: size }) => {
      const start = `make_timestamp(epoch_us(t) - ((epoch_us(t) % ${size}000000) + ${size}000000) % ${size}000000)`;
      const end = `${start} + INTERVAL '${size}' SECOND`;
      const window = `TUMBLE(t, INTERVAL '${size}' SECOND)`;
      const number = (by: string) => `ROW_NUMBER() OVER (PARTITION BY ${by} ORDER BY COUNT(*) DESC, k) <= ${n}`;
      return {
        laminar: isShort
          ? `SELECT k, COUNT(*) AS n, window_end FROM t0 GROUP BY k, ${window} ORDER BY n DESC, k LIMIT ${n} BY window_end`
          : `SELECT k, COUNT(*) AS n, window_end FROM t0 GROUP BY k, ${window} QUALIFY ${number('window_start, window_end')}`,
        duckdb: `SELECT k, COUNT(*) AS n, ${end} AS e FROM t0 GROUP BY k, ${start} QUALIFY ${number(start)}`,
      };
    }),
  fc.constantFrom(7, 20).map((size) => {
    const start = `make_timestamp(epoch_us(t) - ((epoch_us(t) % ${size}000000) + ${size}000000) % ${size}000000)`;
    const window = `TUMBLE(t, INTERVAL '${size}' SECOND)`;
    const calls = (by: string) =>
      `LAG(COUNT(*)) OVER (PARTITION BY k ORDER BY ${by}) AS before, SUM(COUNT(*)) OVER (PARTITION BY ${by}) AS of_all, SUM(SUM(i)) OVER (PARTITION BY k ORDER BY ${by}) AS so_far`;
    return {
      laminar: `SELECT k, window_start, COUNT(*) AS n, ${calls('window_start')} FROM t0 GROUP BY k, ${window}`,
      duckdb: `SELECT k, ${start} AS s, COUNT(*) AS n, ${calls(start)} FROM t0 GROUP BY k, ${start}`,
    };
  }),
);
