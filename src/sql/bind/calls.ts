// Calls of scalar functions and operators: choosing an overload, casting arguments, inferring nullability.
//
// COALESCE, NULLIF and IF are shapes of their own rather than functions: they do not evaluate all their arguments.

import { LaminarError } from '../../base/errors.ts';
import { type DataType, isNumeric, NULL_TYPE, sameType, VARCHAR } from '../../data/type.ts';
import type { Span } from '../ast.ts';
import type { Expression } from '../ast-expression.ts';
import type { BoundExpression } from '../expression.ts';
import type { ScalarFunction, ScalarOverload } from '../functions/function.ts';
import { unknownFunction, wrongArguments } from './call-errors.ts';
import { canCoerce, coerce, isBareNull, isStringLiteral } from './coerce.ts';
import { compare, searchedCase, unify } from './conditions.ts';
import { bindDecimalArithmetic } from './decimals.ts';
import { bindCondition, bindExpression } from './expressions.ts';
import { bindFromJson } from './json-structure.ts';
import { foldCast, literal } from './literals.ts';
import { bindStructExtract, structCall } from './nested.ts';
import { checkJsonPath, nameForPath } from './paths.ts';
import type { Scope } from './scope.ts';
import { commonType } from './types.ts';

type Call = Extract<Expression, { kind: 'call' }>;

/** Binds a call that no scope has claimed: a scalar function. @throws LMN-2006, LMN-2007. */
export function bindCall(call: Call, scope: Scope): BoundExpression {
  const { span } = call;
  const name = call.name.name.toLowerCase();
  if (call.over !== null) {
    throw new LaminarError('LMN-2017', `OVER cannot stand in ${scope.place}`, {
      hint: 'it stands in the select list, in QUALIFY and in ORDER BY',
      at: { span: call.over.span },
    });
  }
  if (call.star || call.distinct || call.order !== null || call.filter !== null) {
    const what = call.star ? '*' : call.distinct ? 'DISTINCT' : call.order !== null ? 'ORDER BY' : 'FILTER';
    checkKnown(call, scope);
    throw new LaminarError('LMN-2007', `${name} is not an aggregate and takes no ${what}`, { at: { span } });
  }
  const special = SPECIAL[name];
  if (special !== undefined) return special(call, scope);
  // Before its arguments: in a grouped query they would be blamed instead.
  checkKnown(call, scope);
  const bound = call.arguments.map((argument) => bindExpression(argument, scope));
  return bindFunction({ name, arguments: bound, span, nameSpan: call.name.span }, scope);
}

/** @throws LMN-2006; BrokenReference when its declaration was wrong. */
function checkKnown({ name }: Call, scope: Scope): void {
  const found = scope.functions.resolve(name.name.toLowerCase(), []);
  if ('error' in found && found.error === 'unknown') throw unknownFunction(name.name, scope, name.span);
}

const SPECIAL: Readonly<Record<string, (call: Call, scope: Scope) => BoundExpression>> = {
  coalesce: bindCoalesce,
  ifnull: (call, scope) => bindCoalesce(checkCount(call, 2), scope),
  nvl: (call, scope) => bindCoalesce(checkCount(call, 2), scope),
  nullif: bindNullIf,
  if: bindIf,
  iff: bindIf,
  struct_extract: bindExtract,
  json_array: bindJsonArray,
  json_object: bindJsonObject,
  from_json: bindStructured(false),
  json_transform: bindStructured(false),
  from_json_strict: bindStructured(true),
  json_transform_strict: bindStructured(true),
};

/** Names that `bindCall` knows besides the registry's, for suggestions. */
export const SPECIAL_NAMES = Object.keys(SPECIAL);

function checkCount(call: Call, count: number): Call {
  if (call.arguments.length === count) return call;
  const name = call.name.name.toUpperCase();
  const given = call.arguments.length;
  throw new LaminarError('LMN-2007', `${name} takes ${count} arguments, ${given} given`, { at: { span: call.span } });
}

