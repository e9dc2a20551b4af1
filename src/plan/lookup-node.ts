// Lookup joins of a plan: see physical-plan.ts.

import type { JoinColumn } from './join-node.ts';
import type { Node } from './node.ts';

/** When the rows of a lookup table are read again. */
export interface LookupAge {
  /** How often to look whether they have changed; 0: never. */
  refreshMicros: number;
  /** How old they may be; 0: however old. */
  ttlMicros: number;
}

/** How much of a table elsewhere is kept, of what its rows were when they were wanted. */
export interface LookupCache {
  /** How old a row may be; 0: however old. */
  ttlMicros: number;
  /** How long it is remembered that there is no row for a key. */
  missingTtlMicros: number;
  /** Rows, and keys without one. */
  rowsMax: number;
  /** Keys of one question. */
  batchKeys: number;
}

/** How the second input keeps the table up to date. */
export interface LiveTable {
  /** Its column with changes; null: each row takes the place of the last one with its key. */
  column: number | null;
  /** A deletion has only its key. */
  isUpsert: boolean;
}

/**
 * Rows of the first input, in their order, each with the row of a table that has its key; without one it is left out, or
 * comes out with NULLs (`left`). The second input is the source of a lookup table, which is read before the first row, or
 * asked by key for rows that are not in the cache (SourceNode.cache), or what keeps the table up to date while rows come.
 */
export interface LookupNode extends Node {
  kind: 'lookup';
  join: 'inner' | 'left';
  /** null: the second input is the source of a lookup table. */
  live: LiveTable | null;
  /** Of the first input and of the table, whose primary key these are. */
  keys: { left: number; right: number }[];
  /** What each column of the schema is, hidden ones too. */
  outputs: JoinColumn[];
  /** As SQL, one for each key. */
  text: string[];
}
