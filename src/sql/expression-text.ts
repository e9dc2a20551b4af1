// Bound expressions as SQL, for messages and EXPLAIN. Casts that the binder inserted are not shown.

import { unreachable } from '../base/assert.ts';
import { formatDuration } from '../base/duration.ts';
import { digitsOf, typeName } from '../data/type.ts';
import type { BoundExpression } from './expression.ts';

/** How tightly an expression's outermost operator binds; higher is tighter. */
const LOOSE = 0;
const BINDS: Readonly<Record<string, number>> = {
  or: 1,
  and: 2,
  not: 3,
  compare: 4,
  '||': 5,
  '->': 5,
  '->>': 5,
  '~': 5,
  '&': 5,
  '|': 5,
  '<<': 5,
  '>>': 5,
  '+': 6,
  '-': 6,
  '*': 7,
  '/': 7,
  '//': 7,
  '%': 7,
};
const TIGHT = 9;

/** The expression as SQL, on one line. */
export function expressionText(expression: BoundExpression): string {
  return textOf(expression, LOOSE);
}

/** The expression, in parentheses where its surroundings bind tighter. */
function textOf(expression: BoundExpression, outer: number): string {
  const own = strengthOf(expression);
  const text = plainText(expression, own);
  return own < outer ? `(${text})` : text;
}

function strengthOf(expression: BoundExpression): number {
  switch (expression.kind) {
    case 'or':
    case 'and':
    case 'not':
      return BINDS[expression.kind] as number;
    case 'compare':
    case 'is-null':
    case 'is-distinct':
    case 'in':
      return BINDS.compare as number;
    case 'call':
      return BINDS[nameOf(expression.function)] ?? (isLike(expression) ? (BINDS.compare as number) : TIGHT);
    default:
      return TIGHT;
  }
}

function plainText(expression: BoundExpression, own: number): string {
  switch (expression.kind) {
    case 'literal':
      return literalText(expression);
    case 'column':
      return expression.name;
    case 'call':
      return callText(expression, own);
    case 'cast':
      return `${expression.try ? 'TRY_CAST' : 'CAST'}(${expressionText(expression.operand)} AS ${typeName(expression.type)})`;
    case 'and':
    case 'or':
      return expression.operands.map((o) => textOf(o, own + 1)).join(` ${expression.kind.toUpperCase()} `);
    case 'not':
      return `NOT ${textOf(expression.operand, own)}`;
    case 'is-null':
      return `${textOf(expression.operand, own + 1)} IS ${expression.negated ? 'NOT ' : ''}NULL`;
    case 'compare':
      return `${textOf(expression.left, own + 1)} ${expression.operator} ${textOf(expression.right, own + 1)}`;
    case 'is-distinct': {
      const not = expression.negated ? 'NOT ' : '';
      return `${textOf(expression.left, own + 1)} IS ${not}DISTINCT FROM ${textOf(expression.right, own + 1)}`;
    }
    case 'in': {
      const list = expression.list.map(expressionText).join(', ');
      return `${textOf(expression.operand, own + 1)} ${expression.negated ? 'NOT ' : ''}IN (${list})`;
    }
    case 'case': {
      const branches = expression.branches.map((b) => `WHEN ${expressionText(b.when)} THEN ${expressionText(b.then)}`);
      return `CASE ${branches.join(' ')} ELSE ${expressionText(expression.otherwise)} END`;
    }
    case 'coalesce':
      return `COALESCE(${expression.operands.map(expressionText).join(', ')})`;
    default:
      return unreachable(expression);
  }
}

type Call = Extract<BoundExpression, { kind: 'call' }>;

/** The function's name in an overload's id. */
function nameOf(id: string): string {
  return id.slice(0, id.lastIndexOf('('));
}

function isLike(expression: Call): boolean {
  const name = nameOf(expression.function);
  return name === 'like' || name === 'ilike';
}

function callText(expression: Call, own: number): string {
  const name = nameOf(expression.function);
  const [left, right, third] = expression.arguments;
  if (left !== undefined && right !== undefined && isLike(expression)) {
    const escaping = third === undefined ? '' : ` ESCAPE ${expressionText(third)}`;
    return `${textOf(left, own + 1)} ${name.toUpperCase()} ${textOf(right, own + 1)}${escaping}`;
  }
  const nested = nestedText(expression, name);
  if (nested !== null) return nested;
  if (BINDS[name] === undefined) return `${name}(${expression.arguments.map(expressionText).join(', ')})`;
  if (left !== undefined && right === undefined) return `${name}${textOf(left, TIGHT)}`;
  return expression.arguments.map((a, i) => textOf(a, own + (i === 0 ? 0 : 1))).join(` ${name} `);
}

/** Lists, structs and what is inside of them, as they are written. */
function nestedText(expression: Call, name: string): string | null {
  const [, second, third] = expression.arguments.map(expressionText);
  const operand = expression.arguments[0] === undefined ? '' : textOf(expression.arguments[0], TIGHT);
  switch (name) {
    case 'list_item':
      return expressionText(expression.arguments[0] as BoundExpression);
    case 'list_value':
      return `[${expression.arguments.map(expressionText).join(', ')}]`;
    case 'list_extract':
      return `${operand}[${second}]`;
    case 'list_slice':
      return `${operand}[${second}:${third}]`;
    case 'struct_extract': {
      const field = (expression.arguments[1] as { value?: unknown }).value;
      return /^[A-Za-z_]\w*$/.test(String(field)) ? `${operand}.${field}` : `${operand}[${second}]`;
    }
    case 'struct_pack': {
      const fields = expression.type.fields ?? [];
      const texts = expression.arguments.map(expressionText);
      return `{${fields.map((field, i) => `${quote(field.name)}: ${texts[i]}`).join(', ')}}`;
    }
    default:
      return null;
  }
}

function literalText(expression: Extract<BoundExpression, { kind: 'literal' }>): string {
  const { value, type } = expression;
  if (value === null) return 'NULL';
  switch (type.kind) {
    case 'VARCHAR':
    case 'JSON':
      return quote(value as string);
    case 'TIMESTAMP':
      return `TIMESTAMP ${quote(timeText(value as bigint))}`;
    case 'DATE':
      return `DATE ${quote(timeText(BigInt(value as number) * 86_400_000_000n).split('T')[0] as string)}`;
    case 'INTERVAL':
      return `INTERVAL ${quote(formatDuration(Number(value)))}`;
    case 'DECIMAL':
      return `DECIMAL ${quote(decimalText(value as bigint, digitsOf(type).scale))}`;
    case 'BOOLEAN':
      return value === true ? 'TRUE' : 'FALSE';
    default:
      return String(value);
  }
}

function decimalText(units: bigint, scale: number): string {
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0');
  const point = digits.length - scale;
  return `${units < 0n ? '-' : ''}${digits.slice(0, point)}${scale === 0 ? '' : `.${digits.slice(point)}`}`;
}

/** Beyond the years that JavaScript knows: the number of µs. */
const DATE_MICROS_MAX = 8_640_000_000_000_000_000n;

function timeText(micros: bigint): string {
  if (micros > DATE_MICROS_MAX || micros < -DATE_MICROS_MAX) return `${micros} µs`;
  const inMilli = ((micros % 1000n) + 1000n) % 1000n;
  const text = new Date(Number((micros - inMilli) / 1000n)).toISOString();
  return inMilli === 0n ? text : `${text.slice(0, -1)}${String(inMilli).padStart(3, '0')}Z`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
