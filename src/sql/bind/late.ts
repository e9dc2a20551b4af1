// LATE DATA TO sink: rows that came too late for their window, as the sink gets them.
//
//   columns of the relation that the query reads │ late_source │ late_watermark │ late_window_start │ late_window_end
//
// The aggregation decides which rows are late, so they are a second output of it; its input carries every column of
// the relation for them.

import { LaminarError } from '../../base/errors.ts';
import { TIMESTAMP, VARCHAR } from '../../data/type.ts';
import type { LateDataClause } from '../ast.ts';
import type { BoundExpression } from '../expression.ts';
import type { GroupInputs } from './grouping-inputs.ts';
import type { AggregationNode, LateNode, LogicalNode, LogicalWindow, ProjectNode, RelationColumn } from './logical.ts';
import type { Relation } from './scope.ts';

const SOURCE_COLUMN = 'late_source';
/** What the aggregation adds to a late row. */
const TIME_COLUMNS = ['late_watermark', 'late_window_start', 'late_window_end'] as const;

/** Puts the columns of the relation among the inputs of the aggregation. @returns their places. @throws LMN-2064 */
export function lateInputs(
  late: LateDataClause,
  window: LogicalWindow | null,
  { relation, inputs }: { relation: Relation; inputs: GroupInputs },
): number[] {
  const at = { span: late.span };
  if (window === null) {
    throw new LaminarError('LMN-2064', 'LATE DATA TO needs a window in GROUP BY: without one no row is late', {
      hint: "add TUMBLE(ts, INTERVAL '1' MINUTE) to the GROUP BY",
      at,
    });
  }
  if (!window.perRow) {
    throw new LaminarError(
      'LMN-2064',
      'no row is late for this window: its time has no watermark that rows could miss',
      {
        hint: window.closesAtEnd
          ? "declare one in the source: WATERMARK FOR ts AS ts - INTERVAL '5' SECOND"
          : 'a stream of windows never gives late rows: write LATE DATA TO where the windows are made',
        at,
      },
    );
  }
  const added: readonly string[] = [SOURCE_COLUMN, ...TIME_COLUMNS];
  const clash = relation.columns.find(({ name }) => added.includes(name.toLowerCase()));
  if (clash !== undefined) {
    throw new LaminarError('LMN-2064', `late rows get a column ${clash.name}, and ${relation.name} has one already`, {
      hint: 'read from a stream that gives the column another name',
      at,
    });
  }
  return relation.columns.map(({ name, type, nullable }, index) =>
    inputs.indexOf({ kind: 'column', index, name, type, nullable, span: late.span }),
  );
}

/** The late rows of an aggregation, as their sink gets them. `id`: of the stream that it makes. */
export function lateRows(aggregation: AggregationNode, relation: Relation, id: string): ProjectNode {
  const plain = { nullable: false, time: null, field: null };
  const times = TIME_COLUMNS.map((name): RelationColumn => ({ name, type: TIMESTAMP, ...plain }));
  const kept = relation.columns.map((column) => ({ ...column, time: null }));
  const late: LateNode = {
    kind: 'late',
    id: `${aggregation.id}.late`,
    input: aggregation,
    columns: [...kept, ...times],
  };
  const span = { start: 0, end: 0 };
  const pass = ({ name, type, nullable }: RelationColumn, index: number): BoundExpression => {
    return { kind: 'column', index, name, type, nullable, span };
  };
  const passed = late.columns.map(pass);
  const value = sourceNameOf(aggregation.input) ?? relation.name;
  const source: BoundExpression = { kind: 'literal', value, type: VARCHAR, nullable: false, span };
  return {
    kind: 'project',
    id: `${id}.late`,
    input: late,
    filter: null,
    outputs: [...passed.slice(0, kept.length), source, ...passed.slice(kept.length)],
    columns: [...kept, { name: SOURCE_COLUMN, type: VARCHAR, ...plain }, ...times],
  };
}

/** The source whose rows a node passes on. */
function sourceNameOf(node: LogicalNode): string | null {
  if (node.kind === 'scan') return node.source.name;
  return node.kind === 'project' ? sourceNameOf(node.input) : null;
}
