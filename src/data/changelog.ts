// Changelogs: streams of rows that are inserted, deleted and updated, each row with the change that it is.
//
// An edge of the plan is either append (every row is an insertion) or retract: then its last column is the hidden
// CHANGE_COLUMN. A change is a number: its sign is the weight of the row (Z-sets: the sum of the weights of a row is how
// often it is in the result), and its magnitude says what belongs together.
//
//    1  an insertion                                  −1  a deletion
//   −n, n  (n > 1) in neighbouring rows of a batch    an update: the row as it was, and as it is
//
// Half an update is left where a filter takes the other half: −n alone is a deletion, n alone an insertion. Updates of
// one batch have different numbers, so halves of two of them are never taken for one.

import type { Column, Schema } from './schema.ts';
import { INTEGER } from './type.ts';

/** Name of the hidden column (INTEGER, NOT NULL) with the change that a row is. */
export const CHANGE_COLUMN = '$change';

/** The column that every retract edge has, last. */
export const CHANGE: Column = { name: CHANGE_COLUMN, type: INTEGER, nullable: false, hidden: true };

/** What the rows of an edge can be. */
export type Changelog = 'append' | 'retract';

/** What the rows of this schema can be. */
export function changelogOf(schema: Schema): Changelog {
  return changeColumnOf(schema) < 0 ? 'append' : 'retract';
}

/** Index of the column with the changes, −1 when all rows are insertions. */
export function changeColumnOf(schema: Schema): number {
  return schema.findIndex((column) => column.name === CHANGE_COLUMN && column.hidden === true);
}
