// Window functions of GROUP BY and of the select list: their names, argument counts and constant arguments.

import { LaminarError } from '../../base/errors.ts';
import type { Expression } from '../ast.ts';
import { intervalMicros } from './literals.ts';

type Call = Extract<Expression, { kind: 'call' }>;

interface WindowShape {
  /** As in messages: `TUMBLE(ts, size [, offset])`. */
  form: string;
  counts: readonly number[];
}

const WINDOWS: Readonly<Record<string, WindowShape>> = {
  TUMBLE: { form: 'TUMBLE(ts, size [, offset])', counts: [2, 3] },
  HOP: { form: 'HOP(ts, slide, size [, offset])', counts: [3, 4] },
  SLIDE: { form: 'SLIDE(ts, slide, size [, offset])', counts: [3, 4] },
  SESSION: { form: 'SESSION(ts, gap)', counts: [2] },
  CUMULATE: { form: 'CUMULATE(ts, step, size)', counts: [3] },
};

export const WINDOW_NAMES: readonly string[] = [
  ...Object.keys(WINDOWS).map((name) => name.toLowerCase()),
  'tumble_start',
  'tumble_end',
];

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

/** A TUMBLE of a GROUP BY with its constants evaluated. */
export interface Tumble {
  time: Expression;
  sizeMicros: number;
  offsetMicros: number;
}

/** @throws LMN-2031 for wrong arguments, LMN-2011 for windows that do not exist yet. */
export function tumbleOf(call: Call): Tumble {
  const name = call.name.name.toUpperCase();
  checkWindowArguments(name, call);
  if (name !== 'TUMBLE') {
    throw new LaminarError('LMN-2011', `${name} windows are not supported yet`, {
      hint: 'use TUMBLE(ts, size [, offset])',
      at: { span: call.span },
    });
  }
  const [time, size, offset] = call.arguments as [Expression, Expression, Expression | undefined];
  const sizeMicros = constantInterval(size, 'the size of a window');
  if (sizeMicros <= 0) {
    throw new LaminarError('LMN-2031', 'the size of a window must be more than zero', { at: { span: size.span } });
  }
  const offsetMicros = offset === undefined ? 0 : constantInterval(offset, 'the offset of a window');
  return { time, sizeMicros, offsetMicros };
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
