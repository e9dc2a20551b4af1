// A tree of joins as nodes of the plan: what makes the keys, what bounds the times, and what is left to be looked at for
// each pair of rows.
//
//   left ─► project: its columns, its keys  ─┐
//   right ─► project: its columns, its keys ─┴─► join ─► [project: what USING makes of a FULL JOIN]

import type { BoundExpression } from '../expression.ts';
import { countColumns } from '../optimize/rewrite.ts';
import { changelogOfNode } from './changes.ts';
import { asofNode } from './join-asof-node.ts';
import { allOf, filtered, keyOf, marked, placed, withKeys, withMerged } from './join-parts.ts';
import { conjuncts } from './join-push.ts';
import { type JoinTimes, joinDelay, sharedAhead, type TimeBounds, timeBounds } from './join-time.ts';
import type { JoinedPair, JoinedTable, JoinTree } from './join-tree.ts';
import type { EventTime, JoinNode, LogicalNode, RelationColumn } from './logical.ts';
import { lookupNode } from './lookup-join.ts';
import { lookupOf, refuseLookup } from './lookup-table.ts';
import { probeNode } from './probe-join.ts';
import { temporalNode } from './temporal-join.ts';

export interface JoinPlace {
  /** Of the join; further ones get a number. */
  id: string;
  notices: string[];
  emit: JoinNode['emit'];
}

/** Makes the nodes of a tree; their columns are those of the tree. */
export function joinNodes(tree: JoinedPair, place: JoinPlace): LogicalNode {
  const { id, notices, emit } = place;
  let count = 0;
  let tables = 0;
  const build = (part: JoinTree): LogicalNode => {
    if (part.kind === 'table') {
      refuseLookup(part.node, part.node.id, part.span);
      return filtered(part.node, part.columns, part.filters, `${id}.table${++tables}`);
    }
    if (part.kind === 'probe') return probeNode(part, build(part.input), `${id}.probes${count === 0 ? '' : count + 1}`);
    const left = build(part.left);
    const looksUp = part.right.kind === 'table' && lookupOf(part.right.node) !== null;
    const isOwn = looksUp || part.temporal !== null;
    const right = isOwn ? (part.right as JoinedTable).node : build(part.right);
    count++;
    const pairId = count === 1 ? id : `${id}${count}`;
    if (looksUp) return lookupNode(part, left, right, pairId);
    if (part.temporal !== null) return temporalNode(part, left, { id: pairId, notices });
    return part.asof === null
      ? pairNode(part, left, right, { id: pairId, emit })
      : asofNode(part, left, right, { id: pairId, notices });
  };
  return build(tree);
}

function pairNode(
  pair: JoinedPair,
  left: LogicalNode,
  right: LogicalNode,
  { id, emit }: Pick<JoinPlace, 'id' | 'emit'>,
): LogicalNode {
  const conditions = pair.conditions.flatMap(conjuncts);
  // Rows that may be taken back are not joined in the order of time: they only go by it.
  const stays = [left, right].every((input) => changelogOfNode(input) === 'append');
  const found = timeBounds(conditions, left.columns, right.columns);
  const bounds = stays ? found : null;
  const others = conditions.filter((condition) => bounds?.conditions.has(condition) !== true);
  const keyed = others.map((condition) => ({ condition, key: keyOf(condition, left.columns.length) }));
  const keys = keyed.flatMap(({ key }) => (key === null ? [] : [key]));
  const leftKeys = keys.map((key) => key.left);
  const rightKeys = keys.map((key) => key.right);
  const leftSide = withKeys(left, leftKeys, `${id}.left`);
  const rightSide = withKeys(pair.join === 'mark' ? marked(right, `${id}.marked`) : right, rightKeys, `${id}.right`);
  const condition = allOf(keyed.flatMap(({ condition: c, key }) => (key === null ? [c] : [])));
  const time = bounds === null ? null : joinTime(bounds, left.columns, right.columns);
  const node: JoinNode = {
    kind: 'join',
    id,
    inputs: [leftSide.node, rightSide.node],
    join: pair.join,
    asof: null,
    emit,
    keys: leftSide.keys.map((column, index) => ({ left: column, right: rightSide.keys[index] as number })),
    time,
    ...(stays || found === null ? {} : { bounds: joinTime(found, left.columns, right.columns) }),
    condition: condition === null ? null : conditionOf(condition, left.columns.length),
    ...outputsOf(pair, time, [left.columns, right.columns]),
  };
  return pair.merged.length === 0 ? node : withMerged(node, pair);
}

