// Plan nodes that need nothing but their logical node: those that keep rows in order, or some of them.

import { assert } from '../../base/assert.ts';
import { changeColumnOf } from '../../data/changelog.ts';
import type { Schema } from '../../data/schema.ts';
import type {
  OverNode as OverPlanNode,
  SortNode as SortPlanNode,
  TopNode as TopPlanNode,
} from '../../plan/ordered-nodes.ts';
import type { LimitNode as LimitPlanNode } from '../../plan/physical-plan.ts';
import type { LimitNode, OverNode, SortNode } from '../bind/logical.ts';
import { visibleSchema } from './columns.ts';

/** A sort keeps the columns of its input; where rows come and go, or are wanted as they change, it is a top. */
export function sortNode(node: SortNode, schema: Schema, inputSchema: Schema): SortPlanNode | TopPlanNode {
  assert(node.columns.length === node.input.columns.length, `${node.id} keeps its input`);
  const { id, input, order, limit, offset } = node;
  const changeColumn = changeColumnOf(inputSchema);
  if (changeColumn >= 0 || node.emit === 'update') {
    const keys = order.map((key) => ({ ...key }));
    return {
      kind: 'top',
      id,
      inputs: [input.id],
      schema,
      keys,
      limit,
      offset,
      changeColumn: changeColumn < 0 ? null : changeColumn,
    };
  }
  return {
    kind: 'sort',
    id,
    inputs: [input.id],
    schema: visibleSchema(node.columns),
    keys: order.map((key) => ({ ...key })),
    time: sortTime(node),
    limit,
    offset,
  };
}

/** LIMIT keeps the columns of its input, hidden ones too. */
export function limitNode({ id, input, limit, offset }: LimitNode, schema: Schema): LimitPlanNode {
  return { kind: 'limit', id, inputs: [input.id], schema, limit, offset };
}

/** OVER keeps the columns of its input and adds one for each function. */
export function overNode(node: OverNode, schema: Schema, inputSchema: Schema): OverPlanNode {
  assert(node.columns.length === node.input.columns.length + node.functions.length, `${node.id} keeps its input`);
  const changeColumn = changeColumnOf(inputSchema);
  const { id, input, partition, order, ties, time, isWhole, keep, functions } = node;
  return {
    kind: 'over',
    id,
    inputs: [input.id],
    schema,
    partition: [...partition],
    order: order.map((key) => ({ ...key })),
    ties,
    time:
      time === null
        ? null
        : {
            column: time.column,
            aheadMicros: time.aheadMicros ?? 0,
            watermarkColumn: time.perRow ? input.columns.length : null,
          },
    isWhole,
    keep,
    functions: functions.map((spec) => ({ ...spec })),
    updating: changeColumnOf(schema) < 0 ? null : { changeColumn: changeColumn < 0 ? null : changeColumn },
  };
}

function sortTime({ time, input }: SortNode): SortPlanNode['time'] {
  if (time === null) return null;
  return { aheadMicros: time.aheadMicros ?? 0, watermarkColumn: time.perRow ? input.columns.length : null };
}
