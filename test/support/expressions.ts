// Expressions for tests: each is bound for the compiler and written as SQL for DuckDB, so that both can be asked.

import type { Schema } from '../../src/data/schema.ts';
import {
  BIGINT,
  BOOLEAN,
  DATE,
  type DataType,
  DOUBLE,
  INTEGER,
  INTERVAL,
  physicalOf,
  sameType,
  TIMESTAMP,
  typeName,
  VARCHAR,
} from '../../src/data/type.ts';
import type { BoundExpression, LiteralValue } from '../../src/sql/expression.ts';
import { resolveFunction } from '../../src/sql/functions/registry.ts';

/** The same expression twice. */
export interface Twin {
  bound: BoundExpression;
  sql: string;
}

export const span = { start: 0, end: 0 };

/** Columns of every type, once without and once with NULLs. */
export const testSchema: Schema = [
  { name: 'id', type: INTEGER, nullable: false },
  ...[BOOLEAN, INTEGER, BIGINT, DOUBLE, VARCHAR, TIMESTAMP, DATE, INTERVAL].flatMap((type) => [
    { name: `${type.kind.toLowerCase()}_a`, type, nullable: false },
    { name: `${type.kind.toLowerCase()}_b`, type, nullable: true },
    { name: `${type.kind.toLowerCase()}_c`, type, nullable: true },
  ]),
];

export function column(name: string, schema: Schema = testSchema): Twin {
  const index = schema.findIndex((c) => c.name === name);
  const found = schema[index];
  if (found === undefined) throw new Error(`no column ${name}`);
  const { type, nullable } = found;
  return { bound: { kind: 'column', index, name, type, nullable, span }, sql: name };
}

export function literal(value: LiteralValue, type: DataType): Twin {
  return { bound: { kind: 'literal', value, type, nullable: value === null, span }, sql: literalSql(value, type) };
}

export const text = (value: string): Twin => literal(value, VARCHAR);
export const int = (value: number): Twin => literal(value, INTEGER);
export const bigint = (value: bigint): Twin => literal(value, BIGINT);
export const double = (value: number): Twin => literal(value, DOUBLE);

/** A value as DuckDB reads it back exactly. */
export function literalSql(value: LiteralValue, type: DataType): string {
  if (value === null) return `CAST(NULL AS ${typeName(type)})`;
  switch (type.kind) {
    case 'VARCHAR':
    case 'JSON':
      return `'${(value as string).replaceAll("'", "''")}'`;
    case 'TIMESTAMP':
      return `make_timestamp(${value}::BIGINT)`;
    case 'DATE':
      return `(DATE '1970-01-01' + (${value})::INTEGER)`;
    case 'INTERVAL':
      return `to_microseconds('${value}'::BIGINT)`;
    case 'BOOLEAN':
      return String(value);
    default:
      return `CAST('${Object.is(value, -0) ? '-0' : value}' AS ${typeName(type)})`;
  }
}

export function castTo(operand: Twin, type: DataType, isTry = false): Twin {
  const nullable = operand.bound.nullable || isTry;
  return {
    bound: { kind: 'cast', operand: operand.bound, try: isTry, type, nullable, span },
    sql: `${isTry ? 'TRY_CAST' : 'CAST'}(${operand.sql} AS ${typeName(type)})`,
  };
}

/** A call as the binder makes it: overload chosen, arguments cast. Operators are written between their operands. */
export function call(name: string, ...operands: Twin[]): Twin {
  const found = resolveFunction(
    name,
    operands.map((o) => o.bound.type),
    firstText(operands),
  );
  if (!('overload' in found)) {
    throw new Error(`${name}(${operands.map((o) => typeName(o.bound.type)).join()}): ${found.error}`);
  }
  const { overload } = found;
  const cast = operands.map(({ bound }, i) => {
    const parameter = overload.parameters[Math.min(i, overload.parameters.length - 1)] as DataType;
    if (sameType(bound.type, parameter)) return bound;
    if (bound.kind === 'literal' && bound.value === null) return { ...bound, type: parameter };
    return castTo({ bound, sql: '' }, parameter).bound;
  });
  const nullable = overload.nulls === 'may-be-null' || cast.some((e) => e.nullable);
  const bound: BoundExpression = {
    kind: 'call',
    function: overload.id,
    arguments: cast,
    type: overload.result,
    nullable,
    span,
  };
  return { bound, sql: callSql(name, operands) };
}

function firstText(operands: readonly Twin[]): string | undefined {
  const first = operands[0]?.bound;
  return first?.kind === 'literal' && typeof first.value === 'string' ? first.value : undefined;
}

function callSql(name: string, operands: readonly Twin[]): string {
  const parts = operands.map((o) => o.sql);
  if (name === 'like' || name === 'ilike') {
    return `(${parts[0]} ${name.toUpperCase()} ${parts[1]}${parts[2] === undefined ? '' : ` ESCAPE ${parts[2]}`})`;
  }
  if (/^\w+$/.test(name)) return `${name}(${parts.join(', ')})`;
  return parts.length === 1 ? `(${name}(${parts[0]}))` : `(${parts.join(` ${name} `)})`;
}

export function compare(operator: '=' | '<>' | '<' | '<=' | '>' | '>=', left: Twin, right: Twin): Twin {
  const nullable = left.bound.nullable || right.bound.nullable;
  return {
    bound: { kind: 'compare', operator, left: left.bound, right: right.bound, type: BOOLEAN, nullable, span },
    sql: `(${left.sql} ${operator} ${right.sql})`,
  };
}

