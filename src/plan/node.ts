// What all nodes of a plan have: see physical-plan.ts.

import type { Schema } from '../data/schema.ts';

export interface Node {
  /** Stable, from the names in the pipeline text: `trades`, `bars.aggregate`, `out`. */
  id: string;
  /** Ids of the nodes it reads. */
  inputs: string[];
  /** Columns of its output (of its input for a sink); with CHANGE_COLUMN its rows are changes. */
  schema: Schema;
}

/** A connector or format with its options, checked and completed with defaults. Option values by their SQL name. */
export interface EndpointSpec {
  kind: string;
  options: Record<string, string | number | boolean>;
}
