// Random windows: as Laminar's GROUP BY writes them, and as a relation for DuckDB in which every row of a table stands
// once for each window that contains it, with the window's bounds in µs as `ws` and `we`.

import fc from 'fast-check';
import type { Sql } from './generate.ts';

export interface RandomWindow {
  isSession: boolean;
  /** For Laminar's GROUP BY over a time column. */
  group(time: string): string;
  /** For DuckDB's FROM. `keys` are the group keys: sessions are per key. */
  from(keys: readonly string[], where: string | null, input?: WindowInput): string;
}

/** A table, its time column, and what follows arrival. */
export interface WindowInput {
  table: string;
  time: string;
  arrival: string | null;
}

const T0: WindowInput = { table: 't0', time: 't', arrival: 'seq' };

const seconds = (n: number) => `INTERVAL '${n}' SECOND`;

/** The last multiple of `step` plus `offset` that is not after a time, all in µs. */
const floor = (time: string, step: number, offset = 0) =>
  `(${time} - (((${time} - (${offset})) % ${step}) + ${step}) % ${step})`;

/** A window of a fixed length: its arguments after the time, and its bounds from the time in µs. */
function fixed(
  name: string,
  rest: string,
  bounds: { start: (time: string) => string; end: (time: string) => string },
): RandomWindow {
  return {
    isSession: false,
    group: (time) => `${name}(${time}, ${rest})`,
    from: (_, where, { table, time } = T0) => {
      const micros = `epoch_us(${time})`;
      const kept = `${table}${where === null ? '' : ` WHERE ${where}`}`;
      return `(SELECT *, ${bounds.end(micros)} AS we FROM (SELECT *, ${bounds.start(micros)} AS ws FROM ${kept}))`;
    },
  };
}

const offsets = fc.constantFrom(0, 0, 3, -2);

const shifted = (offset: number) => (offset === 0 ? '' : `, ${seconds(offset)}`);

const tumble = fc.tuple(fc.constantFrom(1, 7, 10, 60), offsets).map(([size, offset]) =>
  fixed('TUMBLE', `${seconds(size)}${shifted(offset)}`, {
    start: (time) => floor(time, size * 1e6, offset * 1e6),
    end: () => `ws + ${size * 1e6}`,
  }),
);

const HOPS = [
  [1, 3],
  [10, 60],
  [7, 10],
  [4, 10],
  [5, 5],
] as const;

const hop = fc.tuple(fc.constantFrom(...HOPS), offsets).map(([[slide, size], offset]) => {
  const step = slide * 1e6;
  return fixed(size === 60 ? 'SLIDE' : 'HOP', `${seconds(slide)}, ${seconds(size)}${shifted(offset)}`, {
    start: (time) => {
      const first = `${floor(`${time} - ${size * 1e6}`, step, offset * 1e6)} + ${step}`;
      return `unnest(range(${first}, ${time} + 1, ${step}))`;
    },
    end: () => `ws + ${size * 1e6}`,
  });
});

const cumulate = fc.constantFrom([5, 20] as const, [1, 3] as const, [10, 60] as const).map(([step, size]) =>
  fixed('CUMULATE', `${seconds(step)}, ${seconds(size)}`, {
    start: (time) => floor(time, size * 1e6),
    end: (time) => {
      const first = `${floor(time, step * 1e6)} + ${step * 1e6}`;
      return `unnest(range(${first}, ws + ${size * 1e6 + 1}, ${step * 1e6}))`;
    },
  }),
);

/** A row begins a session when the one before it of its key is more than a gap away. */
const session = fc.constantFrom(0.5, 3, 10).map((gap): RandomWindow => {
  const micros = gap * 1e6;
  return {
    isSession: true,
    group: (time) => `SESSION(${time}, ${seconds(gap)})`,
    from: (keys, where, { table, time, arrival } = T0) => {
      const at = `epoch_us(${time})`;
      const order = `ORDER BY ${time}${arrival === null ? '' : `, ${arrival}`}`;
      const by = keys.length === 0 ? '' : `PARTITION BY ${keys.map((key) => `(${key})`).join(', ')} `;
      const kept = `(SELECT * FROM ${table}${where === null ? '' : ` WHERE ${where}`})`;
      const begins = `coalesce(${at} - lag(${at}) OVER (${by}${order}) > ${micros}, TRUE)`;
      const numbered = `(SELECT *, sum(begins::INTEGER) OVER (${by}${order}) AS number FROM (SELECT *, ${begins} AS begins FROM ${kept}))`;
      const own = `(${by === '' ? 'PARTITION BY ' : `${by.trimEnd()}, `}number)`;
      // Where values tie, the earlier arrival counts.
      return `(SELECT *, min(${at}) OVER ${own} AS ws, max(${at}) OVER ${own} + ${micros} AS we FROM ${numbered}${arrival === null ? '' : ` ORDER BY ${arrival}`})`;
    },
  };
});

/** Any window. */
export const window: fc.Arbitrary<RandomWindow> = fc.oneof(tumble, hop, cumulate, session);

/** The query over a window in both dialects. */
export function windowedQuery(
  window: RandomWindow,
  parts: { items: Sql; keys: readonly Sql[]; groups: readonly string[]; where: Sql | null },
): Sql {
  const { items, keys, groups, where } = parts;
  const edges = { laminar: 'window_start, window_end', duckdb: 'make_timestamp(ws), make_timestamp(we)' };
  const from = window.from(
    keys.map((key) => key.duckdb),
    where?.duckdb ?? null,
  );
  const filter = where === null ? '' : ` WHERE ${where.laminar}`;
  return {
    laminar: `SELECT ${items.laminar}, ${edges.laminar} FROM t0${filter} GROUP BY ${[...groups, window.group('t')].join(', ')}`,
    duckdb: `SELECT ${items.duckdb}, ${edges.duckdb} FROM ${from} GROUP BY ${[...groups, 'ws', 'we'].join(', ')}`,
  };
}
