// SELECT DISTINCT: a GROUP BY of every column, without aggregates.
//
//   query ─► aggregation: all columns are keys ─► project: those columns
//
// Over a stream of windows equal rows belong to one window, so each comes out as soon as the watermark has passed its
// window, and is forgotten: the time is cut into windows of the smallest size. Without such a time the rows come at the
// end, or as changes.

import { TIMESTAMP } from '../../data/type.ts';
import type { BoundExpression } from '../expression.ts';
import { checkPlainEmit, groupEmit } from './emit.ts';
import type { AggregationNode, LogicalWindow, ProjectNode, RelationColumn } from './logical.ts';
import { columnAt } from './order.ts';
import type { QueryContext } from './query.ts';

/** The rows of `node`, each once. */
export function distinctRows(node: ProjectNode, context: QueryContext): ProjectNode {
  const { id, emit } = context;
  const input = { ...node, id: `${id}.all` };
  const column = windowColumn(node.columns);
  const window = column < 0 ? null : windowOfMicros(column);
  if (window !== null) checkPlainEmit(emit, node);
  const edges = window === null ? [] : ['window_start', 'window_end'];
  const plain = { nullable: false, time: null, field: null };
  const aggregation: AggregationNode = {
    kind: 'aggregation',
    id: `${id}.distinct`,
    input,
    keyCount: node.columns.length,
    window,
    aggregates: [],
    ...(window === null ? groupEmit(emit, null, node) : { emit: { on: 'close' as const }, idleMicros: null }),
    late: null,
    columns: [...node.columns, ...edges.map((name): RelationColumn => ({ name, type: TIMESTAMP, ...plain }))],
  };
  const outputs = node.columns.map((one, index): BoundExpression => columnAt(one, index));
  return {
    kind: 'project',
    id,
    input: aggregation,
    filter: null,
    outputs,
    columns: timedColumns(node.columns, column),
  };
}

/** Index of the time that a window is known by, the one that is least ahead; −1 when there is none. */
function windowColumn(columns: readonly RelationColumn[]): number {
  const ahead = columns.map(({ time }) =>
    time === null || time.perRow || time.aheadMicros === null ? Number.POSITIVE_INFINITY : (time.aheadMicros ?? 0),
  );
  const least = Math.min(...ahead);
  return Number.isFinite(least) ? ahead.indexOf(least) : -1;
}

function windowOfMicros(column: number): LogicalWindow {
  return {
    kind: 'tumble',
    sizeMicros: 1,
    slideMicros: 1,
    offsetMicros: 0,
    column,
    latenessMicros: 0,
    perRow: false,
    closesAtEnd: false,
    byClock: false,
  };
}

/** The watermark that goes on is the time of the earliest row kept: other times are ahead of it as they were of it. */
function timedColumns(columns: readonly RelationColumn[], column: number): RelationColumn[] {
  const base = columns[column]?.time?.aheadMicros ?? 0;
  return columns.map((one) => {
    const { time } = one;
    if (column < 0 || time === null || time.perRow || time.aheadMicros === null) return { ...one, time: null };
    return { ...one, time: { perRow: false, aheadMicros: (time.aheadMicros ?? 0) - base } };
  });
}
