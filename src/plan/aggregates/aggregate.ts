// The contract of an aggregate function. One definition feeds the binder (names, arguments, types), the layout of
// groups (state), the kernels (codes) and the documentation.
//
// Every state merges: that of two sets of rows is made from the states of each, without the rows. `retraction` says
// what taking one row away again costs: `invertible` works on the state alone, `recompute` needs the group's values.

import type { DataType, Physical } from '../../data/type.ts';

export type AggregateFunction =
  | 'count_star'
  | 'count'
  | 'count_if'
  | 'sum'
  | 'avg'
  | 'product'
  | 'min'
  | 'max'
  | 'bool_and'
  | 'bool_or'
  | 'bit_and'
  | 'bit_or'
  | 'bit_xor'
  | 'any_value'
  | 'first_value'
  | 'last_value'
  | 'arg_min'
  | 'arg_max'
  | 'string_agg'
  | 'array_agg'
  | 'var_samp'
  | 'var_pop'
  | 'stddev_samp'
  | 'stddev_pop'
  | 'covar_samp'
  | 'covar_pop'
  | 'corr'
  | 'regr_slope'
  | 'regr_intercept'
  | 'regr_count'
  | 'regr_r2'
  | 'regr_avgx'
  | 'regr_avgy'
  | 'regr_sxx'
  | 'regr_syy'
  | 'regr_sxy'
  | 'sem'
  | 'median'
  | 'quantile_cont'
  | 'quantile_disc'
  | 'mode'
  | 'approx_count_distinct'
  | 'approx_quantile'
  | 'approx_median';

/** What an argument is for. */
export type ArgumentRole =
  /** The value to aggregate; NULL is left out. */
  | 'value'
  /** A second value of the row: what ARG_MIN looks at, the x of CORR(y, x). Rows where it is NULL are left out too. */
  | 'by'
  /** A constant between 0 and 1. */
  | 'fraction'
  /** A constant text. */
  | 'separator';

/** The type that a value of type `given` takes as an argument, null where it cannot be one. */
export type TypeRule = (given: DataType) => DataType | null;

export interface AggregateDefinition {
  name: AggregateFunction;
  aliases: readonly string[];
  group: AggregateGroup;
  /** Arguments in order. */
  roles: readonly ArgumentRole[];
  /** How many of the last arguments may be left out. */
  optional?: number;
  value: TypeRule;
  /** What a value must be, for messages: `a number`. */
  takes: string;
  by?: TypeRule;
  result: (value: DataType) => DataType;
  /** Of no values: 0 or NULL. */
  empty: 'zero' | 'null';
  /** Whether leaving out equal values changes the result: else DISTINCT is ignored. */
  distinct: 'matters' | 'ignored';
  /** `inside`: takes ORDER BY behind its arguments; `within`: the value may stand in WITHIN GROUP (ORDER BY value). */
  order?: 'inside' | 'within';
  /** Event time decides between values, where there is one; else the order of arrival. */
  byTime?: true;
  /** The fraction of a quantile that takes none. */
  fraction?: number;
  state: StateForm;
  /** How two states become one, in words. */
  merge: string;
  retraction: 'invertible' | 'recompute';
  /** One sentence. */
  summary: string;
  /** Over the rows of EXAMPLE_ROWS: the call, and its value as JSON output has it. */
  example: readonly [sql: string, result: string];
}

export type AggregateGroup = 'general' | 'ordered' | 'statistics' | 'approximate';

/** How a function keeps its state in the entry of a group. */
export interface StateForm {
  /** AGGREGATE_* of kernels/layout-aggregate.ts: the kernels that add to it. */
  code: number;
  /** RESULT_* of kernels/layout-aggregate.ts: what is made of it. */
  result: number;
  /** Bytes over arguments of these representations; a multiple of 8. */
  bytes: (value: Physical, by: Physical) => number;
  /** Writes the state of a group without rows; unwritten bytes are zero. */
  init?: (view: DataView, at: number, physical: Physical) => void;
  /** Whether a group with a row has a value, when the argument cannot be NULL, without the seen byte being set. */
  isSeenFromStart: boolean;
}
