// Functions of JSON values.
//
// A VARCHAR is taken for JSON where JSON is wanted, and fails where it is not well formed; a JSON column was checked
// when it was read.

import { BIGINT, BOOLEAN, type DataType, JSON_TYPE, VARCHAR } from '../../data/type.ts';
import { valueTypeOf } from '../codegen/map-context.ts';
import { chapter, inline, kernel, type OverloadOptions, type OverloadPart } from './define.ts';
import type { ScalarFunction } from './function.ts';

const define = chapter('JSON');

/** How a function is called: with a path, or with the index of an element. */
interface Reader {
  path: string;
  index: string;
  result: DataType;
}

const EXTRACT: Reader = { path: 'jsonExtract', index: 'jsonExtractIndex', result: JSON_TYPE };
const EXTRACT_TEXT: Reader = { path: 'jsonExtractText', index: 'jsonExtractIndexText', result: VARCHAR };
const EXTRACT_SCALAR: Reader = { path: 'jsonExtractScalar', index: 'jsonExtractIndexScalar', result: JSON_TYPE };

const PATHS =
  'a name, a path such as $.a[0].b (elements count from 0, or from the end: [-1]) or /a/0/b, or the index of an element';

export const jsonFunctions: readonly ScalarFunction[] = [
  define(
    {
      name: '->',
      aliases: ['json_extract', 'json_extract_path'],
      summary: `The value at a place inside a JSON value, as JSON; NULL where there is nothing. The place is ${PATHS}. Of duplicate keys the last is found.`,
      example: [`'{"a":{"b":[1,2]}}' -> 'a' -> 'b'`, '[1,2]'],
    },
    ...reading(EXTRACT),
  ),
  define(
    {
      name: '->>',
      aliases: ['json_extract_string', 'json_extract_path_text'],
      summary: 'As ->, as text: strings without quotes and escapes, everything else as written, NULL for null.',
      example: [`'{"a":{"b":["x","y"]}}' ->> '$.a.b[1]'`, 'y'],
    },
    ...reading(EXTRACT_TEXT),
  ),
  define(
    {
      name: 'json_value',
      summary: 'As ->, only for strings, numbers and booleans; NULL for objects, arrays and null.',
      example: [`json_value('{"a":1.5}', '$.a')`, '1.5'],
    },
    ...reading(EXTRACT_SCALAR),
  ),
  define(
    {
      name: 'json_exists',
      summary: 'Whether there is a value at a place, be it null.',
      example: [`json_exists('{"a":null}', 'a')`, 'true'],
    },
    ...overJson([VARCHAR], BOOLEAN, 'jsonExists', { fails: true }),
  ),
  define(
    {
      name: 'json_array_length',
      summary: 'How many elements an array has, or the array at a place; 0 for what is no array.',
      example: [`json_array_length('[1,[2,3]]')`, '2'],
    },
    ...overJson([], BIGINT, 'jsonLength'),
    ...atPlace(BIGINT, 'jsonLength'),
  ),
  define(
    {
      name: 'json_type',
      summary:
        'The type of a JSON value, or of the one at a place: OBJECT, ARRAY, VARCHAR, BOOLEAN, NULL, UBIGINT (whole numbers), BIGINT (negative ones) or DOUBLE.',
      example: [`json_type('[1,2]')`, 'ARRAY'],
    },
    ...overJson([], VARCHAR, 'jsonTypeName'),
    ...atPlace(VARCHAR, 'jsonTypeName'),
  ),
  define(
    {
      name: 'json_valid',
      summary: 'Whether a text is well-formed JSON.',
      example: [`json_valid('{"a":')`, 'false'],
    },
    kernel([VARCHAR], BOOLEAN, 'jsonIsValid'),
  ),
];

function reading({ path, index, result }: Reader): OverloadPart[] {
  return [
    ...overJson([VARCHAR], result, path, { nulls: 'may-be-null', fails: true }),
    ...overJson([BIGINT], result, index, { nulls: 'may-be-null' }),
  ];
}

/** Overloads that call a kernel with JSON and the rest of the arguments, for JSON itself and for its text. */
export function overJson(
  rest: readonly DataType[],
  result: DataType,
  name: string,
  options: OverloadOptions = {},
): OverloadPart[] {
  const types = [JSON_TYPE, ...rest].map(valueTypeOf);
  const fromText = inline(
    [VARCHAR, ...rest],
    result,
    (e) => {
      const saved = [...rest].reverse().map((type) => e.save(valueTypeOf(type)));
      e.kernel('textToJson', ['i64'], 'i64').checkStatus({ mayBeNull: false, fails: true });
      for (const local of saved.reverse()) e.get(local);
      e.kernel(name, types, valueTypeOf(result));
      e.checkStatus({ mayBeNull: options.nulls === 'may-be-null', fails: options.fails === true }).free(...saved);
    },
    { ...options, fails: true },
  );
  return [kernel([JSON_TYPE, ...rest], result, name, options), fromText];
}

/** Overloads that say something of the value at a path; NULL where there is none. */
function atPlace(result: DataType, name: string): OverloadPart[] {
  return [JSON_TYPE, VARCHAR].map((type) =>
    inline(
      [type, VARCHAR],
      result,
      (e) => {
        if (type === VARCHAR) {
          const path = e.save('i64');
          e.kernel('textToJson', ['i64'], 'i64').checkStatus({ mayBeNull: false, fails: true });
          e.get(path).free(path);
        }
        e.kernel('jsonExtract', ['i64', 'i64'], 'i64').checkStatus({ mayBeNull: true, fails: true });
        // Where there is nothing, this is of the last value on the way, and not looked at.
        e.kernel(name, ['i64'], valueTypeOf(result));
      },
      { nulls: 'may-be-null', fails: true },
    ),
  );
}
