// What is sent to the cores of a run to read one of its streams: the node whose rows are read, and the map that makes the
// stream's columns of them and leaves out the rows that are not wanted. Plain data, like the plan that it belongs to.

import type { HostFunction } from './host-function.ts';
import type { FailureSite, MapNode } from './physical-plan.ts';

export interface TapPlan {
  /** The stream, as the pipeline spells it. */
  view: string;
  /** Reads the only node of `inputs`; its schema are the columns that are written. */
  map: MapNode;
  /** A module with the map, as those of a plan (src/sql/codegen/module.ts). */
  code: Uint8Array;
  literals: Uint8Array;
  hostFunctions: HostFunction[];
  sites: FailureSite[];
  /** The map asks for the wall clock. */
  usesClock: boolean;
  /** Columns of the stream that the pipeline does not compute, since nothing reads them. */
  leftOut: string[];
}

/** What a pipeline computes under a name. */
export interface View {
  name: string;
  kind: 'source' | 'stream' | 'sink';
  /** Of the node that gives its rows. */
  id: string;
}
