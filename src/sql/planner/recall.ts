// What takes joined rows back, and what waits for the rows that stay, as plan nodes.

import { CHANGE_COLUMN } from '../../data/changelog.ts';
import { type Schema, WATERMARK_COLUMN } from '../../data/schema.ts';
import type { LastingNode } from '../../plan/lasting-node.ts';
import type { RecallNode } from '../../plan/recall-node.ts';
import type { LastingNode as LogicalLasting, LogicalNode, RecallNode as LogicalRecall } from '../bind/logical.ts';
import { columnIndex } from './columns.ts';

/** `left`: of the second input. */
export function recallNode(node: LogicalRecall, schema: Schema, left: Schema): RecallNode {
  const [joined] = node.inputs;
  return {
    kind: 'recall',
    id: node.id,
    inputs: node.inputs.map(({ id }) => id),
    schema,
    changeColumn: columnIndex(left, CHANGE_COLUMN),
    waits: joined.kind === 'lookup',
    timeColumn: joinedTime(joined),
  };
}

/** The column of joined rows with the time of the left ones, of which the watermark behind the join speaks; null: none. */
function joinedTime(node: LogicalNode): number | null {
  if (node.kind === 'project') {
    const below = joinedTime(node.input);
    const column = node.outputs.findIndex((output) => output.kind === 'column' && output.index === below);
    return column < 0 ? null : column;
  }
  if (node.kind !== 'join' || node.time === null || node.time.joinsAtEnd) return null;
  const time = node.time.left.column;
  const column = node.outputs.findIndex((output) => output.side === 0 && output.column === time);
  return column < 0 ? null : column;
}

export function lastingNode({ id, input, time }: LogicalLasting, schema: Schema, inputSchema: Schema): LastingNode {
  return {
    kind: 'lasting',
    id,
    inputs: [input.id],
    schema,
    changeColumn: columnIndex(inputSchema, CHANGE_COLUMN),
    time:
      time === null
        ? null
        : {
            column: time.column,
            watermarkColumn: time.perRow ? columnIndex(inputSchema, WATERMARK_COLUMN) : null,
            aheadMicros: time.aheadMicros ?? 0,
          },
  };
}
