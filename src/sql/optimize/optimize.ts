// The optimizer: an ordered list of small rewrites, each of which leaves the meaning of the plan as it is.

import type { LogicalPipeline } from '../bind/logical.ts';
import { keptColumns } from './column-needs.ts';
import { limitPartitions } from './limit-partitions.ts';
import { mergeProjects } from './merge-projects.ts';
import { pruneColumns } from './prune-columns.ts';
import { simplifyConditions } from './simplify-conditions.ts';

type Rewrite = (pipeline: LogicalPipeline) => LogicalPipeline;

const REWRITES: readonly { name: string; apply: Rewrite }[] = [
  { name: 'simplify-conditions', apply: simplifyConditions },
  { name: 'merge-projects', apply: mergeProjects },
  { name: 'limit-partitions', apply: limitPartitions },
  { name: 'prune-columns', apply: pruneColumns },
];

export function optimize(pipeline: LogicalPipeline): LogicalPipeline {
  return REWRITES.reduce((plan, rewrite) => rewrite.apply(plan), pipeline);
}

/** Which columns of a node, by its id, are left when the pipeline is optimized. Nodes that are merged into others have none. */
export function columnsLeft(pipeline: LogicalPipeline): ReadonlyMap<string, readonly number[]> {
  const before = REWRITES.slice(0, -1).reduce((plan, rewrite) => rewrite.apply(plan), pipeline);
  return keptColumns(before);
}