/** The condition over a list of the columns that it reads. */
function conditionOf(written: BoundExpression, leftCount: number): NonNullable<JoinNode['condition']> {
  const used = [...countColumns([written]).keys()].sort((a, b) => a - b);
  return {
    expression: placed(written, (index) => used.indexOf(index)),
    columns: used.map((index) => {
      return index < leftCount ? { side: 0, column: index } : { side: 1, column: index - leftCount };
    }),
  };
}

type Sides = readonly [readonly RelationColumn[], readonly RelationColumn[]];

/** Sides whose rows may be missing: their times may be NULL. */
const MISSING: Readonly<Record<JoinNode['join'], readonly number[]>> = {
  inner: [],
  left: [1],
  right: [0],
  full: [0, 1],
  semi: [],
  anti: [],
  mark: [],
};

/** All columns of the left side, then those of the right one. */
function outputsOf(
  { columns: given, join }: JoinedPair,
  time: JoinNode['time'],
  sides: Sides,
): Pick<JoinNode, 'outputs' | 'columns'> {
  const isSemi = join === 'semi' || join === 'anti';
  // The mark is a column behind those of the right side.
  const rightOutputs =
    join === 'mark'
      ? [{ side: 1 as const, column: sides[1].length }]
      : sides[1].map((_, column) => ({ side: 1 as const, column }));
  const outputs = [...sides[0].map((_, column) => ({ side: 0 as const, column })), ...(isSemi ? [] : rightOutputs)];
  const columns = outputs.map(({ side, column }, index): RelationColumn => {
    const isKnown = time !== null && !(MISSING[join].includes(side) || column === sides[side].length);
    return { ...(given[index] as RelationColumn), time: isKnown ? timeAfter(column, side, time, sides) : null };
  });
  return { outputs, columns };
}

// --- time ---

function joinTime(bounds: TimeBounds, left: Sides[0], right: Sides[1]): JoinTimes {
  const timeOf = (column: number, columns: Sides[0]) => ({ ...(columns[column]?.time as EventTime), column });
  return {
    left: timeOf(bounds.left, left),
    right: timeOf(bounds.right, right),
    lowMicros: bounds.low,
    highMicros: bounds.high,
    joinsAtEnd: false,
  };
}

/**
 * What is known of a time behind the join. Of a pair to come the later row is not before what has been joined, so the
 * left one is at most −low behind that, and the right one high. Other edges of the same window keep their distance.
 */
function timeAfter(column: number, side: 0 | 1, time: JoinTimes, sides: Sides): EventTime | null {
  const mainIndex = (side === 0 ? time.left : time.right).column;
  const main = sides[side][mainIndex] as RelationColumn;
  const own = sides[side][column] as RelationColumn;
  const behind = side === 0 ? Math.min(0, time.lowMicros) : -Math.max(0, time.highMicros);
  const ahead = sharedAhead(time) + joinDelay(time) + behind;
  if (column === mainIndex) return { perRow: false, aheadMicros: ahead };
  const isSameWindow = main.edge !== undefined && own.edge?.aggregation === main.edge.aggregation;
  if (!isSameWindow || own.time === null || own.time.aheadMicros === null || main.time?.aheadMicros === null)
    return null;
  const aheadMicros = ahead + (own.time.aheadMicros ?? 0) - (main.time?.aheadMicros ?? 0);
  return aheadMicros < 0 ? null : { perRow: false, aheadMicros };
}
