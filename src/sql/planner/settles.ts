// Which maps of changes must look for updates that change nothing.
//
// The rows of an update have the same group, so they differ in results at least. A map that passes all results on keeps
// them different; one that leaves a result out, or computes from it, may make them equal.

import { changelogOfNode } from '../bind/changes.ts';
import type { LogicalNode, ProjectNode } from '../bind/logical.ts';
import { countColumns } from '../optimize/rewrite.ts';

/** Whether a projection may make the two rows of an update equal. */
export function mayMakeEqual(node: ProjectNode): boolean {
  if (changelogOfNode(node.input) !== 'retract') return false;
  // What differed may be among the columns that a lookup leaves out.
  if (node.input.kind === 'lookup') return true;
  const passed = new Set(node.outputs.map((output) => (output.kind === 'column' ? output.index : -1)));
  return changingColumns(node.input).some((index) => !passed.has(index));
}

/** Columns in which the rows of an update may differ. */
function changingColumns(node: LogicalNode): number[] {
  const all = [...node.columns.keys()];
  if (node.kind === 'aggregation') return all.slice(node.keyCount + (node.window === null ? 0 : 2));
  if (node.kind !== 'project') return all;
  const changing = new Set(changingColumns(node.input));
  return all.filter((index) => {
    const output = node.outputs[index];
    return output !== undefined && [...countColumns([output]).keys()].some((column) => changing.has(column));
  });
}
