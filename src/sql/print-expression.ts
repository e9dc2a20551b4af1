// Expressions as SQL: one line, keywords in upper case, names and numbers as written, parentheses only where the ladder
// of grammar/expressions.ne needs them. What is printed parses into the same tree.

import { unreachable } from '../base/assert.ts';
import type { Identifier, TypeReference } from './ast.ts';
import type { Expression, IntervalLiteral, SortItem } from './ast-expression.ts';
import type { FrameBound, WindowFrame, WindowSpecification } from './ast-query.ts';
import { printQuery } from './print-query.ts';
import { isReservedWord } from './terminals.ts';

/** The rungs of the ladder, loosest first: an operand below the rung it stands on is put in parentheses. */
const OR = 1;
const AND = 2;
const NOT = 3;
const PREDICATE = 4;
const COMPARISON = 5;
const RANGE = 6;
const JOINED = 7;
const INVERTED = 8;
const SUM = 9;
const PRODUCT = 10;
const POWER = 11;
const SIGN = 12;
const PRIMARY = 13;

/** The rungs of an operator and of its operands. */
const BINARY: Readonly<Record<string, readonly [own: number, left: number, right: number]>> = {
  OR: [OR, OR, AND],
  AND: [AND, AND, NOT],
  '=': [COMPARISON, RANGE, RANGE],
  '<>': [COMPARISON, RANGE, RANGE],
  '<': [COMPARISON, RANGE, RANGE],
  '<=': [COMPARISON, RANGE, RANGE],
  '>': [COMPARISON, RANGE, RANGE],
  '>=': [COMPARISON, RANGE, RANGE],
  '||': [JOINED, JOINED, INVERTED],
  '->': [JOINED, JOINED, INVERTED],
  '->>': [JOINED, JOINED, INVERTED],
  '~': [JOINED, JOINED, INVERTED],
  '!~': [JOINED, JOINED, INVERTED],
  '~*': [JOINED, JOINED, INVERTED],
  '!~*': [JOINED, JOINED, INVERTED],
  '&': [JOINED, JOINED, INVERTED],
  '|': [JOINED, JOINED, INVERTED],
  '<<': [JOINED, JOINED, INVERTED],
  '>>': [JOINED, JOINED, INVERTED],
  '+': [SUM, SUM, PRODUCT],
  '-': [SUM, SUM, PRODUCT],
  '*': [PRODUCT, PRODUCT, POWER],
  '/': [PRODUCT, PRODUCT, POWER],
  '//': [PRODUCT, PRODUCT, POWER],
  '%': [PRODUCT, PRODUCT, POWER],
  '^': [POWER, POWER, SIGN],
};

const UNARY = { NOT, '~': INVERTED, '-': SIGN, '+': SIGN };

/** One line of SQL. */
export function printExpression(expression: Expression): string {
  return printAt(OR, expression);
}

/** `expression` as an operand on `rung`. */
function printAt(rung: number, expression: Expression): string {
  const text = printBare(expression);
  return rungOf(expression) < rung ? `(${text})` : text;
}

function rungOf(expression: Expression): number {
  switch (expression.kind) {
    case 'binary':
      return BINARY[expression.operator]![0];
    case 'unary':
      return UNARY[expression.operator];
    case 'is-null':
    case 'is-boolean':
    case 'is-distinct':
      return PREDICATE;
    case 'between':
    case 'in':
    case 'in-query':
    case 'like':
      return RANGE;
    default:
      return PRIMARY;
  }
}

