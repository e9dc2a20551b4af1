// Code of time functions whose first argument names a unit: the name becomes a number while compiling.

import * as layout from '../../../kernels/layout.ts';
import { LaminarError } from '../../base/errors.ts';
import { nearestName } from '../../base/names.ts';
import type { BoundExpression } from '../expression.ts';
import { timeUnit, timeUnitNames } from '../functions/time-units.ts';
import { emitStrict, type Node } from './expression-code.ts';
import type { MapContext, Nullness } from './map-context.ts';

const STRICT = { mayBeNull: false, needsValues: false, fails: false } as const;

/** µs of the units that an interval can be split into. */
const INTERVAL_UNITS: Readonly<Record<number, readonly [size: bigint, within: bigint | null]>> = {
  [layout.UNIT_MICROSECOND]: [1n, 60_000_000n],
  [layout.UNIT_MILLISECOND]: [1_000n, 60_000_000n],
  [layout.UNIT_SECOND]: [1_000_000n, 60_000_000n],
  [layout.UNIT_MINUTE]: [60_000_000n, 3_600_000_000n],
  [layout.UNIT_HOUR]: [3_600_000_000n, 86_400_000_000n],
  [layout.UNIT_DAY]: [86_400_000_000n, null],
  [layout.UNIT_EPOCH]: [1_000_000n, null],
};

/** The code of the unit that a function's first argument names. @throws LMN-3005. */
function unitOf(expression: Node<'call'>, isKnown: (unit: number) => boolean = () => true): number {
  const argument = expression.arguments[0] as BoundExpression;
  const name = expression.function.slice(0, expression.function.indexOf('('));
  const at = { span: expression.span };
  if (argument.kind !== 'literal' || typeof argument.value !== 'string') {
    throw new LaminarError('LMN-3005', `the unit of ${name} must be written as a string`, {
      hint: `such as ${name}('hour', …)`,
      at,
    });
  }
  const unit = timeUnit(argument.value);
  if (unit !== undefined && isKnown(unit)) return unit;
  const known = timeUnitNames().filter((each) => isKnown(timeUnit(each) as number));
  const nearest = nearestName(argument.value, known);
  throw new LaminarError('LMN-3005', `${name} has no unit '${argument.value}'`, {
    hint: nearest === undefined ? `units are ${known.join(', ')}` : `did you mean '${nearest}'?`,
    at,
  });
}

export function emitDatePart(map: MapContext, expression: Node<'call'>): Nullness {
  const { emitter } = map;
  const source = expression.arguments[1] as BoundExpression;
  const isInterval = source.type.kind === 'INTERVAL';
  const unit = unitOf(expression, isInterval ? (code) => INTERVAL_UNITS[code] !== undefined : undefined);
  const body = (): void => {
    if (unit === layout.UNIT_EPOCH && expression.type.kind === 'DOUBLE') {
      emitter.op('f64.convert_i64_s').f64(1e6).op('f64.div');
    } else if (isInterval) {
      const [size, within] = INTERVAL_UNITS[unit] as readonly [bigint, bigint | null];
      if (within !== null) emitter.i64(within).op('i64.rem_s');
      emitter.i64(size).op('i64.div_s');
    } else {
      emitter.i32(unit).kernel('timeField', ['i64', 'i32'], 'i64');
    }
  };
  return emitStrict(map, expression, { ...STRICT, operands: [source], body });
}

/** Fields without a beginning of their own begin where these units do. */
const TRUNCATES_AS: Readonly<Record<number, number>> = {
  [layout.UNIT_DAY_OF_WEEK]: layout.UNIT_DAY,
  [layout.UNIT_ISO_DAY_OF_WEEK]: layout.UNIT_DAY,
  [layout.UNIT_DAY_OF_YEAR]: layout.UNIT_DAY,
  [layout.UNIT_YEAR_WEEK]: layout.UNIT_WEEK,
};

const hasBeginning = (unit: number): boolean => unit <= layout.UNIT_YEAR_WEEK;

export function emitDateTrunc(map: MapContext, expression: Node<'call'>): Nullness {
  const named = unitOf(expression, hasBeginning);
  const unit = TRUNCATES_AS[named] ?? named;
  const operands = [expression.arguments[1] as BoundExpression];
  const body = (): void => {
    map.emitter.i32(unit).kernel('timeTruncate', ['i64', 'i32'], 'i64');
  };
  return emitStrict(map, expression, { ...STRICT, operands, body });
}

const hasLength = (unit: number): boolean => unit <= layout.UNIT_MILLENNIUM;

export function emitDateDiff(map: MapContext, expression: Node<'call'>): Nullness {
  return emitBetween(map, expression, 'timeDifference');
}

export function emitDateSub(map: MapContext, expression: Node<'call'>): Nullness {
  return emitBetween(map, expression, 'timeWholeUnits');
}

/** Calls a kernel with two times and the unit that is named first. */
function emitBetween(map: MapContext, expression: Node<'call'>, kernel: string): Nullness {
  const unit = unitOf(expression, hasLength);
  const body = (): void => {
    map.emitter.i32(unit).kernel(kernel, ['i64', 'i64', 'i32'], 'i64');
  };
  return emitStrict(map, expression, { ...STRICT, operands: expression.arguments.slice(1), body });
}
