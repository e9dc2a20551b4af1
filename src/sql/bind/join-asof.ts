// ASOF joins: which right row a left row is matched with.
//
//   MATCH_CONDITION (l.ts >= r.ts)                                 the last one at or before it; > before it
//   MATCH_CONDITION (l.ts <= r.ts)                                 the first one at or behind it; < behind it
//   MATCH_CONDITION (NEAREST(l.ts, r.ts))                          the nearest; of two the earlier
//   … AND l.ts - r.ts <= INTERVAL '5' SECOND                       and none that is further
//   ASOF JOIN r ON l.k = r.k AND l.ts >= r.ts                      the same, as DuckDB writes it
//
// The first comparison of two times says the direction, further ones of the same times how far a match may be.

import { LaminarError } from '../../base/errors.ts';
import type { AsofDirection } from '../../plan/join-node.ts';
import type { Span } from '../ast.ts';
import type { Expression } from '../ast-expression.ts';
import type { BoundExpression } from '../expression.ts';
import { type Bound, boundOf, MICROS_MAX } from './join-time.ts';

export interface AsofMatch {
  direction: AsofDirection;
  /** Columns of the left and the right side. */
  left: number;
  right: number;
  /** µs: left − right is at least low and at most high; ±2^53: anything. */
  low: number;
  high: number;
}

const FORM = 'write MATCH_CONDITION (l.ts >= r.ts), with times of both sides';

/** NEAREST(l, r) as `l = r`, which names the two times; null: the condition is another. */
export function nearestOf(match: Expression): Expression | null {
  if (match.kind !== 'call' || match.name.name.toLowerCase() !== 'nearest') return null;
  const [left, right, ...more] = match.arguments;
  if (left === undefined || right === undefined || more.length > 0) {
    throw new LaminarError('LMN-2151', 'NEAREST takes a time of the left side and one of the right', {
      hint: FORM,
      at: { span: match.span },
    });
  }
  return { kind: 'binary', operator: '=', left, right, span: match.span };
}

/**
 * The match that comparisons of times describe.
 * @param isNearest the first of them only names the times.
 * @throws LMN-2151
 */
export function asofMatch(
  comparisons: readonly BoundExpression[],
  given: { leftCount: number; isNearest: boolean; span: Span },
): AsofMatch {
  const { leftCount, isNearest, span } = given;
  const bounds = comparisons.map((comparison) => {
    const bound = boundOf(comparison, leftCount);
    if (bound !== null) return bound;
    throw new LaminarError('LMN-2151', 'an ASOF JOIN takes equal keys and comparisons of one time of each side', {
      hint: 'conditions on one side stand in WHERE, or in a subquery; others need a plain join with bounds of time',
      at: { span: comparison.span },
    });
  });
  const [first] = bounds;
  const { span: at } = comparisons[0] ?? { span };
  if (first === undefined)
    throw new LaminarError('LMN-2151', 'an ASOF JOIN compares a time of each side', { hint: FORM, at: { span } });
  const isEqual = first.low !== null && first.high !== null;
  if (isEqual !== isNearest) {
    throw new LaminarError('LMN-2151', 'an ASOF JOIN asks for the times before or behind, not for equal ones', {
      hint: FORM,
      at: { span: at },
    });
  }
  const others = isNearest ? bounds.slice(1) : bounds;
  if (bounds.some(({ left, right }) => left !== first.left || right !== first.right)) {
    throw new LaminarError('LMN-2151', 'an ASOF JOIN compares one time of each side', { hint: FORM, at: { span: at } });
  }
  const direction = isNearest ? 'nearest' : first.low === null ? 'forward' : 'backward';
  const low = limit(others, 'low');
  const high = limit(others, 'high');
  if (direction === 'nearest' && (low > 0 || high < 0)) {
    throw new LaminarError('LMN-2151', 'the nearest row may be before or behind', { hint: FORM, at: { span: at } });
  }
  return { direction, left: first.left, right: first.right - leftCount, low, high };
}

/** The tightest of the bounds. */
function limit(bounds: readonly Bound[], which: 'low' | 'high'): number {
  const given = bounds.flatMap((bound) => bound[which] ?? []);
  const [first, ...rest] = given;
  if (first === undefined) return Number(which === 'low' ? -MICROS_MAX : MICROS_MAX);
  const tightest = rest.reduce((a, b) => ((which === 'low' ? a > b : a < b) ? a : b), first);
  const clamped = tightest > MICROS_MAX ? MICROS_MAX : tightest < -MICROS_MAX ? -MICROS_MAX : tightest;
  return Number(clamped);
}
