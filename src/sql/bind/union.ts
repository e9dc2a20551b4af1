// UNION ALL: columns go by position, the names are those of the first query, types are what the columns have in common.
//
//   query 1 ─► project: the common types ─┐
//   query 2 ─► project: the common types ─┴─► union
//
// Event time is kept where every query has it at the same position: the watermark of the union is the least of theirs,
// so the time of a row to come is ahead of it by at least what is least known.

import { LaminarError } from '../../base/errors.ts';
import { type DataType, INTEGER, sameType, typeName } from '../../data/type.ts';
import type { Span } from '../ast.ts';
import type { BoundExpression } from '../expression.ts';
import { coerce } from './coerce.ts';
import { literal } from './literals.ts';
import type { EventTime, LogicalNode, ProjectNode, RelationColumn, UnionNode } from './logical.ts';
import { columnAt } from './order.ts';
import { commonType } from './types.ts';

interface UnionInput {
  node: LogicalNode;
  span: Span;
}

/** @throws LMN-2110 for queries whose columns do not go together. */
export function unionOf(id: string, inputs: readonly UnionInput[]): UnionNode {
  const first = (inputs[0] as UnionInput).node;
  checkCounts(first, inputs);
  const columns = first.columns.map((column, index): RelationColumn => {
    const type = inputs.reduce<DataType | null>((common, input) => join(common, input, column.name, index), null);
    const nullable = inputs.some(({ node }) => node.columns[index]?.nullable !== false);
    return { name: column.name, type: type ?? INTEGER, nullable, time: null, field: null };
  });
  const conformed = inputs.map(({ node }, index) => conform(node, columns, `${id}.input${index + 1}`));
  const timed = columns.map((column, index) => ({ ...column, time: timeOf(conformed, index) }));
  return { kind: 'union', id, inputs: conformed, columns: timed };
}

function checkCounts({ columns }: LogicalNode, inputs: readonly UnionInput[]): void {
  const other = inputs.find(({ node }) => node.columns.length !== columns.length);
  if (other === undefined) return;
  const counts = `${columns.length} and ${other.node.columns.length}`;
  throw new LaminarError('LMN-2110', `queries of a union have equally many columns, and these have ${counts}`, {
    hint: `the first has ${columns.map(({ name }) => name).join(', ')}`,
    at: { span: other.span },
  });
}

/** The type of a column once one more query is looked at; null while there were only NULLs. */
function join(common: DataType | null, { node, span }: UnionInput, name: string, index: number): DataType | null {
  const column = node.columns[index];
  if (column === undefined || isNull(node, index)) return common;
  if (common === null) return column.type;
  const type = commonType(common, column.type);
  if (type !== null) return type;
  throw new LaminarError(
    'LMN-2110',
    `UNION ALL puts ${column.name} ${typeName(column.type)} under ${name} ${typeName(common)}`,
    { hint: `columns go by their position; to mix the two, write CAST(${column.name} AS …)`, at: { span } },
  );
}

/** A column that is NULL in the text takes any type. */
function isNull(node: LogicalNode, index: number): boolean {
  const output = node.kind === 'project' ? node.outputs[index] : undefined;
  return output?.kind === 'literal' && output.value === null;
}

/** The rows of a query as the union has them. */
function conform(node: LogicalNode, columns: readonly RelationColumn[], id: string): ProjectNode {
  const outputs = columns.map(({ type }, index): BoundExpression => {
    if (isNull(node, index)) return literal(null, type, { start: 0, end: 0 });
    return coerce(columnAt(node.columns[index] as RelationColumn, index), type);
  });
  const made = columns.map((column, index): RelationColumn => {
    const { time, type } = node.columns[index] as RelationColumn;
    return { ...column, time: sameType(type, column.type) ? time : null };
  });
  return { kind: 'project', id, input: node, filter: null, outputs, columns: made };
}

function timeOf(inputs: readonly ProjectNode[], index: number): EventTime | null {
  const times = inputs.map((input) => input.columns[index]?.time ?? null);
  if (times.some((time) => time === null)) return null;
  const known = times as EventTime[];
  const perRow = known.some((time) => time.perRow);
  if (known.some(({ aheadMicros }) => aheadMicros === null)) return { perRow, aheadMicros: null };
  return { perRow, aheadMicros: Math.min(...known.map(({ aheadMicros }) => aheadMicros ?? 0)) };
}
