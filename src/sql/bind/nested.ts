// Lists, structs and what is inside of them: literals, fields, indexes, slices, and casts of nested values.

import { LaminarError } from '../../base/errors.ts';
import { nearestName } from '../../base/names.ts';
import {
  BIGINT,
  type DataType,
  elementOf,
  fieldsOf,
  isNested,
  isNumeric,
  listOf,
  type StructField,
  structOf,
  typeName,
  VARCHAR,
} from '../../data/type.ts';
import type { Identifier, Span } from '../ast.ts';
import type { Expression } from '../ast-expression.ts';
import type { BoundExpression } from '../expression.ts';
import { bindFunction } from './calls.ts';
import { isStringLiteral, settle } from './coerce.ts';
import { unify } from './conditions.ts';
import { bindExpression } from './expressions.ts';
import { literal } from './literals.ts';
import type { Scope } from './scope.ts';

type Node<K extends Expression['kind']> = Extract<Expression, { kind: K }>;

/** `[a, b]` is list_value(a, b): elements of one type. */
export function bindList(expression: Node<'list'>, scope: Scope): BoundExpression {
  const { span } = expression;
  const bound = expression.items.map((item) => bindExpression(item, scope));
  const items = bound.length === 0 ? [] : unify(bound, 'elements of one list', span);
  const element: DataType = items[0]?.type ?? { kind: 'NULL' };
  return {
    kind: 'call',
    function: 'list_value(T,…)',
    arguments: items,
    type: listOf(element),
    nullable: false,
    span,
  };
}

/** The value as an item of a list. */
export function bindItem({ value, span }: Node<'item'>, scope: Scope): BoundExpression {
  const item = settle(bindExpression(value, scope));
  const type = listOf(item.type);
  return { kind: 'call', function: 'list_item(T)', arguments: [item], type, nullable: false, span };
}

/** `{'a': x}` is struct_pack(x), of a type with the names. */
export function bindStruct(expression: Node<'struct'>, scope: Scope): BoundExpression {
  const { fields, span } = expression;
  fields.forEach(({ name }, index) => {
    const isTwin = fields.slice(0, index).some((other) => other.name.name.toLowerCase() === name.name.toLowerCase());
    if (isTwin) throw new LaminarError('LMN-2004', `two fields are called ${name.name}`, { at: { span: name.span } });
  });
  const values = fields.map(({ value }) => bindExpression(value, scope));
  return structCall(
    fields.map(({ name }) => name.name),
    values,
    span,
  );
}

/** A struct of values under names. */
export function structCall(names: readonly string[], values: readonly BoundExpression[], span: Span): BoundExpression {
  const type = structOf(values.map((value, i) => ({ name: names[i] as string, type: value.type })));
  return { kind: 'call', function: 'struct_pack(T,…)', arguments: [...values], type, nullable: false, span };
}

/** `operand.name`. @throws LMN-2003 when there is no such field. */
export function bindField(operand: BoundExpression, name: Identifier, span: Span): BoundExpression {
  const { type } = operand;
  if (type.kind !== 'STRUCT') {
    throw new LaminarError('LMN-2008', `a ${typeName(type)} has no field ${name.name}`, {
      hint: type.kind === 'JSON' ? `write ->> '${name.name}'` : 'only a STRUCT has fields',
      at: { span },
    });
  }
  const field = fieldNamed(type, name.name);
  if (field !== undefined) return extract(operand, field, span);
  const names = fieldsOf(type).map((one) => one.name);
  const nearest = nearestName(name.name, names);
  throw new LaminarError('LMN-2003', `there is no field ${name.name} in ${typeName(type)}`, {
    hint: nearest === undefined ? `it has ${names.join(', ')}` : `did you mean ${nearest}?`,
    at: { span: name.span },
  });
}

/** The field as it is spelled, or else in any case. */
function fieldNamed(type: DataType, name: string): StructField | undefined {
  const fields = fieldsOf(type);
  const lower = name.toLowerCase();
  return fields.find((field) => field.name === name) ?? fields.find((field) => field.name.toLowerCase() === lower);
}

function extract(operand: BoundExpression, field: StructField, span: Span): BoundExpression {
  return {
    kind: 'call',
    function: 'struct_extract(T,VARCHAR)',
    arguments: [operand, literal(field.name, VARCHAR, span)],
    type: field.type,
    nullable: true,
    span,
  };
}

/** `list[1]`, `struct['name']`, `json['name']` and `json[0]`. */
export function bindSubscript(expression: Node<'subscript'>, scope: Scope): BoundExpression {
  const { span } = expression;
  const operand = bindExpression(expression.operand, scope);
  const index = bindExpression(expression.index, scope);
  if (operand.type.kind === 'STRUCT') return bindStructExtract(operand, index, span);
  const name = operand.type.kind === 'JSON' ? '->' : 'list_extract';
  return bindFunction({ name, arguments: [operand, index], span }, scope);
}

/** struct_extract(struct, 'name'). */
export function bindStructExtract(operand: BoundExpression, name: BoundExpression, span: Span): BoundExpression {
  if (!isStringLiteral(name)) {
    throw new LaminarError('LMN-2008', 'the name of a field must be written as a string', {
      hint: "such as s['name'], or s.name",
      at: { span: name.span },
    });
  }
  return bindField(operand, { name: name.value as string, quoted: true, span: name.span }, span);
}

/** `list[low:high]` is list_slice(list, low, high). */
export function bindSlice(expression: Node<'slice'>, scope: Scope): BoundExpression {
  const { span } = expression;
  const bound = (part: Expression | null, otherwise: bigint): BoundExpression =>
    part === null ? literal(otherwise, BIGINT, span) : bindExpression(part, scope);
  const operand = bindExpression(expression.operand, scope);
  const parts = [operand, bound(expression.low, 1n), bound(expression.high, -1n)];
  return bindFunction({ name: 'list_slice', arguments: parts, span }, scope);
}

/** Whether a written CAST can turn one type into another, where one of them is nested. */
export function canCastNested(from: DataType, to: DataType): boolean {
  if (to.kind === 'VARCHAR' || to.kind === 'JSON') return isNested(from);
  if (from.kind === 'JSON') return true;
  if (from.kind === 'LIST') return to.kind === 'LIST' && canCastItem(elementOf(from), elementOf(to));
  if (from.kind !== 'STRUCT' || to.kind !== 'STRUCT') return false;
  const [left, right] = [fieldsOf(from), fieldsOf(to)];
  return left.length === right.length && left.every((field, i) => canCastItem(field.type, right[i]!.type));
}

/** Inside of a nested value there is less choice: numbers to numbers, a DATE to a TIMESTAMP, anything to text. */
function canCastItem(from: DataType, to: DataType): boolean {
  if (from.kind === 'NULL' || to.kind === 'VARCHAR') return true;
  if (isNested(from) || isNested(to)) return to.kind !== 'JSON' && from.kind !== 'JSON' && canCastNested(from, to);
  if (from.kind === to.kind || (from.kind === 'DATE' && to.kind === 'TIMESTAMP')) return true;
  const isNumber = (type: DataType): boolean => isNumeric(type) || type.kind === 'BOOLEAN';
  return isNumber(from) && isNumber(to);
}
