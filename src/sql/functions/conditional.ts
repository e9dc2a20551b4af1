// Functions that choose among their arguments. COALESCE, NULLIF, IFNULL and CASE are shapes of their own, made by the
// binder, because they do not evaluate all of their arguments.

import {
  BIGINT,
  BOOLEAN,
  DATE,
  type DataType,
  DOUBLE,
  INTEGER,
  INTERVAL,
  TIMESTAMP,
  VARCHAR,
} from '../../data/type.ts';
import { chapter, type OverloadPart, special } from './define.ts';
import type { ScalarFunction } from './function.ts';

const define = chapter('conditional');

const ORDERED: readonly DataType[] = [INTEGER, BIGINT, DOUBLE, VARCHAR, TIMESTAMP, DATE, INTERVAL, BOOLEAN];

function forOrderedTypes(): OverloadPart[] {
  return ORDERED.map((type) => special([type], type, { nulls: 'handles-null', variadic: true }));
}

export const conditionalFunctions: readonly ScalarFunction[] = [
  define(
    {
      name: 'greatest',
      summary: 'The greatest argument that is not NULL; NULL when all are. NaN is greater than any number.',
      example: ['greatest(3, NULL, 7)', '7'],
    },
    ...forOrderedTypes(),
  ),
  define(
    {
      name: 'least',
      summary: 'The least argument that is not NULL; NULL when all are.',
      example: ['least(3, NULL, 7)', '3'],
    },
    ...forOrderedTypes(),
  ),
];
