// The windows of OVER: names of the WINDOW clause resolved, and frames with their constants evaluated.

import { LaminarError } from '../../base/errors.ts';
import type { FrameBoundSpec, FrameSpec } from '../../plan/ordered-nodes.ts';
import type { Identifier } from '../ast.ts';
import type { FrameBound, NamedWindow, WindowFrame, WindowSpecification } from '../ast-query.ts';
import { intervalMicros } from './literals.ts';

/** A window without a base, its frame as written. */
export type OverWindow = Pick<WindowSpecification, 'partitionBy' | 'orderBy' | 'frame' | 'span'>;

/** Puts what a window builds on in its place. @throws LMN-2083 */
export function resolveWindow(window: WindowSpecification, named: readonly NamedWindow[]): OverWindow {
  const { base, partitionBy, orderBy, frame, span } = window;
  if (base === null) return window;
  const at = named.findIndex(({ name }) => name.name.toLowerCase() === base.name.toLowerCase());
  const found = named[at];
  if (found === undefined) throw unknownWindow(base, named);
  // A window may build on those above it only, so names cannot go in circles.
  const under = resolveWindow(found.window, named.slice(0, at));
  const clash =
    partitionBy.length > 0 ? 'PARTITION BY' : orderBy.length > 0 && under.orderBy.length > 0 ? 'ORDER BY' : null;
  if (clash !== null) {
    throw new LaminarError('LMN-2083', `window ${base.name} cannot be given another ${clash}`, {
      hint: 'write the whole window instead of its name',
      at: { span },
    });
  }
  return {
    partitionBy: under.partitionBy,
    orderBy: orderBy.length > 0 ? orderBy : under.orderBy,
    frame: frame ?? under.frame,
    span,
  };
}

function unknownWindow(base: Identifier, named: readonly NamedWindow[]): LaminarError {
  const names = named.map(({ name }) => name.name).join(', ');
  return new LaminarError('LMN-2083', `there is no window ${base.name}`, {
    hint: names === '' ? `add WINDOW ${base.name} AS (PARTITION BY … ORDER BY …) to the query` : `there is ${names}`,
    at: { span: base.span },
  });
}

/** From the first row of the partition to the row and its equals; without ORDER BY all rows are equal. */
export const DEFAULT_FRAME: FrameSpec = {
  unit: 'range',
  start: { kind: 'unbounded', offset: 0 },
  end: { kind: 'current', offset: 0 },
};

const UNITS = { ROWS: 'rows', RANGE: 'range', GROUPS: 'groups' } as const;
const EXCLUSIONS = { 'CURRENT ROW': 'row', GROUP: 'group', TIES: 'ties' } as const;

/**
 * A frame with its constants. A RANGE with an offset needs one key to add it to: `key` says what that is, null for
 * none. @throws LMN-2083
 */
export function bindFrame(frame: WindowFrame | null, key: 'time' | 'number' | null): FrameSpec {
  if (frame === null) return DEFAULT_FRAME;
  const { start, end } = frame;
  const rank = ({ kind, offset }: FrameBound): number => {
    if (kind === 'current') return 2;
    if (kind === 'preceding') return offset === null ? 0 : 1;
    return offset === null ? 4 : 3;
  };
  if (rank(start) > rank(end) || rank(start) === 4 || rank(end) === 0) {
    throw new LaminarError('LMN-2083', 'this frame ends before it begins', {
      hint: 'write ROWS BETWEEN … PRECEDING AND CURRENT ROW, for example',
      at: { span: frame.span },
    });
  }
  const bound = (written: FrameBound): FrameBoundSpec => bindBound(written, frame.unit, key);
  const exclude = frame.exclude === undefined ? {} : { exclude: EXCLUSIONS[frame.exclude] };
  return { unit: UNITS[frame.unit], start: bound(start), end: bound(end), ...exclude };
}

function bindBound(written: FrameBound, unit: WindowFrame['unit'], key: 'time' | 'number' | null): FrameBoundSpec {
  const { kind, offset, span } = written;
  if (kind === 'current') return { kind, offset: 0 };
  if (offset === null) return { kind: 'unbounded', offset: 0 };
  const fail = (message: string, hint: string): never => {
    throw new LaminarError('LMN-2083', message, { hint, at: { span } });
  };
  if (unit === 'RANGE' && key === null) {
    fail('RANGE with a distance needs one key in ORDER BY', 'order by one time or number, or count ROWS');
  }
  if (unit === 'RANGE' && key === 'time') {
    if (offset.kind !== 'interval') fail('a distance in time is an interval', "write INTERVAL '5' SECOND, for example");
    const micros = offset.kind === 'interval' ? intervalMicros(offset) : 0;
    if (micros < 0) fail('a frame cannot reach a negative time', 'swap PRECEDING and FOLLOWING');
    return { kind, offset: micros };
  }
  if (offset.kind === 'interval') fail('this is no distance in time', 'write a number');
  const count = offset.kind === 'number' ? Number(offset.text) : 0;
  if (unit !== 'RANGE' && !Number.isSafeInteger(count)) {
    fail(`${unit} are counted in whole numbers`, `write ${unit} 5 PRECEDING`);
  }
  return { kind, offset: count };
}
