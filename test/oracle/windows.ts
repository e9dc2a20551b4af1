// Random windows: as Laminar's GROUP BY writes them, and as a relation for DuckDB in which every row of t0 stands once
// for each window that contains it, with the window's bounds in µs as `ws` and `we`.

import fc from 'fast-check';
import type { Sql } from './generate.ts';

export interface RandomWindow {
  /** For Laminar's GROUP BY. */
  group: string;
  /** For DuckDB's FROM. `keys` are the group keys: sessions are per key. */
  from(keys: readonly string[], where: string | null): string;
}

const seconds = (n: number) => `INTERVAL '${n}' SECOND`;

/** The last multiple of `step` plus `offset` that is not after a time, all in µs. */
const floor = (time: string, step: number, offset = 0) =>
  `(${time} - (((${time} - (${offset})) % ${step}) + ${step}) % ${step})`;

const T = 'epoch_us(t)';

function fixed(group: string, starts: string, ends: string): RandomWindow {
  return {
    group,
    from: (_, where) =>
      `(SELECT *, ${ends} AS we FROM (SELECT *, ${starts} AS ws FROM t0${where === null ? '' : ` WHERE ${where}`}))`,
  };
}

const offsets = fc.constantFrom(0, 0, 3, -2);

const shifted = (offset: number) => (offset === 0 ? '' : `, ${seconds(offset)}`);

const tumble = fc.tuple(fc.constantFrom(1, 7, 10, 60), offsets).map(([size, offset]) => {
  const start = floor(T, size * 1e6, offset * 1e6);
  return fixed(`TUMBLE(t, ${seconds(size)}${shifted(offset)})`, start, `ws + ${size * 1e6}`);
});

const HOPS = [
  [1, 3],
  [10, 60],
  [7, 10],
  [4, 10],
  [5, 5],
] as const;

const hop = fc.tuple(fc.constantFrom(...HOPS), offsets).map(([[slide, size], offset]) => {
  const step = slide * 1e6;
  const first = `${floor(`${T} - ${size * 1e6}`, step, offset * 1e6)} + ${step}`;
  const name = size === 60 ? 'SLIDE' : 'HOP';
  return fixed(
    `${name}(t, ${seconds(slide)}, ${seconds(size)}${shifted(offset)})`,
    `unnest(range(${first}, ${T} + 1, ${step}))`,
    `ws + ${size * 1e6}`,
  );
});

const cumulate = fc.constantFrom([5, 20] as const, [1, 3] as const, [10, 60] as const).map(([step, size]) => {
  const start = floor(T, size * 1e6);
  const firstEnd = `${floor(T, step * 1e6)} + ${step * 1e6}`;
  return fixed(
    `CUMULATE(t, ${seconds(step)}, ${seconds(size)})`,
    start,
    `unnest(range(${firstEnd}, ws + ${size * 1e6 + 1}, ${step * 1e6}))`,
  );
});

/** Any window. */
export const window: fc.Arbitrary<RandomWindow> = fc.oneof(tumble, hop, cumulate);

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
    laminar: `SELECT ${items.laminar}, ${edges.laminar} FROM t0${filter} GROUP BY ${[...groups, window.group].join(', ')}`,
    duckdb: `SELECT ${items.duckdb}, ${edges.duckdb} FROM ${from} GROUP BY ${[...groups, 'ws', 'we'].join(', ')}`,
  };
}
