// GROUP BY as a plan node.

import { changeColumnOf } from '../../data/changelog.ts';
import { type Schema, WATERMARK_COLUMN } from '../../data/schema.ts';
import type { AggregateNode } from '../../plan/aggregate-node.ts';
import type { AggregationNode } from '../bind/logical.ts';
import { columnIndex } from './columns.ts';

export function aggregateNode(node: AggregationNode, schema: Schema, inputSchema: Schema): AggregateNode {
  const { id, keyCount, window, aggregates, emit, late } = node;
  const watermarkColumn = window?.perRow === true ? columnIndex(inputSchema, WATERMARK_COLUMN) : null;
  return {
    kind: 'aggregate',
    id,
    inputs: [node.input.id],
    schema,
    keyCount,
    window:
      window === null
        ? null
        : {
            kind: window.kind,
            sizeMicros: window.sizeMicros,
            slideMicros: window.slideMicros,
            offsetMicros: window.offsetMicros,
            ...(window.inherited === undefined ? {} : { inherited: window.inherited }),
            column: window.column,
            latenessMicros: window.latenessMicros,
            watermarkColumn,
            closesAtEnd: window.closesAtEnd,
            byClock: window.byClock,
          },
    aggregates: aggregates.map((aggregate) => ({ ...aggregate })),
    emit: emit.on === 'default' ? { on: 'close' } : emit,
    idleMicros: node.idleMicros,
    lateColumns: late === null ? null : [...late],
    ...(changeColumnOf(inputSchema) < 0 ? {} : { changeColumn: changeColumnOf(inputSchema) }),
  };
}