function printBare(expression: Expression): string {
  switch (expression.kind) {
    case 'number':
      return expression.text;
    case 'string':
      return printText(expression.value);
    case 'boolean':
      return expression.value ? 'TRUE' : 'FALSE';
    case 'null':
      return 'NULL';
    case 'interval':
      return printInterval(expression);
    case 'typed-literal':
      return `${printType(expression.type)} ${printText(expression.text)}`;
    case 'column':
      return expression.path.map((part, i) => (i === 0 ? printName(part) : printLabel(part))).join('.');
    case 'field':
      return `${printOperand(expression.operand)}.${printLabel(expression.name)}`;
    case 'subscript':
      return `${printOperand(expression.operand)}[${printExpression(expression.index)}]`;
    case 'slice': {
      const [low, high] = [expression.low, expression.high].map((one) => (one === null ? '' : printExpression(one)));
      return `${printOperand(expression.operand)}[${low}:${high}]`;
    }
    case 'item':
      return printExpression(expression.value);
    case 'scalar-query':
      return `(${printQuery(expression.query)})`;
    case 'exists':
      return `EXISTS (${printQuery(expression.query)})`;
    case 'list':
      return `[${expression.items.map(printExpression).join(', ')}]`;
    case 'struct':
      return `{${expression.fields.map(({ name, value }) => `${printLabel(name)}: ${printExpression(value)}`).join(', ')}}`;
    case 'cast':
      return `${expression.try ? 'TRY_CAST' : 'CAST'}(${printExpression(expression.operand)} AS ${printType(expression.type)})`;
    case 'case':
      return printCase(expression);
    case 'call':
      return printCall(expression);
    default:
      return printOperator(expression);
  }
}

/** Behind these a field or an index may stand. */
const OPERANDS: ReadonlySet<string> = new Set([
  'column',
  'call',
  'cast',
  'field',
  'subscript',
  'slice',
  'list',
  'struct',
]);

function printOperand(operand: Expression): string {
  return OPERANDS.has(operand.kind) ? printBare(operand) : `(${printBare(operand)})`;
}

type Operator = Extract<
  Expression,
  { kind: 'unary' | 'binary' | 'is-null' | 'is-boolean' | 'is-distinct' | 'between' | 'in' | 'in-query' | 'like' }
>;

function printOperator(expression: Operator): string {
  const not = 'negated' in expression && expression.negated ? 'NOT ' : '';
  switch (expression.kind) {
    case 'unary':
      return printUnary(expression);
    case 'binary': {
      const [, left, right] = BINARY[expression.operator]!;
      return `${printAt(left, expression.left)} ${expression.operator} ${printAt(right, expression.right)}`;
    }
    case 'is-null':
      return `${printAt(PREDICATE, expression.operand)} IS ${not}NULL`;
    case 'is-boolean':
      return `${printAt(PREDICATE, expression.operand)} IS ${not}${expression.value ? 'TRUE' : 'FALSE'}`;
    case 'is-distinct':
      return `${printAt(PREDICATE, expression.left)} IS ${not}DISTINCT FROM ${printAt(COMPARISON, expression.right)}`;
    case 'between': {
      const [operand, low, high] = [expression.operand, expression.low, expression.high].map((one) =>
        printAt(JOINED, one),
      );
      return `${operand} ${not}BETWEEN ${low} AND ${high}`;
    }
    case 'in':
      return `${printAt(JOINED, expression.operand)} ${not}IN (${expression.list.map(printExpression).join(', ')})`;
    case 'in-query':
      return `${printAt(JOINED, expression.operand)} ${not}IN (${printQuery(expression.query)})`;
    case 'like': {
      const word = expression.caseInsensitive ? 'ILIKE' : 'LIKE';
      const escaped = expression.escape === null ? '' : ` ESCAPE ${printAt(JOINED, expression.escape)}`;
      return `${printAt(JOINED, expression.operand)} ${not}${word} ${printAt(JOINED, expression.pattern)}${escaped}`;
    }
    default:
      return unreachable(expression);
  }
}

function printUnary({ operator, operand }: Extract<Expression, { kind: 'unary' }>): string {
  if (operator === 'NOT') return `NOT ${printAt(NOT, operand)}`;
  const text = printAt(UNARY[operator], operand);
  // Two minus signs would begin a comment.
  return text.startsWith(operator) ? `${operator} ${text}` : `${operator}${text}`;
}

function printCase({ operand, branches, otherwise }: Extract<Expression, { kind: 'case' }>): string {
  return [
    'CASE',
    ...(operand === null ? [] : [printExpression(operand)]),
    ...branches.map(({ when, then }) => `WHEN ${printExpression(when)} THEN ${printExpression(then)}`),
    ...(otherwise === null ? [] : [`ELSE ${printExpression(otherwise)}`]),
    'END',
  ].join(' ');
}

