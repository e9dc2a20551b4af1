// The shape of a batch: ordered, named, typed columns. Plain data.

import type { DataType } from './type.ts';

export interface Column {
  readonly name: string;
  readonly type: DataType;
  /** Whether the column can hold NULL; only then it has a validity array. */
  readonly nullable: boolean;
  /** Carried for the engine (the running watermark) and never shown to the user. */
  readonly hidden?: true;
  /** Of an upsert edge (src/data/changelog.ts): part of the key that names a row. */
  readonly key?: true;
}

export type Schema = readonly Column[];

/**
 * Name of the hidden column (BIGINT, NOT NULL, µs) with the watermark that the rows before this one produced, in
 * source order: what decides whether this row is late. i64's minimum before the first row.
 */
export const WATERMARK_COLUMN = '$watermark';
