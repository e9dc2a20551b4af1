// Records that say what kind of change they are, as a plan node.

import { changeColumnOf } from '../../data/changelog.ts';
import type { Column, Schema } from '../../data/schema.ts';
import type { ChangesNode } from '../../plan/changes-nodes.ts';
import type { ChangesNode as LogicalChanges } from '../bind/logical.ts';
import { columnIndex } from './columns.ts';

export function changesNode(node: LogicalChanges, schema: Schema, inputSchema: Schema): ChangesNode {
  const { id, input, form, op, sides, present, onError } = node;
  const columns = schema.slice(0, changeColumnOf(schema)).map((column, index) => {
    return sides[index] ?? carried(column, inputSchema);
  });
  return {
    kind: 'changes',
    id,
    inputs: [input.id],
    schema,
    form,
    opColumn: op,
    columns,
    present,
    onError,
    source: input.id,
  };
}

/** A hidden column, which is that of the record. */
function carried({ name }: Column, inputSchema: Schema): ChangesNode['columns'][number] {
  const index = columnIndex(inputSchema, name);
  return { after: index, before: index, notNull: true };
}
