// Time bounds of a join: what its conditions say about how far apart the event times of a left and a right row are.
//
//   a.ts BETWEEN b.ts - INTERVAL '5' SECOND AND b.ts + INTERVAL '10' SECOND     −5 s ≤ a.ts − b.ts ≤ 10 s
//   a.window_start = b.window_start                                             0 ≤ a.window_start − b.window_start ≤ 0
//
// Both bounds must be there, between two columns of which a watermark speaks: then a row is kept only until no row to
// come can match it. Conditions that bound times are sums of columns and constants, compared.

import type { BoundExpression } from '../expression.ts';
import type { JoinNode, RelationColumn } from './logical.ts';

export interface TimeBounds {
  /** Columns of the left and the right side. */
  left: number;
  right: number;
  /** µs: left − right is at least low and at most high. */
  low: number;
  high: number;
  /** The conditions that say so: they need not be looked at again. */
  conditions: ReadonlySet<BoundExpression>;
}

export interface Bound {
  left: number;
  right: number;
  low: bigint | null;
  high: bigint | null;
}

/** Bounds are kept as numbers: exact up to 285 years. */
export const MICROS_MAX = 2n ** 53n;

/** @param conditions over the columns of the left side, then those of the right. null: there are no bounds. */
export function timeBounds(
  conditions: readonly BoundExpression[],
  left: readonly RelationColumn[],
  right: readonly RelationColumn[],
): TimeBounds | null {
  const isTime = (index: number) => {
    const column = index < left.length ? left[index] : right[index - left.length];
    return column !== undefined && column.time !== null && !column.nullable;
  };
  const found = conditions.flatMap((condition) => {
    const bound = boundOf(condition, left.length);
    return bound !== null && isTime(bound.left) && isTime(bound.right) ? [{ condition, ...bound }] : [];
  });
  for (const { left: l, right: r } of found) {
    const same = found.filter((bound) => bound.left === l && bound.right === r);
    const lows = same.flatMap(({ low }) => (low === null ? [] : [low]));
    const highs = same.flatMap(({ high }) => (high === null ? [] : [high]));
    if (lows.length === 0 || highs.length === 0) continue;
    const low = lows.reduce((a, b) => (a > b ? a : b));
    const high = highs.reduce((a, b) => (a < b ? a : b));
    if (low < -MICROS_MAX || low > MICROS_MAX || high < -MICROS_MAX || high > MICROS_MAX) continue;
    const used = new Set(same.map(({ condition }) => condition));
    return { left: l, right: r - left.length, low: Number(low), high: Number(high), conditions: used };
  }
  return null;
}

/** What a comparison says about the difference of a left and a right column. */
export function boundOf(condition: BoundExpression, leftCount: number): Bound | null {
  if (condition.kind !== 'compare' || condition.operator === '<>') return null;
  const sum = minus(sumOf(condition.left), sumOf(condition.right));
  if (sum === null || sum.terms.size !== 2) return null;
  const [[a, x], [b, y]] = [...sum.terms] as [[number, number], [number, number]];
  if (x + y !== 0 || Math.abs(x) !== 1 || a < leftCount === b < leftCount) return null;
  const [left, right, sign] = a < leftCount ? [a, b, x] : [b, a, y];
  const { operator } = condition;
  const strict = operator === '<' || operator === '>' ? 1n : 0n;
  // sign · (left − right) + constant <operator> 0
  const isLess = (operator === '<' || operator === '<=') === (sign === 1);
  const limit = BigInt(-sign) * sum.constant;
  if (operator === '=') return { left, right, low: limit, high: limit };
  return isLess ? { left, right, low: null, high: limit - strict } : { left, right, low: limit + strict, high: null };
}

/** A sum of columns, each so many times, and µs. */
interface Sum {
  terms: Map<number, number>;
  constant: bigint;
}

function sumOf(expression: BoundExpression): Sum | null {
  const { type } = expression;
  if (type.kind !== 'TIMESTAMP' && type.kind !== 'INTERVAL') return null;
  switch (expression.kind) {
    case 'column':
      return type.kind === 'TIMESTAMP' ? { terms: new Map([[expression.index, 1]]), constant: 0n } : null;
    case 'literal':
      return typeof expression.value === 'bigint' ? { terms: new Map(), constant: expression.value } : null;
    case 'call': {
      const [first, second] = expression.arguments;
      const name = expression.function.slice(0, expression.function.indexOf('('));
      if (first === undefined || second === undefined) return null;
      if (name === '+') return plus(sumOf(first), sumOf(second));
      return name === '-' ? minus(sumOf(first), sumOf(second)) : null;
    }
    default:
      return null;
  }
}

function plus(a: Sum | null, b: Sum | null): Sum | null {
  if (a === null || b === null) return null;
  const terms = new Map(a.terms);
  for (const [column, times] of b.terms) {
    const sum = (terms.get(column) ?? 0) + times;
    if (sum === 0) terms.delete(column);
    else terms.set(column, sum);
  }
  return { terms, constant: a.constant + b.constant };
}

function minus(a: Sum | null, b: Sum | null): Sum | null {
  if (b === null) return null;
  const negated = new Map([...b.terms].map(([column, times]): [number, number] => [column, -times]));
  return plus(a, { terms: negated, constant: -b.constant });
}

/** What is known of the times of a join. */
export type JoinTimes = NonNullable<JoinNode['time']>;

/** Rows to come are so much younger than the watermark, on both sides. */
export function sharedAhead({ left, right }: JoinTimes): number {
  return Math.min(left.aheadMicros ?? 0, right.aheadMicros ?? 0);
}

/** How far the rows of a join may be behind the watermark of its inputs. */
export function joinDelay({ lowMicros, highMicros }: JoinTimes): number {
  return Math.max(0, -lowMicros, highMicros);
}
