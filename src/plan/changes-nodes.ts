// Of a plan: nodes between kinds of changelogs (src/data/changelog.ts).

import type { Node } from './node.ts';

/** Records of a source that say what kind of change they are: a retract edge, with a key an upsert edge. */
export interface ChangesNode extends Node {
  kind: 'changes';
  /** How a record says it: see kernels/changes-read.ts. */
  form: 'weight' | 'envelope' | 'upsert';
  /** Input column of the kind of change; null: every row is an upsert. */
  opColumn: number | null;
  /** For each output column but the last: input columns of it. `before`: of the row as it was, in envelopes. */
  columns: { after: number; before: number | null; notNull: boolean }[];
  /** Input columns that are not NULL when an envelope has the row after, and before; null where there are none. */
  present: { after: number; before: number } | null;
  /** What happens to a record that makes no sense: the run fails, or it is left out. */
  onError: 'fail' | 'skip';
  /** Id of the source that counts those left out. */
  source: string;
}

/** Upserts in, retractions out: keeps the last row of each key. */
export interface TableNode extends Node {
  kind: 'table';
}

/** Retractions in, upserts out: its schema is that of an upsert edge, whose deletions have NULL beside the key. */
export interface UpsertsNode extends Node {
  kind: 'upserts';
}
