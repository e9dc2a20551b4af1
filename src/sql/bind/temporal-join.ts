// Temporal joins: each left row with the version of its key that was there at its time, or is there now.
//
//   versions of a stream        its rows, from their event time on
//   of a table by key           its upserts and deletions, from theirs on; the key is the primary key
//   of a changelog              its insertions, deletions, updates
//
//   AS OF l.ts          an ASOF join backward over the versions: join-asof.ts
//   AS OF PROCTIME()    a lookup in a table that the versions keep up to date: lookup-join.ts
//
// What ON asks besides the key is asked of the version that is found.

import { LaminarError } from '../../base/errors.ts';
import type { BoundExpression } from '../expression.ts';
import { canVary, changelogOfNode } from './changes.ts';
import { compare } from './conditions.ts';
import { asofNode } from './join-asof-node.ts';
import { withCondition } from './join-condition.ts';
import { allOf, filtered, type Key, keyOf, withKeys } from './join-parts.ts';
import { conjuncts } from './join-push.ts';
import type { JoinedPair, JoinedTable } from './join-tree.ts';
import type { LogicalNode, LookupNode, RelationColumn } from './logical.ts';
import { columnAt } from './order.ts';
import { insertionsOf, isChanging, keepingAll, recalled } from './recall.ts';
import type { TemporalClause } from './temporal-clause.ts';

interface Parts {
  id: string;
  notices: string[];
}

interface Split {
  /** Conditions that say what the key equals. */
  keyed: { condition: BoundExpression; key: Key }[];
  others: BoundExpression[];
}

/** @throws LMN-2163, LMN-2151, LMN-2030 */
export function temporalNode(pair: JoinedPair, left: LogicalNode, { id, notices }: Parts): LogicalNode {
  const temporal = pair.temporal as TemporalClause;
  const table = pair.right as JoinedTable;
  const leftCount = left.columns.length;
  const { keyed, others } = splitConditions(pair, leftCount);
  const made = versionsOf(table.node);
  const columns = table.columns.map((column, index) => {
    return { ...column, nullable: column.nullable || made.columns[index]?.nullable === true };
  });
  const versions = filtered(made, columns, [], `${id}.table`);
  const isLasting = !isChanging(left);
  const isPlain = isLasting && others.length === 0;
  const joined = isLasting ? pair : keepingAll(pair, leftCount);
  const stream = isLasting ? left : insertionsOf(left, `${id}.insertions`);
  const joinId = isPlain ? id : `${id}.versions`;
  const { node, known } =
    temporal.time === null
      ? liveNode(joined, [stream, versions], { id: joinId, keys: keyed.map(({ key }) => key), showsKeys: !isLasting })
      : versionNode(joined, [stream, versions], {
          id: joinId,
          notices,
          conditions: keyed.map(({ condition }) => condition),
          time: temporal.time,
          temporal,
        });
  if (!isLasting) return recalled(pair, [node, left], { id, known, others });
  if (isPlain) return node;
  return withCondition(pair.join, node, { id, leftCount, known, columns: pair.columns, condition: allOf(others) });
}

/** What a table by key is made of: its upserts. */
function versionsOf(node: LogicalNode): LogicalNode {
  return node.kind === 'table' ? node.input : node;
}

/** Of a table by key, its primary key finds a version; of anything else every key. @throws LMN-2163 */
function splitConditions(pair: JoinedPair, leftCount: number): Split {
  const { node, columns } = pair.right as JoinedTable;
  const all = pair.conditions.flatMap(conjuncts).map((condition) => ({ condition, key: keyOf(condition, leftCount) }));
  const isKeyed = (one: (typeof all)[number]): one is Split['keyed'][number] =>
    one.key !== null && (node.kind !== 'table' || isPrimary(one.key, node.key));
  const keyed = all.filter(isKeyed);
  const missing = node.kind === 'table' ? node.key.find((column) => !keyed.some(({ key }) => isOf(key, column))) : null;
  if (missing !== undefined && missing !== null) {
    const { name } = columns[missing] as RelationColumn;
    throw new LaminarError('LMN-2163', `the join does not say what ${name} equals, the key of the versions`, {
      hint: `add it to ON: … = ${name}, of its own type`,
      at: { span: pair.span },
    });
  }
  return { keyed, others: all.filter((one) => !isKeyed(one)).map(({ condition }) => condition) };
}

