// The aggregates of a GROUP BY: each call of select list and HAVING becomes one, equal calls share it.

import type { DataType } from '../../data/type.ts';
import type { Expression } from '../ast.ts';
import type { BoundExpression } from '../expression.ts';
import { aggregateArgument, aggregateOf, typeAggregate } from './aggregates.ts';
import { bindExpression } from './expressions.ts';
import type { GroupInputs } from './grouping-inputs.ts';
import type { LogicalAggregate, RelationColumn } from './logical.ts';
import type { Scope } from './scope.ts';

type Call = Extract<Expression, { kind: 'call' }>;

export class GroupAggregates {
  readonly list: LogicalAggregate[] = [];
  readonly #inputs: GroupInputs;
  /** Index in `inputs` of the time that orders FIRST_VALUE and LAST_VALUE, null for arrival order. */
  readonly #orderColumn: () => number | null;

  constructor(inputs: GroupInputs, orderColumn: () => number | null) {
    this.#inputs = inputs;
    this.#orderColumn = orderColumn;
  }

  /** The call as a column of the aggregation, whose aggregates begin at column `first`. @throws LMN-20nn */
  bind(call: Call, scope: Scope, first: number): BoundExpression {
    const fn = aggregateOf(call);
    const written = aggregateArgument(call);
    const bound = written === null ? null : bindExpression(written, scope);
    const typed = bound === null ? null : typeAggregate(fn, bound);
    const column = typed === null ? null : this.#inputs.indexOf(typed.argument);
    const name = fn === 'count_star' && column === null ? 'COUNT(*)' : this.#text(fn, column);
    // COUNT(*) FILTER counts its condition where it is true.
    const aggregate: LogicalAggregate = {
      function: fn === 'count_star' && column !== null ? 'count' : fn,
      column,
      argumentType: typed?.argument.type ?? null,
      result: typed?.result ?? ({ kind: 'BIGINT' } as DataType),
      orderColumn: fn === 'first_value' || fn === 'last_value' ? this.#orderColumn() : null,
      text: name,
    };
    const index = first + this.#place(aggregate);
    const { result: type } = aggregate;
    return { kind: 'column', index, name, type, nullable: isNullable(aggregate), span: call.span };
  }

  /** Columns of the aggregation's output. */
  columns(): RelationColumn[] {
    return this.list.map((aggregate) => ({
      name: aggregate.text,
      type: aggregate.result,
      nullable: isNullable(aggregate),
      time: null,
      field: null,
    }));
  }

  #text(fn: string, column: number | null): string {
    const argument = column === null ? '*' : this.#inputs.columns[column]?.name;
    return `${fn === 'count_star' ? 'COUNT' : fn.toUpperCase()}(${argument})`;
  }

  #place(aggregate: LogicalAggregate): number {
    const same = this.list.findIndex(
      (other) => other.function === aggregate.function && other.column === aggregate.column,
    );
    return same >= 0 ? same : this.list.push(aggregate) - 1;
  }
}

function isNullable({ function: fn }: LogicalAggregate): boolean {
  return fn !== 'count' && fn !== 'count_star';
}