function printCall(call: Extract<Expression, { kind: 'call' }>): string {
  const list = call.star ? '*' : call.arguments.map(printExpression).join(', ');
  const { order } = call;
  const items = order === null ? '' : `ORDER BY ${order.items.map(printSortItem).join(', ')}`;
  const inside = order === null || order.within ? '' : ` ${items}`;
  const within = order?.within ? ` WITHIN GROUP (${items})` : '';
  const filter = call.filter === null ? '' : ` FILTER (WHERE ${printExpression(call.filter)})`;
  const nulls = call.ignoreNulls === true ? ' IGNORE NULLS' : '';
  const over = call.over === null ? '' : ` OVER ${printOver(call.over)}`;
  return `${printName(call.name)}(${call.distinct ? 'DISTINCT ' : ''}${list}${inside})${within}${filter}${nulls}${over}`;
}

function printOver(window: WindowSpecification): string {
  const { base, partitionBy, orderBy, frame } = window;
  const isName = partitionBy.length === 0 && orderBy.length === 0 && frame === null;
  return base !== null && isName ? printName(base) : printWindow(window);
}

/** `(base PARTITION BY … ORDER BY … frame)`. */
export function printWindow({ base, partitionBy, orderBy, frame }: WindowSpecification): string {
  const parts: string[] = [];
  if (base !== null) parts.push(printName(base));
  if (partitionBy.length > 0) parts.push(`PARTITION BY ${partitionBy.map(printExpression).join(', ')}`);
  if (orderBy.length > 0) parts.push(`ORDER BY ${orderBy.map(printSortItem).join(', ')}`);
  if (frame !== null) parts.push(printFrame(frame));
  return `(${parts.join(' ')})`;
}

/** As in SQL: `ROWS BETWEEN 1 PRECEDING AND CURRENT ROW`. */
function printFrame({ unit, start, end, exclude }: WindowFrame): string {
  const exclusion = exclude === undefined ? '' : ` EXCLUDE ${exclude}`;
  return `${unit} BETWEEN ${printBound(start)} AND ${printBound(end)}${exclusion}`;
}

function printBound({ kind, offset }: FrameBound): string {
  if (kind === 'current') return 'CURRENT ROW';
  const by = offset === null ? 'UNBOUNDED' : printExpression(offset);
  return `${by} ${kind.toUpperCase()}`;
}

export function printSortItem({ expression, descending, nullsFirst }: SortItem): string {
  const nulls = nullsFirst === null ? '' : ` NULLS ${nullsFirst ? 'FIRST' : 'LAST'}`;
  return `${printExpression(expression)}${descending ? ' DESC' : ''}${nulls}`;
}

// --- literals, types, names ---

export function printInterval({ text, unit }: IntervalLiteral): string {
  return unit === null ? `INTERVAL ${printText(text)}` : `INTERVAL ${printText(text)} ${unit}`;
}

export function printType({ name, parameters, element, fields }: TypeReference): string {
  if (element !== undefined) return `${printType(element)}[]`;
  if (fields !== undefined) {
    return `STRUCT(${fields.map((one) => `${printLabel(one.name)} ${printType(one.type)}`).join(', ')})`;
  }
  return parameters.length === 0 ? name : `${name}(${parameters.join(', ')})`;
}

/** In single quotes; control characters as escapes, so that it stays on one line. */
export function printText(value: string): string {
  if (!/\p{Cc}/u.test(value)) return `'${value.replaceAll("'", "''")}'`;
  const escaped = value.replace(/[\\']|\p{Cc}/gu, (character) => ESCAPES[character] ?? hexEscape(character));
  return `E'${escaped}'`;
}

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\', "'": "''" };

function hexEscape(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/** A name where reserved words cannot stand unquoted. */
export function printName(identifier: Identifier): string {
  return isReservedWord(identifier.name) ? quote(identifier.name) : printLabel(identifier);
}

/** A name behind AS or a point, or of a column of a source, where every word can stand. */
export function printLabel({ name, quoted }: Identifier): string {
  return quoted || !isPlainWord(name) ? quote(name) : name;
}

/** Whether the lexer makes one word of it. */
export function isPlainWord(name: string): boolean {
  return /^[\p{L}_][\p{L}\p{N}\p{M}_$]*$/u.test(name);
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
