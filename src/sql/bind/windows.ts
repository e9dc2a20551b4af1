// Window functions of GROUP BY and of the select list: their names, argument counts and constant arguments.

import { formatDuration } from '../../base/duration.ts';
import { LaminarError } from '../../base/errors.ts';
import type { WindowKind } from '../../plan/aggregate-node.ts';
import type { Span } from '../ast.ts';
import type { Expression } from '../ast-expression.ts';
import { intervalMicros } from './literals.ts';

type Call = Extract<Expression, { kind: 'call' }>;

/** Windows that a call makes. */
type CalledWindow = Exclude<WindowKind, 'inherited'>;

interface WindowShape {
  kind: CalledWindow;
  /** As in messages: `TUMBLE(ts, size [, offset])`. */
  form: string;
  counts: readonly number[];
}

const WINDOWS: Readonly<Record<string, WindowShape>> = {
  TUMBLE: { kind: 'tumble', form: 'TUMBLE(ts, size [, offset])', counts: [2, 3] },
  HOP: { kind: 'hop', form: 'HOP(ts, slide, size [, offset])', counts: [3, 4] },
  SLIDE: { kind: 'hop', form: 'SLIDE(ts, slide, size [, offset])', counts: [3, 4] },
  SESSION: { kind: 'session', form: 'SESSION(ts, gap)', counts: [2] },
  CUMULATE: { kind: 'cumulate', form: 'CUMULATE(ts, step, size)', counts: [3] },
};

export const WINDOW_NAMES: readonly string[] = Object.keys(WINDOWS)
  .map((name) => name.toLowerCase())
  .flatMap((name) => [name, `${name}_start`, `${name}_end`]);

/** Which edge of the window a column or function of this name is, null when none. */
export type WindowEdge = 'start' | 'end' | 'time';

export const WINDOW_COLUMNS: Readonly<Record<string, WindowEdge>> = {
  window_start: 'start',
  window_end: 'end',
  window_time: 'time',
};

const EDGE_FUNCTION = /^(TUMBLE|HOP|SLIDE|SESSION|CUMULATE)_(START|END)$/i;

export function isWindowCall(expression: Expression): expression is Call {
  return expression.kind === 'call' && Object.hasOwn(WINDOWS, expression.name.name.toUpperCase());
}

/** `TUMBLE_START(…)` and the like, null for anything else. */
export function edgeCall(expression: Expression): { call: Call; window: string; edge: WindowEdge } | null {
  if (expression.kind !== 'call') return null;
  const match = EDGE_FUNCTION.exec(expression.name.name);
  if (match === null) return null;
  const edge = (match[2] as string).toLowerCase() as WindowEdge;
  return { call: expression, window: (match[1] as string).toUpperCase(), edge };
}

/** A window of a GROUP BY with its constants evaluated. */
export interface WrittenWindow {
  kind: CalledWindow;
  time: Expression;
  /** Of a session: the gap. */
  sizeMicros: number;
  /** From one window to the next: HOP's slide, CUMULATE's step, TUMBLE's size; 0 for sessions. */
  slideMicros: number;
  offsetMicros: number;
}

/** @throws LMN-2031 for wrong arguments. */
export function windowOf(call: Call): WrittenWindow {
  const name = call.name.name.toUpperCase();
  checkWindowArguments(name, call);
  const { kind } = WINDOWS[name] as WindowShape;
  const [time, ...rest] = call.arguments as [Expression, ...Expression[]];
  if (kind === 'tumble') {
    const sizeMicros = positiveInterval(rest[0] as Expression, 'the size of a window');
    return { kind, time, sizeMicros, slideMicros: sizeMicros, offsetMicros: offsetOf(rest[1]) };
  }
  if (kind === 'session') {
    const sizeMicros = positiveInterval(rest[0] as Expression, 'the gap of a session');
    return { kind, time, sizeMicros, slideMicros: 0, offsetMicros: 0 };
  }
  const what = kind === 'hop' ? 'slide' : 'step';
  const slideMicros = positiveInterval(rest[0] as Expression, `the ${what} of a window`);
  const sizeMicros = positiveInterval(rest[1] as Expression, 'the size of a window');
  checkSlide({ name, what, slideMicros, sizeMicros, at: { span: call.span } });
  return { kind, time, sizeMicros, slideMicros, offsetMicros: offsetOf(rest[2]) };
}

function offsetOf(offset: Expression | undefined): number {
  return offset === undefined ? 0 : constantInterval(offset, 'the offset of a window');
}

function positiveInterval(expression: Expression, what: string): number {
  const micros = constantInterval(expression, what);
  if (micros > 0) return micros;
  throw new LaminarError('LMN-2031', `${what} must be more than zero`, { at: { span: expression.span } });
}

interface Slide {
  name: string;
  what: string;
  slideMicros: number;
  sizeMicros: number;
  at: { span: Span };
}

/** Rows between the windows of a long slide would be in none of them; CUMULATE fills its size with whole steps. */
function checkSlide({ name, what, slideMicros, sizeMicros, at }: Slide): void {
  const slide = formatDuration(slideMicros);
  const size = formatDuration(sizeMicros);
  if (slideMicros > sizeMicros) {
    throw new LaminarError('LMN-2031', `a ${what} of ${slide} is longer than the window's size of ${size}`, {
      hint: `the ${what} comes first, then the size: ${(WINDOWS[name] as WindowShape).form}`,
      at,
    });
  }
  if (name !== 'CUMULATE' || sizeMicros % slideMicros === 0) return;
  throw new LaminarError('LMN-2031', `the size of ${size} is not a multiple of the step of ${slide}`, {
    hint: 'choose a step that divides the size, or HOP for windows of one length',
    at,
  });
}

/** The kind of window that a name such as TUMBLE or SLIDE makes. */
export function windowKindOf(name: string): CalledWindow {
  return (WINDOWS[name] as WindowShape).kind;
}

function checkWindowArguments(name: string, call: Call): void {
  const { form, counts } = WINDOWS[name] as WindowShape;
  const given = call.arguments.length;
  if (counts.includes(given) && !call.star) return;
  throw new LaminarError('LMN-2031', `${name} takes ${counts.join(' or ')} arguments, ${given} given`, {
    hint: `it is ${form}, for example ${EXAMPLES[name]}`,
    at: { span: call.span },
  });
}

const EXAMPLES: Readonly<Record<string, string>> = {
  TUMBLE: "TUMBLE(ts, INTERVAL '1' MINUTE)",
  HOP: "HOP(ts, INTERVAL '10' SECOND, INTERVAL '1' MINUTE)",
  SLIDE: "SLIDE(ts, INTERVAL '10' SECOND, INTERVAL '1' MINUTE)",
  SESSION: "SESSION(ts, INTERVAL '5' MINUTE)",
  CUMULATE: "CUMULATE(ts, INTERVAL '1' MINUTE, INTERVAL '1' HOUR)",
};

/** µs of an interval that must be constant; a sign in front is allowed. @throws LMN-2010, LMN-2031. */
export function constantInterval(expression: Expression, what: string): number {
  if (expression.kind === 'interval') return intervalMicros(expression);
  if (expression.kind === 'unary' && expression.operator !== 'NOT') {
    const micros = constantInterval(expression.operand, what);
    return expression.operator === '-' ? -micros : micros;
  }
  throw new LaminarError('LMN-2031', `${what} must be an interval as written`, {
    hint: "write for example INTERVAL '5' MINUTE",
    at: { span: expression.span },
  });
}
