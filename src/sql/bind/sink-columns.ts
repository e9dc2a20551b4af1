// The columns of a sink that several queries fill.

import { LaminarError } from '../../base/errors.ts';
import type { Identifier, Span } from '../ast.ts';
import type { LogicalNode, LogicalSink, ProjectNode } from './logical.ts';
import { columnAt } from './order.ts';

/** Several queries fill one sink: the first says the columns. @throws LMN-2023. */
export function checkSameColumns(sink: LogicalSink, node: LogicalNode, span: Span): void {
  const first = sink.inputs[0];
  if (first === undefined) return;
  const describe = (n: LogicalNode) => n.columns.map((c) => `${c.name} ${c.type.kind}`).join(', ');
  if (describe(first).toLowerCase() === describe(node).toLowerCase()) return;
  throw new LaminarError('LMN-2023', `sink ${sink.name} takes (${describe(first)}), this gives (${describe(node)})`, {
    hint: 'all queries into one sink have the same columns in the same order',
    at: { span },
  });
}

/** The columns of a node under other names, by position. @throws LMN-2023 when there are more or fewer. */
export function renamedColumns(
  node: LogicalNode,
  { id, names, owner }: { id: string; names: readonly Identifier[]; owner: string },
): ProjectNode {
  const seen = new Set<string>();
  for (const { name, span } of names) {
    if (!seen.has(name.toLowerCase())) {
      seen.add(name.toLowerCase());
      continue;
    }
    throw new LaminarError('LMN-2004', `two columns of ${owner} are called ${name}`, { at: { span } });
  }
  if (names.length !== node.columns.length) {
    const count = node.columns.length === 1 ? '1 column' : `${node.columns.length} columns`;
    throw new LaminarError('LMN-2023', `${owner} names ${names.length}, and the query gives ${count}`, {
      hint: `it gives ${node.columns.map(({ name }) => name).join(', ')}`,
      at: { span: (names[0] as Identifier).span },
    });
  }
  const columns = node.columns.map((column, index) => ({ ...column, name: (names[index] as Identifier).name }));
  return { kind: 'project', id, input: node, filter: null, outputs: node.columns.map(columnAt), columns };
}

/** The columns that INSERT INTO names, in the order that the sink has already. @throws LMN-2023 */
export function insertedColumns(sink: LogicalSink, node: LogicalNode, names: readonly Identifier[]): LogicalNode {
  if (names.length === 0) return node;
  const renamed = renamedColumns(node, { id: `${node.id}.columns`, names, owner: `the list for ${sink.name}` });
  const first = sink.inputs[0];
  if (first === undefined) return renamed;
  const order = first.columns.map((column) =>
    renamed.columns.findIndex(({ name }) => name.toLowerCase() === column.name.toLowerCase()),
  );
  const isSame = order.length === names.length && order.every((index) => index >= 0);
  if (!isSame) return renamed;
  const at = <T>(list: readonly T[]): T[] => order.map((index) => list[index] as T);
  return { ...renamed, outputs: at(renamed.outputs), columns: at(renamed.columns) };
}