function isPrimary(key: Key, primary: readonly number[]): boolean {
  return primary.some((column) => isOf(key, column));
}

function isOf({ right }: Key, column: number): boolean {
  return right.kind === 'column' && right.index === column;
}

interface Found {
  node: LogicalNode;
  /** A column of it that is NULL where there is no version, and only there. */
  known: number;
}

type Sides = readonly [left: LogicalNode, versions: LogicalNode];

function versionNode(
  pair: JoinedPair,
  [left, versions]: Sides,
  how: Parts & { conditions: BoundExpression[]; time: BoundExpression; temporal: TemporalClause },
): Found {
  const { id, notices, conditions, time, temporal } = how;
  const column = versionTime(pair, versions, temporal);
  const index = left.columns.length + column;
  const since = columnAt(versions.columns[column] as RelationColumn, index);
  const comparisons = [compare('>=', time, since, time.span)];
  const joined = { ...pair, conditions, asof: { comparisons, isNearest: false } };
  const node = asofNode(joined, left, versions, { id, notices, hasVersions: true });
  return { node: node.kind === 'join' ? { ...node, hasVersions: true } : node, known: index };
}

/** The time from which on a row is the version of its key. @throws LMN-2163 */
function versionTime(pair: JoinedPair, versions: LogicalNode, { column, span }: TemporalClause): number {
  const { names, node } = pair.right as JoinedTable;
  if (column !== null) {
    const index = names.columns.findIndex(({ name }) => name.toLowerCase() === column.name.toLowerCase());
    if (index >= 0 && versions.columns[index]?.type.kind === 'TIMESTAMP') return index;
    throw new LaminarError('LMN-2163', `the table has no TIMESTAMP column ${column.name}`, {
      at: { span: column.span },
    });
  }
  const timed = versions.columns.flatMap(({ time }, index) => (time === null ? [] : [index]));
  const [only, another] = timed;
  if (only !== undefined && another === undefined) return only;
  const name = names.columns[0]?.owner ?? node.id;
  const listed = timed.map((index) => names.columns[index]?.name).join(' and ');
  throw new LaminarError(
    'LMN-2163',
    only === undefined
      ? `${name} has no event time, so it is not known since when its rows are valid`
      : `${name} has several event times, ${listed}`,
    {
      hint:
        only === undefined
          ? "declare one, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND, or ask AS OF PROCTIME()"
          : `say which: VERSIONED ON ${names.columns[only]?.name}`,
      at: { span },
    },
  );
}

/** A lookup in a table that changes while rows come. @throws LMN-2163 without a key */
function liveNode(
  pair: JoinedPair,
  [left, versions]: Sides,
  { id, keys, showsKeys }: { id: string; keys: Key[]; showsKeys: boolean },
): Found {
  if (keys.length === 0) {
    throw new LaminarError('LMN-2163', 'the join does not say what the key of the versions equals', {
      hint: 'add it to ON: … = …',
      at: { span: pair.span },
    });
  }
  if (canVary(versions)) {
    const name = (pair.right as JoinedTable).names.columns[0]?.owner;
    throw new LaminarError(
      'LMN-2163',
      `the rows of ${name} come out when its input ends, so there is no table as it is`,
      {
        hint: `write EMIT CHANGES in ${name}`,
        at: { span: (pair.temporal as TemporalClause).span },
      },
    );
  }
  const leftKeys = keys.map((key) => key.left);
  const rightKeys = keys.map((key) => key.right);
  const stream = withKeys(left, leftKeys, `${id}.left`);
  const table = withKeys(versions, rightKeys, `${id}.right`);
  const isLeft = pair.join === 'left';
  const shown = showsKeys ? table.node.columns : versions.columns;
  const node: LookupNode = {
    kind: 'lookup',
    id,
    inputs: [stream.node, table.node],
    join: isLeft ? 'left' : 'inner',
    changes: changelogOfNode(versions),
    keys: stream.keys.map((column, index) => ({ left: column, right: table.keys[index] as number })),
    outputs: [left.columns, shown].flatMap((columns, side) =>
      columns.map((_, column) => ({ side: side as 0 | 1, column })),
    ),
    columns: [
      ...left.columns,
      ...shown.map((column) => {
        return { ...column, nullable: isLeft || column.nullable, time: null, field: null };
      }),
    ],
  };
  return { node, known: left.columns.length + (table.keys[0] as number) };
}
