// Changelogs: streams of rows that are inserted, deleted and updated, each row with the change that it is.
//
// An edge of the plan is one of three kinds, which the last column of its schema tells:
//
//   append    every row is an insertion
//   retract   CHANGE_COLUMN: rows are inserted, deleted and updated, each row whole
//   upsert    UPSERT_COLUMN: a row takes the place of the one with its key (the columns marked as such) or is the first
//             of it (n > 1), or says that there is none any more (−1; of the other columns its record need have none)
//
// Operators read append and retract edges. Upsert edges come from sources with a key, which are followed by a table that
// makes retractions of them, and go to sinks that want them. A change is a number: its sign is the weight of the row (Z-sets: the sum of the weights of a row is how
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

/** Name of the hidden column of upsert edges, last, as CHANGE_COLUMN is of retract edges. */
const UPSERT_COLUMN = '$upsert';

/** The column that every upsert edge has, last. */
export const UPSERT: Column = { name: UPSERT_COLUMN, type: INTEGER, nullable: false, hidden: true };

/** What the rows of an edge can be. */
export type Changelog = 'append' | 'retract' | 'upsert';

/** What the rows of this schema can be. */
export function changelogOf(schema: Schema): Changelog {
  const name = schema[changeColumnOf(schema)]?.name;
  return name === undefined ? 'append' : name === UPSERT_COLUMN ? 'upsert' : 'retract';
}

/** Index of the column with the changes of a retract or upsert edge, −1 when all rows are insertions. */
export function changeColumnOf(schema: Schema): number {
  return schema.findIndex(({ name, hidden }) => hidden === true && (name === CHANGE_COLUMN || name === UPSERT_COLUMN));
}

/** Columns that name a row of an upsert edge. */
export function keyColumnsOf(schema: Schema): number[] {
  return [...schema.keys()].filter((index) => schema[index]?.key === true);
}
