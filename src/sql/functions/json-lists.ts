// Functions that give lists of what is inside JSON values: paths with wildcards, elements, members.

import { JSON_TYPE, listOf, structOf, VARCHAR } from '../../data/type.ts';
import { chapter } from './define.ts';
import type { ScalarFunction } from './function.ts';
import { overJson } from './json.ts';

const define = chapter('JSON');
const FAILS = { fails: true } as const;
const ENTRY = structOf([
  { name: 'key', type: VARCHAR },
  { name: 'value', type: JSON_TYPE },
]);

export const jsonListFunctions: readonly ScalarFunction[] = [
  define(
    {
      name: 'json_extract_all',
      summary:
        'The values at a path with wildcards, as a list: [*] stands for every element, .* for every member. json_extract and -> of such a path, as written, are this.',
      example: [`json_extract_all('{"a":[{"b":1},{"b":2}]}', '$.a[*].b')`, '[1, 2]'],
    },
    ...overJson([VARCHAR], listOf(JSON_TYPE), 'jsonExtractAll', FAILS),
  ),
  define(
    {
      name: 'json_extract_all_string',
      summary: 'As json_extract_all, as text; NULL for null. json_extract_string and ->> of such a path are this.',
      example: [`json_extract_all_string('{"a":["x","y"]}', '$.a[*]')`, '[x, y]'],
    },
    ...overJson([VARCHAR], listOf(VARCHAR), 'jsonExtractAllText', FAILS),
  ),
  define(
    {
      name: 'json_array_elements',
      summary: 'The elements of an array as a list, for UNNEST; empty for what is no array.',
      example: [`json_array_elements('[1,{"a":2}]')`, `[1, '{"a":2}']`],
    },
    ...overJson([], listOf(JSON_TYPE), 'jsonElements'),
  ),
  define(
    {
      name: 'json_array_elements_text',
      summary: 'As json_array_elements, as text; NULL for null.',
      example: [`json_array_elements_text('["x",null]')`, '[x, NULL]'],
    },
    ...overJson([], listOf(VARCHAR), 'jsonElementsText'),
  ),
  define(
    {
      name: 'json_each',
      summary:
        'The members of an object as a list of structs (key, value), for UNNEST; of an array its elements with their places from 0.',
      example: [`json_each('{"a":1}')`, `[{'key': a, 'value': 1}]`],
    },
    ...overJson([], listOf(ENTRY), 'jsonEntries'),
  ),
];