function bindCoalesce(call: Call, scope: Scope): BoundExpression {
  if (call.arguments.length === 0) {
    throw new LaminarError('LMN-2007', 'COALESCE takes one argument or more', { at: { span: call.span } });
  }
  const bound = call.arguments.map((argument) => bindExpression(argument, scope));
  const operands = unify(bound, 'arguments of one COALESCE', call.span);
  const first = operands[0] as BoundExpression;
  if (operands.length === 1 || !first.nullable) return first;
  const nullable = operands.every((o) => o.nullable);
  return { kind: 'coalesce', operands, type: first.type, nullable, span: call.span };
}

/** NULLIF(a, b) is CASE WHEN a = b THEN NULL ELSE a END. */
function bindNullIf(call: Call, scope: Scope): BoundExpression {
  const [a, b] = checkCount(call, 2).arguments.map((argument) => bindExpression(argument, scope));
  const left = a as BoundExpression;
  const same = compare('=', left, b as BoundExpression, call.span);
  return searchedCase([same], [literal(null, NULL_TYPE, call.span), left], call.span);
}

function bindIf(call: Call, scope: Scope): BoundExpression {
  const [condition, yes, no] = checkCount(call, 3).arguments as [Expression, Expression, Expression];
  const when = bindCondition(condition, scope);
  return searchedCase([when], [bindExpression(yes, scope), bindExpression(no, scope)], call.span);
}

function bindExtract(call: Call, scope: Scope): BoundExpression {
  const [operand, name] = checkCount(call, 2).arguments.map((argument) => bindExpression(argument, scope));
  return bindStructExtract(operand as BoundExpression, name as BoundExpression, call.span);
}

function bindStructured(isStrict: boolean): (call: Call, scope: Scope) => BoundExpression {
  return (call, scope) => {
    const [json, structure] = checkCount(call, 2).arguments.map((argument) => bindExpression(argument, scope));
    return bindFromJson(json as BoundExpression, structure as BoundExpression, isStrict);
  };
}

/** json_array(a, b) is to_json([to_json(a), to_json(b)]). */
function bindJsonArray(call: Call, scope: Scope): BoundExpression {
  const { span } = call;
  const items = call.arguments.map((argument) => jsonOf(bindExpression(argument, scope), scope));
  const list = bindFunction({ name: 'list_value', arguments: items, span }, scope);
  return jsonOf(list, scope);
}

/** json_object('a', x) is to_json({'a': x}). */
function bindJsonObject(call: Call, scope: Scope): BoundExpression {
  const { span } = call;
  const bound = call.arguments.map((argument) => bindExpression(argument, scope));
  if (bound.length % 2 !== 0) {
    throw new LaminarError('LMN-2007', 'json_object takes names and values in turn', { at: { span } });
  }
  const names = bound.filter((_, i) => i % 2 === 0);
  const unknown = names.find((name) => !isStringLiteral(name));
  if (unknown !== undefined) {
    throw new LaminarError('LMN-2007', 'the names of json_object must be written as strings', {
      hint: "such as json_object('id', id, 'name', name)",
      at: { span: unknown.span },
    });
  }
  const values = bound.filter((_, i) => i % 2 === 1);
  return jsonOf(
    structCall(
      names.map((name) => (name as { value: string }).value),
      values,
      span,
    ),
    scope,
  );
}

function jsonOf(operand: BoundExpression, scope: Scope): BoundExpression {
  return bindFunction({ name: 'to_json', arguments: [operand], span: operand.span }, scope);
}

export interface FunctionCall {
  name: string;
  arguments: readonly BoundExpression[];
  span: Span;
  /** Where the name stands; absent for operators. */
  nameSpan?: Span;
}

/** Binds a function or operator over bound arguments. @throws LMN-2006, LMN-2007, LMN-2008. */
export function bindFunction(call: FunctionCall, scope: Scope): BoundExpression {
  const prepared = typeLiterals(call);
  const decimal = bindDecimalArithmetic(call.name, prepared, call.span);
  if (decimal !== null) return decimal;
  const name = nameForPath(call.name, prepared[1]);
  const found = scope.functions.resolve(
    name,
    prepared.map((e) => e.type),
    firstText(prepared),
  );
  const overload = 'overload' in found ? found.overload : overloadByLiterals(found.function, prepared);
  if (overload !== null) return callOf(overload, prepared, call.span);
  if ('error' in found && found.error === 'unknown') {
    throw unknownFunction(call.name, scope, call.nameSpan ?? call.span);
  }
  throw wrongArguments(call, prepared, 'function' in found ? found.function : undefined);
}

