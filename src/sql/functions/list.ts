// Functions of lists. All of them are generic in the type of the elements; their code is in codegen/list-code.ts.

import { ANY, BIGINT, BOOLEAN, type DataType, DOUBLE, isInteger, isNumeric, listOf, VARCHAR } from '../../data/type.ts';
import { chapter, generic, kernel, type OverloadPart } from './define.ts';
import type { ScalarFunction, ScalarOverload } from './function.ts';
import { overJson } from './json.ts';
import {
  flattened,
  joined,
  listOfAll,
  MAY_BE_NULL,
  overDecimals,
  overList,
  overNumbers,
  together,
} from './list-overloads.ts';

const define = chapter('list');
const LIST = listOf(ANY);

const toCount = (): DataType => BIGINT;
const toBoolean = (): DataType => BOOLEAN;
const toElement = (element: DataType): DataType => element;

const reading: readonly ScalarFunction[] = [
  define(
    {
      name: 'list_value',
      aliases: ['list_pack'],
      summary: 'A list of its arguments, also written [a, b] or ARRAY[a, b].',
      example: ['list_value(1, 2, NULL)', '[1, 2, NULL]'],
    },
    generic({ parameters: [ANY], result: LIST }, listOfAll, { nulls: 'handles-null', variadic: true }),
  ),
  define(
    {
      name: 'list_extract',
      aliases: ['array_extract', 'list_element'],
      summary: 'The element at an index from 1, or from the end: -1 is the last. Also written list[index].',
      example: ["['a', 'b', 'c'][-1]", 'c'],
    },
    overList([BIGINT], toElement, MAY_BE_NULL),
  ),
  define(
    {
      name: 'list_slice',
      aliases: ['array_slice'],
      summary: 'The elements from one index to another, both included. Also written list[first:last].',
      example: ['[1, 2, 3, 4][2:3]', '[2, 3]'],
    },
    overList([BIGINT, BIGINT], listOf),
  ),
  define(
    {
      name: 'array_length',
      aliases: ['cardinality', 'list_length'],
      summary: 'How many elements a list has. len and length are the same.',
      example: ['array_length([1, NULL, 3])', '3'],
    },
    overList([], toCount),
  ),
  define(
    {
      name: 'list_contains',
      aliases: ['array_contains', 'list_has', 'array_has'],
      summary: 'Whether a list has an element.',
      example: ["list_contains(['a', 'b'], 'b')", 'true'],
    },
    together([true, false], toBoolean),
  ),
  define(
    {
      name: 'list_position',
      aliases: ['array_position', 'list_indexof', 'array_indexof'],
      summary: 'The index of the first such element, from 1; NULL when there is none.',
      example: ["list_position(['a', 'b'], 'b')", '2'],
    },
    together([true, false], toCount, MAY_BE_NULL),
  ),
  define(
    {
      name: 'list_min',
      aliases: ['array_min'],
      summary: 'The least element that is not NULL.',
      example: ['list_min([3, 1, NULL])', '1'],
    },
    overList([], toElement, MAY_BE_NULL),
  ),
  define(
    {
      name: 'list_max',
      aliases: ['array_max'],
      summary: 'The greatest element that is not NULL.',
      example: ['list_max([3, 1, NULL])', '3'],
    },
    overList([], toElement, MAY_BE_NULL),
  ),
  define(
    {
      name: 'list_sum',
      aliases: ['array_sum'],
      summary:
        'The sum of the elements: BIGINT of integers, DECIMAL of those, DOUBLE of others; NULL when there are none.',
      example: ['list_sum([1, 2, NULL])', '3'],
    },
    overNumbers((type) => isInteger(type) || type.kind === 'NULL', BIGINT, { ...MAY_BE_NULL, fails: true }),
    overNumbers((type) => type.kind === 'DOUBLE', DOUBLE),
    overDecimals,
  ),
  define(
    {
      name: 'list_avg',
      aliases: ['array_avg'],
      summary: 'The mean of the elements, as DOUBLE.',
      example: ['list_avg([1, 2, NULL])', '1.5'],
    },
    overNumbers((type) => isNumeric(type) || type.kind === 'NULL', DOUBLE),
  ),
  define(
    {
      name: 'list_unique',
      aliases: ['array_unique'],
      summary: 'How many different elements there are, NULL left out.',
      example: ['list_unique([1, 2, 1, NULL])', '2'],
    },
    overList([], toCount),
  ),
];

