// Of a plan: nodes between kinds of changelogs (src/data/changelog.ts).

import type { Node } from './node.ts';

/** Retractions in, upserts out: its schema is that of an upsert edge, whose deletions have NULL beside the key. */
export interface UpsertsNode extends Node {
  kind: 'upserts';
}
