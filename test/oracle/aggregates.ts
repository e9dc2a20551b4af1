// Random calls of every aggregate, in both dialects. Where DuckDB leaves an order open (ties, texts without ORDER BY),
// its text asks for the order of arrival, which is what Laminar promises.

import fc from 'fast-check';
import type { expression, Sql } from './generate.ts';

type ValueType = Parameters<typeof expression>[0];

/** What the caller knows of expressions. */
export interface Tools {
  expression: typeof expression;
  any: (depth: number) => fc.Arbitrary<Sql>;
  join: (strings: TemplateStringsArray, ...parts: Sql[]) => Sql;
  same: (text: string) => Sql;
}

export function aggregateCalls({ expression, any, join, same }: Tools): fc.Arbitrary<Sql> {
  const of = (...types: ValueType[]): fc.Arbitrary<Sql> => fc.oneof(...types.map((type) => expression(type, 1)));
  const call = (name: string, argument: fc.Arbitrary<Sql>) => argument.map((a) => join`${same(name)}(${a})`);
  const pair = (name: string, a: fc.Arbitrary<Sql>, b: fc.Arbitrary<Sql>) =>
    fc.tuple(a, b).map(([x, y]) => join`${same(name)}(${x}, ${y})`);
  // DuckDB refuses ORDER BY of a constant.
  const column = (...names: string[]) => fc.constantFrom(...names).map(same);
  const fraction = fc.constantFrom('0', '0.1', '0.25', '0.5', '0.75', '0.9', '1').map(same);
  const ordered = (name: 'FIRST_VALUE' | 'LAST_VALUE') => (a: Sql) => ({
    laminar: `${name}(${a.laminar})`,
    duckdb: `${name === 'FIRST_VALUE' ? 'first' : 'last'}(${a.duckdb} ORDER BY t, seq) FILTER (WHERE (${a.duckdb}) IS NOT NULL)`,
  });
  const numbers = of('integer', 'double');
  const spreads = ['SEM', 'STDDEV', 'STDDEV_POP', 'VARIANCE', 'VAR_POP', 'VAR_SAMP', 'PRODUCT'];
  const relations = [
    ...['COVAR_POP', 'COVAR_SAMP', 'CORR', 'REGR_SLOPE', 'REGR_INTERCEPT', 'REGR_R2', 'REGR_COUNT'],
    ...['REGR_AVGX', 'REGR_AVGY', 'REGR_SXX', 'REGR_SYY', 'REGR_SXY'],
  ];
  // DuckDB's own 0 downwards is 0 upwards.
  const downwards = fc.constantFrom('0.1', '0.5', '0.75', '1').map(same);
  const within = fc
    .tuple(
      fc.constantFrom('PERCENTILE_CONT', 'PERCENTILE_DISC').map(same),
      downwards,
      column('i', 'b', 'd'),
      direction(),
    )
    .map(([name, f, a, way]) => join`${name}(${f}) WITHIN GROUP (ORDER BY ${a} ${same(way)})`);
  const texts = fc
    .tuple(
      of('text', 'integer', 'boolean'),
      column('s', 'i', 'd', 'f', 't', 'day'),
      direction(),
      fc.constantFrom('', ' NULLS FIRST'),
    )
    .map(([a, by, way, nulls]) => ({
      laminar: `STRING_AGG(CAST(${a.laminar} AS VARCHAR), '; ' ORDER BY ${by.laminar} ${way}${nulls})`,
      duckdb: `STRING_AGG(CAST(${a.duckdb} AS VARCHAR), '; ' ORDER BY ${by.duckdb} ${way}${nulls}, seq)`,
    }));
  const simple = fc.oneof(
    any(1).map((a) => join`COUNT(${a})`),
    any(1).map((a) => join`COUNT(DISTINCT ${a})`),
    any(1).map((a) => ({
      laminar: `APPROX_COUNT_DISTINCT(${a.laminar})`,
      duckdb: `COUNT(DISTINCT ${a.duckdb})`,
    })),
    call('SUM', of('integer', 'double')),
    call('AVG', of('integer', 'double')),
    call('MIN', any(1)),
    call('MAX', any(1)),
    call('AVG', of('time')),
    call('MEDIAN', of('time')),
    call('MODE', any(0)),
    call('MEDIAN', numbers),
    call('BOOL_AND', of('boolean')),
    call('BOOL_OR', of('boolean')),
    call('COUNT_IF', of('boolean')),
    fc.constantFrom('BIT_AND', 'BIT_OR', 'BIT_XOR').chain((name) => call(name, of('integer'))),
    fc.constantFrom(...spreads).chain((name) => call(name, fc.oneof(of('integer'), expression('double', 0)))),
    fc.constantFrom(...relations).chain((name) => pair(name, expression('double', 0), of('integer'))),
    fc
      .tuple(fc.constantFrom(...relations).map(same), column('i', 'd', 'i % 2'), column('i', 'b % 2', 'i % 3'))
      .map(([name, y, x]) => join`${name}(DISTINCT ${y}, ${x})`),
    fc.constantFrom('SUM', 'AVG', 'VAR_POP', 'MEDIAN').chain((name) =>
      call(
        name,
        of('integer').map((a) => join`DISTINCT ${a}`),
      ),
    ),
    fc.constantFrom('ARG_MIN', 'ARG_MAX', 'MIN_BY', 'MAX_BY').chain((name) => pair(name, any(0), any(0))),
    pair('QUANTILE_CONT', numbers, fraction),
    pair('QUANTILE_DISC', fc.oneof(numbers, of('text')), fraction),
  );
  const condition = expression('boolean', 0);
  return fc.oneof(
    { weight: 1, arbitrary: fc.constant(same('COUNT(*)')) },
    { weight: 12, arbitrary: simple },
    { weight: 3, arbitrary: fc.tuple(simple, condition).map(([a, c]) => join`${a} FILTER (WHERE ${c})`) },
    { weight: 1, arbitrary: within },
    { weight: 1, arbitrary: texts },
    {
      weight: 1,
      arbitrary: of('text').map((a) => ({
        laminar: `STRING_AGG(${a.laminar})`,
        duckdb: `STRING_AGG(${a.duckdb}, ',' ORDER BY seq)`,
      })),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(of('text', 'integer', 'boolean'), column('s', 'i', 'd'), direction()).map(([a, by, way]) => ({
        laminar: `COALESCE(ARRAY_TO_STRING(ARRAY_AGG(CAST(${a.laminar} AS VARCHAR) ORDER BY ${by.laminar} ${way}), ';'), '')`,
        duckdb: `COALESCE(ARRAY_TO_STRING(ARRAY_AGG(CAST(${a.duckdb} AS VARCHAR) ORDER BY ${by.duckdb} ${way}, seq), ';'), '')`,
      })),
    },
    { weight: 1, arbitrary: of('text').map((a) => join`STRING_AGG(DISTINCT ${a}, '' ORDER BY ${a} DESC)`) },
    {
      weight: 1,
      arbitrary: any(0).map((a) => ({
        laminar: `ANY_VALUE(${a.laminar})`,
        duckdb: `first(${a.duckdb} ORDER BY seq) FILTER (WHERE (${a.duckdb}) IS NOT NULL)`,
      })),
    },
    { weight: 1, arbitrary: any(0).map(ordered('FIRST_VALUE')) },
    { weight: 1, arbitrary: any(0).map(ordered('LAST_VALUE')) },
    {
      weight: 1,
      arbitrary: pair('COALESCE', call('SUM', of('integer')), call('COUNT', any(0))).map((a) => join`${a} * 2`),
    },
  );
}

function direction(): fc.Arbitrary<string> {
  return fc.constantFrom('', 'ASC', 'DESC');
}
