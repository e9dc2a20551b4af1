// The columns of plan nodes: those that queries name, and hidden ones behind them.

import { CHANGE_COLUMN, UPSERT } from '../../data/changelog.ts';
import type { Column, Schema } from '../../data/schema.ts';
import { BIGINT, BOOLEAN, INTEGER } from '../../data/type.ts';
import type { LogicalNode, RelationColumn } from '../bind/logical.ts';
import type { BoundExpression } from '../expression.ts';
import { expressionText } from '../expression-text.ts';

export function visibleSchema(columns: readonly RelationColumn[]): Schema {
  return columns.map(({ name, type, nullable }) => ({ name, type, nullable }));
}

/** The same as upserts: a deletion need have nothing but its key. */
export function upsertSchema(columns: Schema, key: readonly number[]): Schema {
  const marked = columns.map((column, index): Column => {
    if (column.hidden === true) return column;
    return key.includes(index) ? { ...column, key: true } : { ...column, nullable: true };
  });
  return [...marked, UPSERT];
}

const NOWHERE = { start: 0, end: 0 };

/** The change of a plain row. */
export const INSERTION: BoundExpression = { kind: 'literal', value: 1, type: INTEGER, nullable: false, span: NOWHERE };

/** Of rows that are never late. */
const NO_WATERMARK: BoundExpression = {
  kind: 'literal',
  value: -(2n ** 63n),
  type: BIGINT,
  nullable: false,
  span: NOWHERE,
};

/** A hidden column from the input, or what stands for it where the input has none. */
export function hiddenValue(schema: Schema, { name, type, nullable }: Column): BoundExpression {
  const index = columnIndex(schema, name);
  if (index < 0) return name === CHANGE_COLUMN ? INSERTION : NO_WATERMARK;
  return { kind: 'column', index, name, type, nullable, span: NOWHERE };
}

/** Of changes: the row comes, and is not taken back. */
export function comes(schema: Schema): BoundExpression {
  const index = columnIndex(schema, CHANGE_COLUMN);
  const change: BoundExpression = {
    kind: 'column',
    index,
    name: 'change',
    type: INTEGER,
    nullable: false,
    span: NOWHERE,
  };
  const zero: BoundExpression = { ...INSERTION, value: 0 } as BoundExpression;
  return { kind: 'compare', operator: '>', left: change, right: zero, type: BOOLEAN, nullable: false, span: NOWHERE };
}

/** Index of a hidden column, −1 when there is none. */
export function columnIndex(schema: Schema, name: string): number {
  return schema.findIndex((column) => column.hidden === true && column.name === name);
}

/** A list as SQL: what a projection made for it computes. */
export function listText(input: LogicalNode, column: number): string {
  const output = input.kind === 'project' ? input.outputs[column] : undefined;
  return output === undefined ? (input.columns[column] as RelationColumn).name : expressionText(output);
}
