// Spread, relation and position: by one pass over the rows (Welford's updates, Chan's merge), or over kept values.

import * as aggregateLayout from '../../../kernels/layout-aggregate.ts';
import type { AggregateDefinition, AggregateFunction } from './aggregate.ts';
import * as states from './states.ts';
import { anyType, bigintResult, continuousType, doubleResult, doubleType, sameResult } from './types.ts';

const STATISTIC = { group: 'statistics', empty: 'null', distinct: 'matters', retraction: 'recompute' } as const;

interface Text {
  name: AggregateFunction;
  aliases?: readonly string[];
  result: number;
  summary: string;
  example: readonly [string, string];
}

const spread = ({ name, aliases = [], result, summary, example }: Text): AggregateDefinition => ({
  ...STATISTIC,
  ...{ name, aliases, summary, example },
  roles: ['value'],
  value: doubleType,
  takes: 'a number',
  result: doubleResult,
  state: states.momentsState(result),
  merge: 'means and squares combined',
});

const relation = ({ name, aliases = [], result, summary, example }: Text): AggregateDefinition => ({
  ...STATISTIC,
  ...{ name, aliases, summary, example },
  roles: ['value', 'by'],
  value: doubleType,
  by: doubleType,
  takes: 'a number',
  result: doubleResult,
  state: states.comomentsState(result),
  merge: 'means and products combined',
});

const QUANTILE = { ...STATISTIC, result: sameResult, merge: 'values put together' } as const;

const CONTINUOUS = {
  ...QUANTILE,
  value: continuousType,
  takes: 'a number, a time or an interval',
  state: states.valuesState(aggregateLayout.RESULT_CONTINUOUS),
} as const;

export const STATISTICS: readonly AggregateDefinition[] = [
  spread({
    name: 'stddev_samp',
    aliases: ['stddev', 'std'],
    result: aggregateLayout.RESULT_STDDEV_SAMP,
    summary: 'The standard deviation of a sample (divided by n − 1); NULL of one value.',
    example: ['ROUND(STDDEV(x), 4)', '2.8284'],
  }),
  spread({
    name: 'stddev_pop',
    result: aggregateLayout.RESULT_STDDEV_POP,
    summary: 'The standard deviation of the values themselves (divided by n).',
    example: ['ROUND(STDDEV_POP(x), 4)', '2.4495'],
  }),
  spread({
    name: 'var_samp',
    aliases: ['variance', 'var'],
    result: aggregateLayout.RESULT_VAR_SAMP,
    summary: 'The variance of a sample, the square of `STDDEV_SAMP`.',
    example: ['VARIANCE(x)', '8'],
  }),
  spread({
    name: 'var_pop',
    aliases: ['variance_pop'],
    result: aggregateLayout.RESULT_VAR_POP,
    summary: 'The variance of the values themselves, the square of `STDDEV_POP`.',
    example: ['VAR_POP(x)', '6'],
  }),
  spread({
    name: 'sem',
    result: aggregateLayout.RESULT_ERROR,
    summary: 'The standard error of the mean: the standard deviation by the root of the number of values.',
    example: ['ROUND(SEM(x), 4)', '1.2247'],
  }),
  relation({
    name: 'covar_samp',
    aliases: ['covar'],
    result: aggregateLayout.RESULT_COVAR_SAMP,
    summary: 'The covariance of a sample of pairs (divided by n − 1); NULL of one pair.',
    example: ['COVAR_SAMP(y, x)', '8'],
  }),
  relation({
    name: 'covar_pop',
    result: aggregateLayout.RESULT_COVAR_POP,
    summary: 'The covariance of the pairs themselves (divided by n).',
    example: ['COVAR_POP(y, x)', '6'],
  }),
  relation({
    name: 'corr',
    result: aggregateLayout.RESULT_CORR,
    summary: 'The correlation of pairs, from −1 to 1.',
    example: ['ROUND(CORR(y, x), 4)', '0.9608'],
  }),
  relation({
    name: 'regr_slope',
    result: aggregateLayout.RESULT_SLOPE,
    summary: 'The slope of the line through the pairs (y, x) with the least squares.',
    example: ['REGR_SLOPE(y, x)', '1'],
  }),
  relation({
    name: 'regr_intercept',
    result: aggregateLayout.RESULT_INTERCEPT,
    summary: 'Where that line crosses x = 0.',
    example: ['REGR_INTERCEPT(y, x)', '0.5'],
  }),
  relation({
    name: 'regr_r2',
    result: aggregateLayout.RESULT_R2,
    summary: 'How much of y that line explains, from 0 to 1; NULL where all x are the same.',
    example: ['ROUND(REGR_R2(y, x), 4)', '0.9231'],
  }),
  {
    ...relation({
      name: 'regr_count',
      result: aggregateLayout.RESULT_PAIRS,
      summary: 'How many pairs without NULL there are.',
      example: ['REGR_COUNT(y, x)', '4'],
    }),
    empty: 'zero',
    result: bigintResult,
  },
  relation({
    name: 'regr_avgx',
    result: aggregateLayout.RESULT_MEAN_X,
    summary: 'The mean of the x of the pairs.',
    example: ['REGR_AVGX(y, x)', '4'],
  }),
  relation({
    name: 'regr_avgy',
    result: aggregateLayout.RESULT_MEAN_Y,
    summary: 'The mean of the y of the pairs.',
    example: ['REGR_AVGY(y, x)', '4.5'],
  }),
  relation({
    name: 'regr_sxx',
    result: aggregateLayout.RESULT_SQUARES_X,
    summary: 'The sum of the squares of x from their mean.',
    example: ['REGR_SXX(y, x)', '24'],
  }),
  relation({
    name: 'regr_syy',
    result: aggregateLayout.RESULT_SQUARES_Y,
    summary: 'The sum of the squares of y from their mean.',
    example: ['REGR_SYY(y, x)', '26'],
  }),
  relation({
    name: 'regr_sxy',
    result: aggregateLayout.RESULT_PRODUCTS,
    summary: 'The sum of the products of x and y from their means.',
    example: ['REGR_SXY(y, x)', '24'],
  }),
  {
    ...CONTINUOUS,
    name: 'median',
    aliases: [],
    roles: ['value'],
    fraction: 0.5,
    summary: 'The value in the middle, of an even number of values the mean of the two.',
    example: ['MEDIAN(x)', '3'],
  },
  {
    ...CONTINUOUS,
    name: 'quantile_cont',
    aliases: ['percentile_cont'],
    roles: ['value', 'fraction'],
    order: 'within',
    summary:
      'The value at a fraction of the sorted values, between two of them in proportion; also `PERCENTILE_CONT(0.9) WITHIN GROUP (ORDER BY x)`.',
    example: ['QUANTILE_CONT(x, 0.75)', '5'],
  },
  {
    ...QUANTILE,
    name: 'quantile_disc',
    aliases: ['percentile_disc', 'quantile'],
    roles: ['value', 'fraction'],
    value: anyType,
    takes: 'a value',
    order: 'within',
    state: states.valuesState(aggregateLayout.RESULT_DISCRETE),
    summary:
      'The first of the sorted values that has a fraction of them at or before it; also `PERCENTILE_DISC(0.9) WITHIN GROUP (ORDER BY x)`.',
    example: ['PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY s)', '"one"'],
  },
  {
    ...QUANTILE,
    name: 'mode',
    aliases: [],
    roles: ['value'],
    value: anyType,
    takes: 'a value',
    order: 'within',
    state: states.TALLY_STATE,
    merge: 'counts added',
    summary: 'The most frequent value, of several the first to arrive.',
    example: ['MODE(x)', '2'],
  },
];
