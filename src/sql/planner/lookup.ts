// Lookups: what the columns of their rows are, hidden ones too, which the rows of the stream bring along.

import { changeColumnOf } from '../../data/changelog.ts';
import type { Schema } from '../../data/schema.ts';
import type { JoinColumn } from '../../plan/join-node.ts';
import type { LookupNode as LookupPlanNode } from '../../plan/lookup-node.ts';
import type { SourceNode } from '../../plan/source-node.ts';
import type { LogicalNode, LookupDefinition, LookupNode } from '../bind/logical.ts';
import { expressionText } from '../expression-text.ts';
import { columnIndex } from './columns.ts';

/** `schema`: of the lookup; `inputSchemas`: of its inputs. */
export function lookupNode(
  node: LookupNode,
  schema: Schema,
  [streamSchema, tableSchema]: readonly [Schema, Schema],
): LookupPlanNode {
  const { id, inputs, join, keys, outputs, changes } = node;
  const [stream, table] = inputs;
  const column = changeColumnOf(tableSchema);
  const hidden = schema
    .filter((column) => column.hidden === true)
    .map(({ name }): JoinColumn => ({ side: 0, column: columnIndex(streamSchema, name) }));
  const textOf = (input: LogicalNode, index: number): string => {
    const output = input.kind === 'project' ? input.outputs[index] : undefined;
    return output === undefined || output.kind === 'column'
      ? (input.columns[index]?.name ?? '')
      : expressionText(output);
  };
  return {
    kind: 'lookup',
    id,
    inputs: [stream.id, table.id],
    schema,
    join,
    live: changes === null ? null : { column: column < 0 ? null : column, isUpsert: changes === 'upsert' },
    keys: keys.map((key) => ({ ...key })),
    outputs: [...outputs.map((column) => ({ ...column })), ...hidden],
    text: keys.map(({ left, right }) => `${textOf(stream, left)} = ${textOf(table, right)}`),
  };
}

/** What a source says of the lookup table that it is. */
export function lookupParts(lookup: LookupDefinition | undefined): Pick<SourceNode, 'lookup' | 'cache'> {
  if (lookup === undefined) return {};
  const { refreshMicros, ttlMicros, cache } = lookup;
  return { lookup: { refreshMicros, ttlMicros }, ...(cache === null ? {} : { cache }) };
}
