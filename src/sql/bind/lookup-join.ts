// Joins with a lookup table: a look into it for each row of the stream.
//
//   JOIN t ON s.k = t.k AND more         lookup ─► filter: more
//   LEFT JOIN t ON s.k = t.k AND more    left lookup ─► columns of t where `more` is TRUE, NULL otherwise
//   EXISTS, IN, SEMI JOIN                lookup ─► filter: more, without the columns of t
//   NOT EXISTS, NOT IN, ANTI JOIN        left lookup ─► filter: no row, or `more` is not TRUE
//   EXISTS in an expression              left lookup ─► a column that is TRUE where `more` is
//
// The conditions must say what every column of the primary key equals, so that there is one row at most. What they say
// besides is asked of that row, not of those that might have its place: nothing is filtered before.

import { LaminarError } from '../../base/errors.ts';
import { typeName } from '../../data/type.ts';
import type { BoundExpression } from '../expression.ts';
import { countColumns } from '../optimize/rewrite.ts';
import { withCondition } from './join-condition.ts';
import { allOf, withKeys } from './join-parts.ts';
import { conjuncts } from './join-push.ts';
import type { JoinedPair } from './join-tree.ts';
import type { LogicalNode, LookupDefinition, LookupNode, RelationColumn, ScanNode } from './logical.ts';
import { lookupOf, staysAsItIs } from './lookup-table.ts';
import { insertionsOf, isChanging, keepingAll, recalled } from './recall.ts';

/** @throws LMN-2162 for a join that cannot look into the table. */
export function lookupNode(pair: JoinedPair, left: LogicalNode, right: LogicalNode, id: string): LogicalNode {
  const table = right as ScanNode;
  checkForm(pair, table);
  const leftCount = left.columns.length;
  const { key } = lookupOf(table) as LookupDefinition;
  const { keys, others } = keysOf(pair, left, { table, key });
  const known = leftCount + (key[0] as number);
  if (isChanging(left) && !staysAsItIs(table)) {
    const insertions = insertionsOf(left, `${id}.insertions`);
    const joined = tableNode(keepingAll(pair, leftCount), [insertions, table], { id: `${id}.lookup`, keys });
    return recalled(pair, [joined, left], { id, known, others });
  }
  const isPlain = others.length === 0 && (pair.join === 'inner' || pair.join === 'left');
  const node = tableNode(pair, [left, table], { id: isPlain ? id : `${id}.lookup`, keys });
  if (isPlain) return node;
  return withCondition(pair.join, node, { id, leftCount, known, columns: pair.columns, condition: allOf(others) });
}

function tableNode(
  pair: JoinedPair,
  [left, table]: readonly [LogicalNode, ScanNode],
  { id, keys }: { id: string; keys: readonly BoundExpression[] },
): LookupNode {
  const { key } = lookupOf(table) as LookupDefinition;
  const stream = withKeys(left, keys, `${id}.keys`);
  const hasKeys = stream.keys.every((column) => column < left.columns.length);
  const keepsAll = pair.join === 'left' || pair.join === 'anti' || pair.join === 'mark';
  return {
    kind: 'lookup',
    id,
    inputs: [hasKeys ? left : stream.node, table],
    join: keepsAll ? 'left' : 'inner',
    changes: null,
    keys: key.map((column, index) => ({ left: stream.keys[index] as number, right: column })),
    outputs: [left.columns, table.columns].flatMap((columns, side) =>
      columns.map((_, column) => ({ side: side as 0 | 1, column })),
    ),
    columns: [
      ...left.columns,
      ...pair.right.columns.map((column) => {
        return { ...column, nullable: keepsAll || column.nullable, time: null, field: null };
      }),
    ],
  };
}

function checkForm({ join, asof, span }: JoinedPair, { source }: ScanNode): void {
  if (asof === null && join !== 'right' && join !== 'full') return;
  const what = asof === null ? `a ${join.toUpperCase()} JOIN` : 'an ASOF JOIN';
  throw new LaminarError('LMN-2162', `${what} cannot look into ${source.name}`, {
    hint: 'a lookup table gives the row of a key, and is never gone through: write JOIN or LEFT JOIN',
    at: { span },
  });
}

// --- conditions ---

interface Conditions {
  /** What each column of the primary key equals, over the columns of the left side. */
  keys: BoundExpression[];
  /** What is asked of both rows besides. */
  others: BoundExpression[];
}

function keysOf(
  pair: JoinedPair,
  left: LogicalNode,
  { table, key }: { table: ScanNode; key: readonly number[] },
): Conditions {
  const others = pair.conditions.flatMap(conjuncts);
  const keys = key.map((column): BoundExpression => {
    const index = left.columns.length + column;
    const at = others.findIndex((condition) => equalOf(condition, index, left.columns.length) !== null);
    if (at < 0) throw noKey(pair, table, column, others);
    const [condition] = others.splice(at, 1);
    return equalOf(condition as BoundExpression, index, left.columns.length) as BoundExpression;
  });
  return { keys, others };
}

/** What the left side says that a column of the right one equals; null: the condition is another. */
function equalOf(condition: BoundExpression, index: number, leftCount: number): BoundExpression | null {
  if (condition.kind !== 'compare' || condition.operator !== '=') return null;
  const isColumn = (e: BoundExpression) => e.kind === 'column' && e.index === index;
  const isLeft = (e: BoundExpression) => [...countColumns([e]).keys()].every((used) => used < leftCount);
  if (isColumn(condition.right) && isLeft(condition.left)) return condition.left;
  return isColumn(condition.left) && isLeft(condition.right) ? condition.right : null;
}

function noKey(pair: JoinedPair, { source, columns }: ScanNode, column: number, others: readonly BoundExpression[]) {
  const { name, type } = columns[column] as RelationColumn;
  const index = pair.left.columns.length + column;
  const cast = others
    .flatMap((condition) => (condition.kind === 'compare' ? [condition.left, condition.right] : []))
    .find((side) => side.kind === 'cast' && side.operand.kind === 'column' && side.operand.index === index);
  if (cast !== undefined) {
    const wanted = typeName(cast.type);
    return new LaminarError('LMN-2162', `${source.name}.${name} is ${typeName(type)}, and is compared as ${wanted}`, {
      hint: `declare ${name} ${wanted} in the lookup table, or cast the other side`,
      at: { span: cast.span },
    });
  }
  return new LaminarError('LMN-2162', `the join does not say what ${source.name}.${name} equals`, {
    hint: `rows of ${source.name} are found by their primary key: ON … = ${source.name}.${name}`,
    at: { span: pair.span },
  });
}
