// The aggregates of a GROUP BY: each call of select list and HAVING becomes one, equal calls share it.

import { aggregateDefinition } from '../../plan/aggregates/registry.ts';
import type { Expression } from '../ast-expression.ts';
import type { BoundExpression } from '../expression.ts';
import { printText } from '../print-expression.ts';
import { type BoundAggregate, bindAggregate } from './aggregates.ts';
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
    const aggregate = this.#placed(bindAggregate(call, scope));
    const index = first + this.#place(aggregate);
    const { result: type, text: name } = aggregate;
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

  /** The aggregate with its arguments among the inputs. */
  #placed(bound: BoundAggregate): LogicalAggregate {
    const isByTime = aggregateDefinition(bound.function).byTime === true;
    const aggregate = placeAggregate(bound, {
      indexOf: (argument) => this.#inputs.indexOf(argument),
      order: () => (isByTime ? this.#orderColumn() : null),
    });
    return { ...aggregate, text: this.#text(aggregate) };
  }

  #text({ function: fn, column, distinct, by, fraction, descending, separator, sort }: LogicalAggregate): string {
    if (column === null) return 'COUNT(*)';
    const named = (index: number): string => this.#inputs.columns[index]?.name ?? '';
    const parts = [
      `${distinct === true ? 'DISTINCT ' : ''}${named(column)}`,
      ...(by === undefined ? [] : [named(by.column)]),
      ...(fraction === undefined || aggregateDefinition(fn).fraction !== undefined ? [] : [String(fraction)]),
      ...(separator === undefined ? [] : [printText(separator)]),
    ];
    const items = (sort ?? []).map(
      (item) => `${named(item.column)}${item.descending ? ' DESC' : ''}${item.nullsFirst ? ' NULLS FIRST' : ''}`,
    );
    const order = items.length > 0 ? ` ORDER BY ${items.join(', ')}` : descending === true ? ' DESC' : '';
    return `${fn.toUpperCase()}(${parts.join(', ')}${order})`;
  }

  #place(aggregate: LogicalAggregate): number {
    const shape = JSON.stringify(aggregate);
    const same = this.list.findIndex((other) => JSON.stringify(other) === shape);
    return same >= 0 ? same : this.list.push(aggregate) - 1;
  }
}

/** The aggregate with its arguments as columns, and without a text. `order`: the time that orders its values. */
export function placeAggregate(
  bound: BoundAggregate,
  { indexOf, order }: { indexOf: (bound: BoundExpression) => number; order: () => number | null },
): LogicalAggregate {
  const { function: fn, value, by, fraction, separator, distinct, result } = bound;
  const sort = bound.sort.map(({ bound: item, descending, nullsFirst }) => ({
    ...{ column: indexOf(item), type: item.type, descending, nullsFirst },
  }));
  return {
    function: fn,
    column: value === null ? null : indexOf(value),
    argumentType: value?.type ?? null,
    result,
    orderColumn: order(),
    text: '',
    ...(distinct ? { distinct: true } : {}),
    ...(by === null ? {} : { by: { column: indexOf(by), type: by.type } }),
    ...(fraction === null ? {} : { fraction }),
    ...(bound.descending ? { descending: true } : {}),
    ...(separator === null ? {} : { separator }),
    ...(sort.length === 0 ? {} : { sort }),
  };
}

function isNullable({ function: fn }: LogicalAggregate): boolean {
  return aggregateDefinition(fn).empty === 'null';
}
