// Columns that a lookup needs of its rows and of the table: see prune-columns.ts.

import type { JoinColumn } from '../../plan/join-node.ts';
import type { LookupNode, RelationColumn } from '../bind/logical.ts';

/** Columns of the rows and of the table that a lookup reads to make these columns. */
export function lookupNeeds({ keys, outputs }: LookupNode, columns: readonly number[]): [Set<number>, Set<number>] {
  const needs: [Set<number>, Set<number>] = [
    new Set(keys.map(({ left }) => left)),
    new Set(keys.map(({ right }) => right)),
  ];
  for (const index of columns) {
    const { side, column } = outputs[index] as JoinColumn;
    needs[side].add(column);
  }
  return needs;
}

/** The lookup with these columns only; `place` finds a column of an input that has been pruned. */
export function pruneLookup(
  node: LookupNode,
  columns: readonly number[],
  place: (side: 0 | 1, index: number) => number,
): LookupNode {
  const { keys, outputs } = node;
  return {
    ...node,
    keys: keys.map(({ left, right }) => ({ left: place(0, left), right: place(1, right) })),
    outputs: columns.map((index) => {
      const { side, column } = outputs[index] as JoinColumn;
      return { side, column: place(side, column) };
    }),
    columns: columns.map((index) => node.columns[index] as RelationColumn),
  };
}
