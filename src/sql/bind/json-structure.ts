// from_json(json, structure): a cast to the type that a structure describes, as DuckDB writes them:
//
//   '"INTEGER"'    '["VARCHAR"]'    '{"id": "BIGINT", "tags": ["VARCHAR"]}'
//
// What does not fit is NULL; with from_json_strict an error.

import { LaminarError } from '../../base/errors.ts';
import { type DataType, JSON_TYPE, listOf, structOf } from '../../data/type.ts';
import type { Span } from '../ast.ts';
import type { BoundExpression } from '../expression.ts';
import { isStringLiteral } from './coerce.ts';
import { resolveType } from './types.ts';

/** @throws LMN-2005, LMN-2007 */
export function bindFromJson(json: BoundExpression, structure: BoundExpression, isStrict: boolean): BoundExpression {
  if (!isStringLiteral(structure)) throw noStructure(structure.span);
  let written: unknown;
  try {
    written = JSON.parse(structure.value as string);
  } catch {
    throw noStructure(structure.span);
  }
  const type = typeOf(written, structure.span);
  return cast(json.type.kind === 'JSON' ? json : cast(json, JSON_TYPE, true), type, isStrict);
}

/** JSON null is NULL. */
function cast(operand: BoundExpression, type: DataType, isStrict: boolean): BoundExpression {
  return { kind: 'cast', operand, try: !isStrict, type, nullable: true, span: operand.span };
}

function typeOf(written: unknown, span: Span): DataType {
  if (typeof written === 'string') return namedType(written.trim(), span);
  if (Array.isArray(written) && written.length === 1) return listOf(typeOf(written[0], span));
  if (typeof written !== 'object' || written === null || Array.isArray(written)) throw noStructure(span);
  return structOf(Object.entries(written).map(([name, type]) => ({ name, type: typeOf(type, span) })));
}

/** A name, digits, and brackets: `DECIMAL(9, 2)[]`. */
function namedType(text: string, span: Span): DataType {
  const match = /^([A-Za-z][\w ]*?)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?((?:\[\])*)$/.exec(text);
  if (match === null) throw noStructure(span);
  const [, name = '', ...rest] = match;
  const parameters = rest.slice(0, 2).flatMap((digits) => (digits === undefined ? [] : [Number(digits)]));
  const scalar = resolveType({ name: name.toUpperCase(), parameters, span });
  return Array.from({ length: (rest[2] ?? '').length / 2 }).reduce<DataType>((type) => listOf(type), scalar);
}

function noStructure(span: Span): LaminarError {
  return new LaminarError('LMN-2007', 'from_json takes the structure as a text of JSON', {
    hint: `write types in quotes, lists in brackets: '{"id": "BIGINT", "tags": ["VARCHAR"]}'`,
    at: { span },
  });
}