const making: readonly ScalarFunction[] = [
  define(
    {
      name: 'list_concat',
      aliases: ['list_cat', 'array_concat', 'array_cat'],
      summary: 'The elements of both lists; a NULL list is an empty one. list || list is NULL where one is.',
      example: ['list_concat([1], [2, 3])', '[1, 2, 3]'],
    },
    together([true, true], listOf, { nulls: 'handles-null' }),
  ),
  define(
    {
      name: 'list_append',
      aliases: ['array_append', 'array_push_back'],
      summary: 'A list with one more element at its end.',
      example: ['list_append([1, 2], 3)', '[1, 2, 3]'],
    },
    together([true, false], listOf, { nulls: 'handles-null' }),
  ),
  define(
    {
      name: 'list_prepend',
      summary: 'A list with one more element at its beginning.',
      example: ['list_prepend(1, [2, 3])', '[1, 2, 3]'],
    },
    together([false, true], listOf, { nulls: 'handles-null' }),
  ),
  define(
    {
      name: 'list_sort',
      aliases: ['array_sort'],
      summary: "The elements in order, NULLs last; 'DESC' turns the order, a third argument 'NULLS FIRST' the NULLs.",
      example: ['list_sort([3, NULL, 1])', '[1, 3, NULL]'],
    },
    overList([], listOf),
    overList([VARCHAR], listOf),
    overList([VARCHAR, VARCHAR], listOf),
  ),
  define(
    {
      name: 'list_reverse_sort',
      aliases: ['array_reverse_sort'],
      summary: 'The elements from the greatest to the least, NULLs last.',
      example: ['list_reverse_sort([3, NULL, 1, 4])', '[4, 3, 1, NULL]'],
    },
    overList([], listOf),
  ),
  define(
    {
      name: 'list_distinct',
      aliases: ['array_distinct'],
      summary: 'Each element once, in order, without NULL.',
      example: ['list_sort(list_distinct([2, 1, 2, NULL]))', '[1, 2]'],
    },
    overList([], listOf),
  ),
  define(
    {
      name: 'list_reverse',
      aliases: ['array_reverse'],
      summary: 'The elements in reverse.',
      example: ['list_reverse([1, 2, 3])', '[3, 2, 1]'],
    },
    overList([], listOf),
  ),
  define(
    {
      name: 'flatten',
      summary: 'The elements of the lists in a list, one list after another.',
      example: ['flatten([[1, 2], [], [3]])', '[1, 2, 3]'],
    },
    generic({ parameters: [listOf(LIST)], result: LIST }, flattened),
  ),
];

const text: readonly ScalarFunction[] = [
  define(
    {
      name: 'array_to_string',
      aliases: ['list_to_string'],
      summary: 'The elements as text with a separator between, NULL left out.',
      example: ["array_to_string([1, NULL, 2], '-')", '1-2'],
    },
    generic({ parameters: [LIST, VARCHAR], result: VARCHAR }, joined),
  ),
  define(
    {
      name: 'string_split',
      aliases: ['str_split', 'split', 'string_to_array'],
      summary: 'The parts of a text between separators, as a list; its characters for an empty separator.',
      example: ["string_split('a,b,c', ',')", '[a, b, c]'],
    },
    kernel([VARCHAR, VARCHAR], listOf(VARCHAR), 'listSplit'),
  ),
  define(
    {
      name: 'json_keys',
      aliases: ['json_object_keys'],
      summary: 'The names in a JSON object, as a list.',
      example: [`json_keys('{"a":1,"b":2}')`, '[a, b]'],
    },
    ...overJson([], listOf(VARCHAR), 'listJsonKeys'),
  ),
];

/** What ARRAY_AGG puts together: a list of one without its end. Never called by name. */
const listItem = define(
  { name: 'list_item', summary: '', example: ['', ''] },
  generic({ parameters: [ANY], result: LIST }, () => null, { nulls: 'handles-null' }),
);

/** Overloads that only the binder uses. */
export const internalOverloads: readonly ScalarOverload[] = listItem.overloads;

export const listFunctions: readonly ScalarFunction[] = [...reading, ...making, ...text];

/** `length` and `len` of a list. */
export const listLength: OverloadPart = overList([], toCount);

/** `a || b` of lists, or of a list and an element. */
export const listJoins: readonly OverloadPart[] = [
  together([true, true], listOf),
  together([true, false], listOf),
  together([false, true], listOf),
];
