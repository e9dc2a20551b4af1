// Aggregates that choose a value by its place among the rows, or put values in a row.

import type { AggregateDefinition } from './aggregate.ts';
import * as states from './states.ts';
import { anyType, sameResult, textType } from './types.ts';

const CHOOSING = {
  group: 'ordered',
  value: anyType,
  takes: 'a value',
  result: sameResult,
  empty: 'null',
  distinct: 'ignored',
  retraction: 'recompute',
} as const;

export const ORDERED: readonly AggregateDefinition[] = [
  {
    ...CHOOSING,
    name: 'first_value',
    aliases: ['first'],
    roles: ['value'],
    byTime: true,
    state: states.FIRST_STATE,
    merge: 'the earlier',
    summary: 'The value of the earliest event time, of equal times the first to arrive.',
    example: ['FIRST_VALUE(s)', '"one"'],
  },
  {
    ...CHOOSING,
    name: 'last_value',
    aliases: ['last'],
    roles: ['value'],
    byTime: true,
    state: states.LAST_STATE,
    merge: 'the later',
    summary: 'The value of the latest event time, of equal times the last to arrive.',
    example: ['LAST_VALUE(s)', '"two"'],
  },
  {
    ...CHOOSING,
    name: 'any_value',
    aliases: ['arbitrary'],
    roles: ['value'],
    state: states.FIRST_STATE,
    merge: 'either',
    summary: 'One of the values.',
    example: ["ANY_VALUE('same')", '"same"'],
  },
  {
    ...CHOOSING,
    name: 'arg_min',
    aliases: ['argmin', 'min_by'],
    roles: ['value', 'by'],
    by: anyType,
    state: states.ARG_MIN_STATE,
    merge: 'the lesser, then the first to arrive',
    summary: 'The first argument where the second is least, of several rows the first to arrive.',
    example: ['ARG_MIN(s, y)', '"one"'],
  },
  {
    ...CHOOSING,
    name: 'arg_max',
    aliases: ['argmax', 'max_by'],
    roles: ['value', 'by'],
    by: anyType,
    state: states.ARG_MAX_STATE,
    merge: 'the greater, then the first to arrive',
    summary: 'The first argument where the second is greatest, of several rows the first to arrive.',
    example: ['ARG_MAX(s, y)', '"five"'],
  },
  {
    ...CHOOSING,
    name: 'string_agg',
    aliases: ['listagg', 'group_concat'],
    roles: ['value', 'separator'],
    optional: 1,
    value: textType,
    distinct: 'matters',
    order: 'inside',
    state: states.TEXTS_STATE,
    merge: 'put together',
    retraction: 'invertible',
    summary:
      'The values as text, with a separator between them (`,` if none is given): in the order of ORDER BY, else as they arrive.',
    example: ["STRING_AGG(s, '+' ORDER BY y DESC)", '"five+two+two+one"'],
  },
];
