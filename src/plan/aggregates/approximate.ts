// Sketches: an answer near enough in little memory. Neither depends on the order of the rows.

import type { AggregateDefinition } from './aggregate.ts';
import * as states from './states.ts';
import { anyType, bigintResult, doubleResult, doubleType } from './types.ts';

const QUANTILE = {
  group: 'approximate',
  value: doubleType,
  takes: 'a number',
  result: doubleResult,
  empty: 'null',
  distinct: 'matters',
  state: states.QUANTILE_SKETCH_STATE,
  merge: 'counts added',
  retraction: 'recompute',
} as const;

export const APPROXIMATE: readonly AggregateDefinition[] = [
  {
    group: 'approximate',
    name: 'approx_count_distinct',
    aliases: ['approx_distinct'],
    roles: ['value'],
    value: anyType,
    takes: 'a value',
    result: bigintResult,
    empty: 'zero',
    distinct: 'ignored',
    state: states.DISTINCT_SKETCH_STATE,
    merge: 'the greater of each register',
    retraction: 'recompute',
    summary:
      'About how many different values, in 4 KB at most: exact up to 256, beyond with a standard error of 1.6 % (HyperLogLog).',
    example: ['APPROX_COUNT_DISTINCT(x)', '3'],
  },
  {
    ...QUANTILE,
    name: 'approx_quantile',
    aliases: ['approx_percentile', 'approx_percentile_cont'],
    roles: ['value', 'fraction'],
    order: 'within',
    summary:
      'About the value at a fraction of the sorted values: within 0.4 % of what `QUANTILE_DISC` gives, from counts per range of values.',
    example: ['ROUND(APPROX_QUANTILE(y, 0.5), 1)', '3.5'],
  },
  {
    ...QUANTILE,
    name: 'approx_median',
    aliases: [],
    roles: ['value'],
    fraction: 0.5,
    summary: '`APPROX_QUANTILE` at 0.5.',
    example: ['ROUND(APPROX_MEDIAN(x))', '2'],
  },
];
