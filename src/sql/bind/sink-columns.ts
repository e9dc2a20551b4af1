// The columns of a sink that several queries fill.

import { LaminarError } from '../../base/errors.ts';
import type { Span } from '../ast.ts';
import type { LogicalNode, LogicalSink } from './logical.ts';

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
