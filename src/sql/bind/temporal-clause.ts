// FOR SYSTEM_TIME AS OF: of which time the right table of a join is meant.

import { LaminarError } from '../../base/errors.ts';
import { typeName } from '../../data/type.ts';
import type { Identifier } from '../ast.ts';
import type { JoinReference, TableReference } from '../ast-query.ts';
import type { BoundExpression } from '../expression.ts';
import { isClock } from './clock.ts';
import { bindExpression } from './expressions.ts';
import { withJoinedNames } from './join-names.ts';
import type { JoinTree } from './join-tree.ts';
import { inputScope, type QueryContext } from './query.ts';

export interface TemporalClause {
  /** Over the columns of the left side; null: the clock, so the right side as it is. */
  time: BoundExpression | null;
  /** VERSIONED ON. */
  column: Identifier | null;
  span: JoinReference['span'];
}

/** What a join says of the time of its right side; null: nothing. @throws LMN-2163 */
export function temporalOf(
  { right, join, asof }: JoinReference,
  left: JoinTree,
  context: Pick<QueryContext, 'functions'>,
): TemporalClause | null {
  if (right.kind !== 'name' || right.asOf === undefined) return null;
  const { time, column, span } = right.asOf;
  if (asof !== undefined || (join !== 'inner' && join !== 'left')) {
    const what = asof === undefined ? `${join.toUpperCase()} JOIN` : 'ASOF JOIN';
    throw new LaminarError('LMN-2163', `${what} takes no table FOR SYSTEM_TIME AS OF a time`, {
      hint: 'write JOIN or LEFT JOIN: each left row gets the version of that time',
      at: { span },
    });
  }
  const relation = { name: 'the left side', columns: left.columns };
  const bound = bindExpression(
    withJoinedNames(time, left.names),
    inputScope(relation, context, 'FOR SYSTEM_TIME AS OF'),
  );
  const origin = bound.kind === 'column' ? left.columns[bound.index] : undefined;
  if (isClock(bound) || origin?.isClock === true) {
    if (column === null) return { time: null, column, span };
    throw new LaminarError('LMN-2163', 'as of PROCTIME() the table is as it is: VERSIONED ON says nothing', {
      hint: 'leave it out, or write a time of the left side',
      at: { span: column.span },
    });
  }
  if (bound.type.kind === 'TIMESTAMP') return { time: bound, column, span };
  throw new LaminarError('LMN-2163', `FOR SYSTEM_TIME AS OF needs a TIMESTAMP, this is ${typeName(bound.type)}`, {
    hint: 'write a time of the left side, or PROCTIME()',
    at: { span: time.span },
  });
}

/** @throws LMN-2163 for FOR SYSTEM_TIME behind a table that is not the right one of a join. */
export function refuseVersions(table: TableReference): void {
  if (table.kind !== 'name' || table.asOf === undefined) return;
  throw new LaminarError('LMN-2163', `there is no time as of which ${table.name.name} could be read`, {
    hint: 'FOR SYSTEM_TIME AS OF takes a time of the left side of a join: FROM stream s JOIN table FOR SYSTEM_TIME AS OF s.ts …',
    at: { span: table.asOf.span },
  });
}
