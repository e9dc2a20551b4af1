// Lookups: what the columns of their rows are, hidden ones too, which the rows of the stream bring along.

import type { Schema } from '../../data/schema.ts';
import type { JoinColumn } from '../../plan/join-node.ts';
import type { LookupAge, LookupNode as LookupPlanNode } from '../../plan/lookup-node.ts';
import type { LookupDefinition, LookupNode } from '../bind/logical.ts';
import { expressionText } from '../expression-text.ts';
import { columnIndex } from './columns.ts';

/** `schema`: of the lookup, `streamSchema`: of its first input. */
export function lookupNode(node: LookupNode, schema: Schema, streamSchema: Schema): LookupPlanNode {
  const { id, inputs, join, keys, outputs } = node;
  const [stream, table] = inputs;
  const hidden = schema
    .filter((column) => column.hidden === true)
    .map(({ name }): JoinColumn => ({ side: 0, column: columnIndex(streamSchema, name) }));
  const leftText = (column: number): string => {
    const output = stream.kind === 'project' ? stream.outputs[column] : undefined;
    return output === undefined || output.kind === 'column'
      ? (stream.columns[column]?.name ?? '')
      : expressionText(output);
  };
  return {
    kind: 'lookup',
    id,
    inputs: [stream.id, table.id],
    schema,
    join,
    keys: keys.map((key) => ({ ...key })),
    outputs: [...outputs.map((column) => ({ ...column })), ...hidden],
    text: keys.map(({ left, right }) => `${leftText(left)} = ${table.columns[right]?.name}`),
  };
}

/** When the table is read again. */
export function ageOf({ refreshMicros, ttlMicros }: LookupDefinition): LookupAge {
  return { refreshMicros, ttlMicros };
}
