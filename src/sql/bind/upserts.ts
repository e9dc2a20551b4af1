// The key of an upsert sink: the columns that name a row, given by its option `key` or known from its query.

import { LaminarError } from '../../base/errors.ts';
import { nearestName } from '../../base/names.ts';
import type { LogicalNode, LogicalSink } from './logical.ts';

/** Whether a sink writes rows by their key. */
export function isUpsertSink({ format }: LogicalSink): boolean {
  return format.options['changelog'] === 'upsert';
}

/** Columns of the key of an upsert sink. @throws LMN-2065 */
export function upsertKey(sink: LogicalSink): number[] {
  const columns = (sink.inputs[0] as LogicalNode).columns.map(({ name }) => name);
  const place = sink.span === null ? {} : { at: { span: sink.span } };
  const given = sink.format.options['key'];
  if (given === undefined) {
    const known = sink.inputs.length === 1 ? keyOf(sink.inputs[0] as LogicalNode) : null;
    if (known !== null) return known;
    throw new LaminarError('LMN-2065', `sink ${sink.name} writes rows by their key, and its rows have none`, {
      hint: `say which columns name a row: key = '${columns[0]}'`,
      ...place,
    });
  }
  return String(given)
    .split(',')
    .map((written) => {
      const name = written.trim();
      const index = columns.findIndex((column) => column.toLowerCase() === name.toLowerCase());
      if (index >= 0) return index;
      const nearest = nearestName(name, columns);
      throw new LaminarError('LMN-2065', `sink ${sink.name} has no column ${name}, which its key names`, {
        hint: nearest === undefined ? `its columns are ${columns.join(', ')}` : `did you mean ${nearest}?`,
        ...place,
      });
    });
}

/** Columns of which no two rows that are there at a time have the same; null: unknown. */
export function keyOf(node: LogicalNode): number[] | null {
  switch (node.kind) {
    case 'aggregation': {
      const count = node.keyCount + (node.window === null ? 0 : 2);
      return Array.from({ length: count }, (_, index) => index);
    }
    case 'project': {
      const key = keyOf(node.input);
      if (key === null) return null;
      const places = key.map((column) => node.outputs.findIndex((o) => o.kind === 'column' && o.index === column));
      return places.includes(-1) ? null : places;
    }
    case 'over': {
      const number = node.functions.findIndex((spec) => spec.function === 'row_number');
      return number < 0 ? null : [...node.partition, node.input.columns.length + number];
    }
    case 'table':
      return [...node.key];
    case 'sort':
    case 'limit':
      return keyOf(node.input);
    default:
      return null;
  }
}