export function junction(kind: 'and' | 'or', ...operands: Twin[]): Twin {
  const nullable = operands.some((o) => o.bound.nullable);
  return {
    bound: { kind, operands: operands.map((o) => o.bound), type: BOOLEAN, nullable, span },
    sql: `(${operands.map((o) => o.sql).join(` ${kind} `)})`,
  };
}

export function not(operand: Twin): Twin {
  const { bound, sql } = operand;
  return {
    bound: { kind: 'not', operand: bound, type: BOOLEAN, nullable: bound.nullable, span },
    sql: `(NOT ${sql})`,
  };
}

export function isNull(operand: Twin, negated = false): Twin {
  return {
    bound: { kind: 'is-null', operand: operand.bound, negated, type: BOOLEAN, nullable: false, span },
    sql: `(${operand.sql} IS ${negated ? 'NOT ' : ''}NULL)`,
  };
}

export function isDistinct(left: Twin, right: Twin, negated = false): Twin {
  return {
    bound: { kind: 'is-distinct', left: left.bound, right: right.bound, negated, type: BOOLEAN, nullable: false, span },
    sql: `(${left.sql} IS ${negated ? 'NOT ' : ''}DISTINCT FROM ${right.sql})`,
  };
}

export function isIn(operand: Twin, list: readonly Twin[], negated = false): Twin {
  const nullable = operand.bound.nullable || list.some((e) => e.bound.nullable);
  return {
    bound: {
      kind: 'in',
      operand: operand.bound,
      list: list.map((e) => e.bound),
      negated,
      type: BOOLEAN,
      nullable,
      span,
    },
    sql: `(${operand.sql} ${negated ? 'NOT ' : ''}IN (${list.map((e) => e.sql).join(', ')}))`,
  };
}

export function caseWhen(branches: readonly (readonly [Twin, Twin])[], otherwise: Twin): Twin {
  const { type } = otherwise.bound;
  const nullable = otherwise.bound.nullable || branches.some(([, then]) => then.bound.nullable);
  return {
    bound: {
      kind: 'case',
      branches: branches.map(([when, then]) => ({ when: when.bound, then: then.bound })),
      otherwise: otherwise.bound,
      type,
      nullable,
      span,
    },
    sql: `CASE ${branches.map(([w, t]) => `WHEN ${w.sql} THEN ${t.sql}`).join(' ')} ELSE ${otherwise.sql} END`,
  };
}

export function coalesce(...operands: Twin[]): Twin {
  const first = operands[0] as Twin;
  return {
    bound: {
      kind: 'coalesce',
      operands: operands.map((o) => o.bound),
      type: first.bound.type,
      nullable: operands.every((o) => o.bound.nullable),
      span,
    },
    sql: `coalesce(${operands.map((o) => o.sql).join(', ')})`,
  };
}

/** Values that are likely to go wrong, of a type. */
export function edgeValues(type: DataType): readonly LiteralValue[] {
  switch (physicalOf(type)) {
    case 'u8':
      return [true, false];
    case 'i32':
      return type.kind === 'DATE'
        ? [0, -1, 1, 19_782, 11_016, -719_162, 2_932_896, 20_089]
        : [0, 1, -1, 2, 7, -7, 10, 100, 2_147_483_647, -2_147_483_648, 46_341, -46_341, 65_536];
    case 'i64':
      return type.kind === 'BIGINT' ? BIGINTS : type.kind === 'TIMESTAMP' ? TIMESTAMPS : INTERVALS;
    case 'f64':
      return DOUBLES;
    case 'ref':
      return TEXTS;
  }
}

const BIGINTS = [
  ...[0n, 1n, -1n, 2n, -7n, 10n, 3_037_000_500n, 4_294_967_296n, -4_294_967_297n, 9_007_199_254_740_993n],
  ...[9_223_372_036_854_775_807n, -9_223_372_036_854_775_808n, 9_223_372_036_854_775_806n, 4_611_686_018_427_387_904n],
];
const TIMESTAMPS = [
  ...[0n, -1n, 1n, 1_709_210_096_789_012n, 1_704_067_200_000_000n, -86_400_000_000n, -86_400_000_001n],
  ...[951_782_400_000_000n, 1_735_689_599_999_999n, -62_135_596_800_000_000n, 253_402_300_799_999_999n],
];
const INTERVALS = [0n, 1n, -1n, 1_000_000n, 3_600_000_000n, 86_400_000_000n, -90_061_000_001n, 604_800_000_000n];
const DOUBLES = [
  ...[0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 1e-5, 123456.789, 1e15, 1e16, 1e300, -1e300, 5e-324, 2_147_483_647.5],
  ...[9.223372036854775e18, 9.223372036854776e18, Number.NaN, Infinity, -Infinity, 0.1, 100, 1e21, 12345.6785],
];
const TEXTS = [
  ...[
    '',
    'a',
    'A',
    'abc',
    'ABC',
    'abd',
    'abcdefgh',
    'abcdefghi',
    'abcdefghijklmnop',
    'abcdefghijklmnopq',
    ' x ',
    '%',
    '_',
  ],
  ...[
    'a_c',
    'straße',
    'Ünïcödé',
    'Ωmega Ж',
    '日本語',
    '😀 smile 😀',
    'a%b',
    'a\\b',
    'x,y,,z',
    '12',
    '-3.7',
    '1e3',
    'true',
  ],
  ...[
    '2024-02-29',
    '2024-02-29 12:34:56.789',
    'the quick brown fox',
    'fox',
    'aaaa',
    "it's",
    '9223372036854775808',
    'nan',
  ],
];
