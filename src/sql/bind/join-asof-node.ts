// ASOF joins as nodes of the plan: see join-asof.ts for what they match, join-node.ts for other joins.

import { assert } from '../../base/assert.ts';
import { LaminarError } from '../../base/errors.ts';
import { BOOLEAN } from '../../data/type.ts';
import type { Span } from '../ast.ts';
import type { BoundExpression } from '../expression.ts';
import { changelogOfNode } from './changes.ts';
import { endlessSource } from './grouping-window.ts';
import { type AsofMatch, asofMatch } from './join-asof.ts';
import { filtered, keyOf, withKeys, withMerged } from './join-parts.ts';
import { conjuncts } from './join-push.ts';
import { sharedAhead } from './join-time.ts';
import type { JoinedPair } from './join-tree.ts';
import { lastingRows } from './lasting.ts';
import type { EventTime, JoinNode, LogicalNode, RelationColumn, TimedColumn } from './logical.ts';
import { columnAt } from './order.ts';
import { insertionsOf, isChanging, keepingAll, recalled } from './recall.ts';

interface AsofParts {
  id: string;
  notices: string[];
  /** The rows of the right side are versions of their key, or changes of them. */
  hasVersions?: boolean;
  /** Rows of the left side that have no time are left out already. */
  hasTimes?: boolean;
}

/** @throws LMN-2151, LMN-2030 where the times of an endless source have no watermark. */
export function asofNode(
  pair: JoinedPair,
  left: LogicalNode,
  right: LogicalNode,
  { id, notices, hasVersions = false, hasTimes = false }: AsofParts,
): LogicalNode {
  assert(pair.asof !== null, 'the join is an ASOF join');
  const { comparisons, isNearest } = pair.asof;
  const leftCount = left.columns.length;
  const keyed = pair.conditions
    .flatMap(conjuncts)
    .map((condition) => ({ condition, key: keyOf(condition, leftCount) }));
  const keys = keyed.flatMap(({ key }) => (key === null ? [] : [key]));
  const others = keyed.flatMap(({ condition, key }) => (key === null ? [condition] : []));
  const match = asofMatch([...comparisons, ...others], { leftCount, isNearest, span: pair.span });
  if (isChanging(left)) return changingAsof(pair, [left, right], { id, notices, match });
  const kept = hasTimes ? left : withTime(left, match.left, pair, `${id}.timed1`);
  // A row of a table by key may be deleted without a time: the join counts that as late.
  const isTable = hasVersions && changelogOfNode(right) === 'upsert';
  const timed = [kept, isTable ? right : withTime(right, match.right, null, `${id}.timed2`)];
  const time = timeOf(match, left, right);
  const lasting = hasVersions
    ? (timed[1] as LogicalNode)
    : lastingRows(timed[1] as LogicalNode, time.joinsAtEnd ? null : time.right, `${id}.lasting`);
  if (lasting.kind === 'lasting' && !time.joinsAtEnd) time.right = { perRow: false, column: match.right };
  const leftSide = withKeys(
    timed[0] as LogicalNode,
    keys.map((key) => key.left),
    `${id}.left`,
  );
  const rightSide = withKeys(
    lasting,
    keys.map((key) => key.right),
    `${id}.right`,
  );
  if (time.joinsAtEnd) noticeNoWatermark(id, [left, right], { match, notices, span: pair.span });
  const sides = [left.columns, right.columns].flatMap((columns, side) =>
    columns.map((_, column) => ({ side: side as 0 | 1, column })),
  );
  const ahead = { perRow: false, aheadMicros: Math.max(0, sharedAhead(time)) };
  const node: JoinNode = {
    kind: 'join',
    id,
    inputs: [leftSide.node, rightSide.node],
    join: pair.join,
    asof: match.direction,
    emit: 'close',
    keys: leftSide.keys.map((column, index) => ({ left: column, right: rightSide.keys[index] as number })),
    time,
    condition: null,
    outputs: sides,
    columns: sides.map(({ side, column }, index): RelationColumn => {
      const isTime = !time.joinsAtEnd && side === 0 && column === match.left;
      return { ...(pair.columns[index] as RelationColumn), time: isTime ? ahead : null };
    }),
  };
  return pair.merged.length === 0 ? node : withMerged(node, pair);
}

