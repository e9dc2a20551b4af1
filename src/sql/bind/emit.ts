// EMIT: when the results of a query come out, and which forms make sense for it.
//
//   form                   GROUP BY with a window              GROUP BY without          any other query
//   (none)                 at the close of the window          changes, or at the end    as its rows come
//   ON WINDOW CLOSE        at the close of the window          over windows, at the end  over windows
//   AFTER|ON WATERMARK     at the end of the window, and       refused                   over windows
//                          corrections while lateness lasts
//   FINAL                  at the close of the window          at the end                as its rows come
//   ON UPDATE, CHANGES     changes, row by row                 changes, row by row       as its rows come
//   EVERY|PERIODICALLY d   changes, every d                    changes, every d          refused
//
// OR AFTER d IDLE behind any of the first forms: what is open comes out when no row has come for d.

import { LaminarError } from '../../base/errors.ts';
import type { EmitClause } from '../ast.ts';
import { intervalMicros } from './literals.ts';
import { type AggregationNode, inputsOf, type LogicalEmit, type LogicalNode, type LogicalWindow } from './logical.ts';

const NAMES: Readonly<Record<EmitClause['mode'], string>> = {
  'on-window-close': 'EMIT ON WINDOW CLOSE',
  final: 'EMIT FINAL',
  'on-watermark': 'EMIT AFTER WATERMARK',
  'on-update': 'EMIT ON UPDATE',
  every: 'EMIT EVERY',
  changes: 'EMIT CHANGES',
};

const DECLARE_WATERMARK = "declare one in the source: WATERMARK FOR ts AS ts - INTERVAL '5' SECOND";
const ADD_WINDOW = "add TUMBLE(ts, INTERVAL '1' MINUTE) to the GROUP BY";

/** The emission of a GROUP BY. @throws LMN-2032, LMN-2060 */
export function groupEmit(
  clause: EmitClause | null,
  window: LogicalWindow | null,
  input: LogicalNode,
): Pick<AggregationNode, 'emit' | 'idleMicros'> {
  const emit = bindEmit(clause, window, input);
  return { emit, idleMicros: idleOf(clause, emit, window) };
}

function bindEmit(emit: EmitClause | null, window: LogicalWindow | null, input: LogicalNode): LogicalEmit {
  switch (emit?.mode) {
    case undefined:
      return window === null ? { on: 'default' } : { on: 'close' };
    case 'final':
      return { on: 'close' };
    case 'on-window-close':
      if (window === null && !hasWindow(input)) throw withoutWindow(emit as EmitClause);
      return { on: 'close' };
    case 'on-watermark':
      return watermarkEmit(emit as EmitClause, window, input);
    case 'on-update':
    case 'changes':
      return { on: 'update' };
    case 'every':
      return { on: 'tick', everyMicros: everyMicros(emit as EmitClause) };
  }
}

/** Refuses what a query without GROUP BY cannot do. @throws LMN-2032, LMN-2060 */
export function checkPlainEmit(emit: EmitClause | null, input: LogicalNode): void {
  if (emit === null) return;
  if (emit.idle !== null) idleOf(emit, { on: 'close' }, null);
  if (emit.mode === 'on-window-close' || emit.mode === 'on-watermark') {
    if (!hasWindow(input)) throw withoutWindow(emit);
  }
  if (emit.mode !== 'every') return;
  throw new LaminarError('LMN-2060', 'EMIT EVERY is for results of GROUP BY and DISTINCT, and this query has none', {
    hint: 'leave it out: rows are written as they come',
    at: { span: emit.span },
  });
}

/** How long no row may come before what is open comes out. @throws LMN-2060 */
function idleOf(clause: EmitClause | null, bound: LogicalEmit, window: LogicalWindow | null): number | null {
  if (clause === null || clause.idle === null) return null;
  const refuse = (message: string, hint: string) =>
    new LaminarError('LMN-2060', message, { hint, at: { span: clause.span } });
  if (bound.on === 'update' || bound.on === 'tick') {
    throw refuse(`${NAMES[clause.mode]} waits for no window that could be idle`, 'leave OR AFTER … IDLE out');
  }
  if (window === null) throw refuse('OR AFTER … IDLE needs a window', ADD_WINDOW);
  if (window.closesAtEnd) throw refuse('OR AFTER … IDLE needs a watermark', DECLARE_WATERMARK);
  const micros = intervalMicros(clause.idle);
  if (micros >= 1000) return micros;
  throw refuse('OR AFTER … IDLE needs a time of a millisecond or more', "write for example OR AFTER '10s' IDLE");
}

/** Without lateness there is nothing to correct: each window comes out once. */
function watermarkEmit(emit: EmitClause, window: LogicalWindow | null, input: LogicalNode): LogicalEmit {
  if (window === null) throw withoutWindow(emit);
  if (window.closesAtEnd) {
    throw new LaminarError('LMN-2060', 'EMIT AFTER WATERMARK needs a watermark', {
      hint: DECLARE_WATERMARK,
      at: { span: emit.span },
    });
  }
  if (window.latenessMicros === 0) return { on: 'close' };
  // What a row carries is the watermark of its key: it says nothing about when a window is complete for all keys.
  if (window.perRow && hasKeyedWatermark(input)) {
    throw new LaminarError('LMN-2060', 'EMIT AFTER WATERMARK cannot follow a watermark for each key', {
      hint: 'write EMIT ON UPDATE for every change, or EMIT ON WINDOW CLOSE for each result once',
      at: { span: emit.span },
    });
  }
  return { on: 'watermark' };
}

function everyMicros(emit: EmitClause): number {
  const micros = emit.interval === null ? 0 : intervalMicros(emit.interval);
  if (micros >= 1000) return micros;
  throw new LaminarError('LMN-2060', 'EMIT EVERY needs a time of a millisecond or more', {
    hint: "write for example EMIT EVERY INTERVAL '10' SECOND",
    at: { span: emit.span },
  });
}

function withoutWindow(emit: EmitClause): LaminarError {
  return new LaminarError('LMN-2032', `${NAMES[emit.mode]} needs a window`, {
    hint: `${ADD_WINDOW}, or write EMIT FINAL`,
    at: { span: emit.span },
  });
}

function hasKeyedWatermark(node: LogicalNode): boolean {
  if (node.kind === 'scan') return node.source.watermark !== null && node.source.watermark.perKey !== null;
  return inputsOf(node).some(hasKeyedWatermark);
}

function hasWindow(node: LogicalNode): boolean {
  if (node.kind === 'scan') return false;
  return (node.kind === 'aggregation' && node.window !== null) || inputsOf(node).every(hasWindow);
}