function firstText([first]: readonly BoundExpression[]): string | undefined {
  return first !== undefined && isStringLiteral(first) ? (first.value as string) : undefined;
}

const ARITHMETIC = new Set(['+', '-', '*', '/', '//', '%']);

/**
 * Beside a number, a time or an interval, a string as written and a bare NULL take a type that can be calculated with;
 * `||` joins anything, as VARCHAR.
 */
function typeLiterals(call: FunctionCall): readonly BoundExpression[] {
  if (call.name === '||' && call.arguments.some((e) => e.type.kind === 'LIST')) return call.arguments;
  if (call.name === '||') return call.arguments.map((e) => coerce(e, VARCHAR));
  const [left, right] = call.arguments;
  if (!ARITHMETIC.has(call.name) || left === undefined || right === undefined) return call.arguments;
  return [beside(left, right, call.name), beside(right, left, call.name)];
}

function beside(expression: BoundExpression, other: BoundExpression, operator: string): BoundExpression {
  const isText = isStringLiteral(expression);
  if ((!isText && !isBareNull(expression)) || isStringLiteral(other) || isBareNull(other)) return expression;
  if (isBareNull(expression)) {
    const isTime = other.type.kind === 'TIMESTAMP' || other.type.kind === 'DATE';
    return coerce(expression, isTime ? { kind: 'INTERVAL' } : other.type);
  }
  const candidates: DataType[] = isNumeric(other.type) ? [other.type, { kind: 'DOUBLE' }] : [{ kind: 'INTERVAL' }];
  if (other.type.kind === 'TIMESTAMP' && operator === '-') candidates.push({ kind: 'TIMESTAMP' });
  for (const type of candidates) {
    const folded = foldCast((expression as { value: string }).value, VARCHAR, type);
    if (typeof folded === 'object') return literal(folded.value, type, expression.span);
  }
  return expression;
}

/** When no overload takes the types as they are: the first that takes them once strings as written are cast. */
function overloadByLiterals(
  found: ScalarFunction | undefined,
  actual: readonly BoundExpression[],
): ScalarOverload | null {
  if (found === undefined || !actual.some((e) => isStringLiteral(e) || isBareNull(e))) return null;
  const takes = (overload: ScalarOverload): boolean => {
    if (overload.instantiate !== undefined) return false;
    const { parameters, variadic } = overload;
    const countFits = variadic ? actual.length >= parameters.length : actual.length === parameters.length;
    return countFits && actual.every((e, i) => argumentFits(e, parameterType(overload, i)));
  };
  return found.overloads.find(takes) ?? null;
}

function argumentFits(argument: BoundExpression, parameter: DataType): boolean {
  if (isStringLiteral(argument) && parameter.kind !== 'VARCHAR') {
    return typeof foldCast((argument as { value: string }).value, VARCHAR, parameter) === 'object';
  }
  if (!canCoerce(argument, parameter)) return false;
  return isBareNull(argument) || sameType(commonType(argument.type, parameter) ?? NULL_TYPE, parameter);
}

function parameterType(overload: ScalarOverload, index: number): DataType {
  return overload.parameters[Math.min(index, overload.parameters.length - 1)] as DataType;
}

function callOf(overload: ScalarOverload, actual: readonly BoundExpression[], span: Span): BoundExpression {
  const cast = actual.map((argument, i) => coerce(argument, parameterType(overload, i)));
  checkJsonPath(overload.name, cast[1]);
  const nullable = overload.nulls === 'may-be-null' || cast.some((e) => e.nullable);
  const definition = overload.code.kind === 'declared' ? { definition: overload.code.body } : {};
  return { kind: 'call', function: overload.id, arguments: cast, type: overload.result, nullable, span, ...definition };
}