/** Where the left side changes, what each of its rows has found is taken back with it. */
function changingAsof(
  pair: JoinedPair,
  [left, right]: readonly [LogicalNode, LogicalNode],
  { id, notices, match }: { id: string; notices: string[]; match: AsofMatch },
): LogicalNode {
  const leftCount = left.columns.length;
  const known = withTime(left, match.left, pair, `${id}.known`);
  const stream = insertionsOf(known, `${id}.insertions`);
  const joined = asofNode(keepingAll(pair, leftCount), stream, right, {
    id: `${id}.rows`,
    notices,
    hasTimes: true,
  });
  return recalled(pair, [joined, known], { id, known: leftCount + match.right, others: [] });
}

/** Rows with a time. `keeps`: the left side of a LEFT JOIN keeps all rows, so that each must have one. */
function withTime(node: LogicalNode, index: number, keeps: JoinedPair | null, id: string): LogicalNode {
  const column = node.columns[index] as RelationColumn;
  if (!column.nullable) return node;
  if (keeps?.join === 'left') {
    requireTime(column, keeps.span);
    return node;
  }
  const { span } = columnAt(column, index);
  const known: BoundExpression = {
    kind: 'is-null',
    operand: columnAt(column, index),
    negated: true,
    type: BOOLEAN,
    nullable: false,
    span,
  };
  return filtered(node, node.columns, [known], id);
}

/** A record without the time is a bad record. @throws LMN-2151 */
function requireTime({ name, field }: RelationColumn, span: Span): void {
  const own = field?.source.fields[field.index];
  if (own !== undefined) {
    own.notNull = true;
    return;
  }
  throw new LaminarError('LMN-2151', `the time of an ASOF LEFT JOIN cannot be NULL, and ${name} may be`, {
    hint: 'leave rows without a time out before, or use COALESCE',
    at: { span },
  });
}

function timeOf(match: AsofMatch, left: LogicalNode, right: LogicalNode): NonNullable<JoinNode['time']> {
  const times = [left.columns[match.left]?.time ?? null, right.columns[match.right]?.time ?? null];
  const joinsAtEnd = times.some((time) => time === null);
  const side = (index: number, column: number): TimedColumn => {
    const known: EventTime = joinsAtEnd ? { perRow: false } : (times[index] as EventTime);
    return { ...known, column };
  };
  const { low: lowMicros, high: highMicros } = match;
  return { left: side(0, match.left), right: side(1, match.right), lowMicros, highMicros, joinsAtEnd };
}

function noticeNoWatermark(
  id: string,
  sides: readonly [LogicalNode, LogicalNode],
  { match, notices, span }: { match: AsofMatch; notices: string[]; span: Span },
): void {
  const names = [sides[0].columns[match.left], sides[1].columns[match.right]].flatMap((column) =>
    column !== undefined && column.time === null ? [column.name] : [],
  );
  const what = `no watermark speaks about ${names.join(' and ')}`;
  const endless = sides.map(endlessSource).find((source) => source !== null);
  const hint = "declare one in the source: WATERMARK FOR ts AS ts - INTERVAL '5' SECOND";
  if (endless !== undefined) {
    throw new LaminarError('LMN-2030', `${what}, and ${endless} never ends: no row would be joined`, {
      hint,
      at: { span },
    });
  }
  notices.push(
    `${id.replace(/\.join\d*(\.(rows|versions))?$/, '')}: ${what}, so the ASOF join comes out when the input ends; ${hint}`,
  );
}
