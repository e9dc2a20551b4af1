// Columns that a join needs of its inputs: see prune-columns.ts.

import type { JoinColumn } from '../../plan/join-node.ts';
import type { JoinNode } from '../bind/logical.ts';

/** Columns of the left and of the right input that a join reads to make these columns. */
export function joinNeeds(node: JoinNode, columns: readonly number[]): [Set<number>, Set<number>] {
  const { keys, time, condition, outputs } = node;
  const left = new Set(keys.map((key) => key.left));
  const right = new Set(keys.map((key) => key.right));
  for (const times of [time, node.bounds ?? null]) {
    if (times === null) continue;
    left.add(times.left.column);
    right.add(times.right.column);
  }
  const read = columns.map((index) => outputs[index] as JoinColumn);
  for (const { side, column } of [...(condition?.columns ?? []), ...read]) (side === 0 ? left : right).add(column);
  return [left, right];
}

/** The join with these columns only; `place` finds a column of an input that has been pruned. */
export function pruneJoin(
  node: JoinNode,
  columns: readonly number[],
  place: (side: 0 | 1, index: number) => number,
): JoinNode {
  const { keys, time, condition, outputs } = node;
  const movedTime = (times: NonNullable<JoinNode['time']>): NonNullable<JoinNode['time']> => ({
    ...times,
    left: { ...times.left, column: place(0, times.left.column) },
    right: { ...times.right, column: place(1, times.right.column) },
  });
  const moved = ({ side, column }: JoinColumn): JoinColumn => ({ side, column: place(side, column) });
  return {
    ...node,
    keys: keys.map(({ left, right }) => ({ left: place(0, left), right: place(1, right) })),
    time: time === null ? null : movedTime(time),
    ...(node.bounds === undefined ? {} : { bounds: movedTime(node.bounds) }),
    condition: condition === null ? null : { ...condition, columns: condition.columns.map(moved) },
    outputs: columns.map((index) => moved(outputs[index] as JoinColumn)),
    columns: columns.map((index) => node.columns[index] as JoinNode['columns'][number]),
  };
}
