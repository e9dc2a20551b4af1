// Functions of structs, and JSON made of values.
//
// The binder makes struct_pack and struct_extract of `{'a': x}` and `s.a`; it checks names, so neither is called here.

import { ANY, type DataType, JSON_TYPE, VARCHAR } from '../../data/type.ts';
import { chapter, generic } from './define.ts';
import type { ScalarFunction } from './function.ts';

const define = chapter('struct');
const never = (): null => null;

export const structFunctions: readonly ScalarFunction[] = [
  define(
    {
      name: 'struct_pack',
      summary: "A struct of named values, also written {'name': value, …}.",
      example: ["struct_pack(id := 7, name := 'x')", "{'id': 7, 'name': x}"],
    },
    generic({ parameters: [ANY], result: ANY }, never, { nulls: 'handles-null', variadic: true }),
  ),
  define(
    {
      name: 'struct_extract',
      summary: "A field of a struct, also written s.name or s['name'].",
      example: ["struct_extract({'id': 7}, 'id')", '7'],
    },
    generic({ parameters: [ANY, VARCHAR], result: ANY }, never, { nulls: 'may-be-null' }),
  ),
  define(
    {
      name: 'to_json',
      aliases: ['json_quote'],
      summary: 'Any value as JSON, written as a JSON sink writes it.',
      example: ["to_json({'a': [1, 2]})", '{"a":[1,2]}'],
    },
    generic({ parameters: [ANY], result: JSON_TYPE }, anyValue),
  ),
];

function anyValue(types: readonly DataType[]): { parameters: readonly DataType[]; result: DataType } | null {
  return types.length === 1 ? { parameters: types, result: JSON_TYPE } : null;
}
