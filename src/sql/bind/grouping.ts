// GROUP BY: three nodes.
//
//   input ─► project: keys, arguments of the aggregates, event time  (WHERE is its filter)
//         ─► aggregation: keys, window_start, window_end, aggregates
//         ─► project: the select list over those                     (HAVING is its filter)
//
// Keys, window columns and aggregates are found in select list and HAVING at any depth by the text of their syntax
// tree, names folded and qualifiers left out: `t.K + 1` is `k + 1`.

import { LaminarError } from '../../base/errors.ts';
import { type DataType, TIMESTAMP, typeName } from '../../data/type.ts';
import type { Expression, Identifier, Query, Span } from '../ast.ts';
import type { BoundExpression } from '../expression.ts';
import { expressionText } from '../expression-text.ts';
import { aggregateArgument, aggregateOf, isAggregateCall, typeAggregate } from './aggregates.ts';
import { coerce, settle } from './coerce.ts';
import { bindCondition, bindExpression } from './expressions.ts';
import type {
  AggregationNode,
  LogicalAggregate,
  LogicalNode,
  LogicalWindow,
  ProjectNode,
  RelationColumn,
} from './logical.ts';
import { refuseMisplaced } from './misplaced.ts';
import { allowedLateness, inputScope, projectedColumn, type QueryContext, type SelectColumn } from './query.ts';
import { findColumn, type Relation, type Scope } from './scope.ts';
import { edgeCall, isWindowCall, type Tumble, tumbleOf, WINDOW_COLUMNS, type WindowEdge } from './windows.ts';

type Call = Extract<Expression, { kind: 'call' }>;

/** Binds a query with GROUP BY, HAVING or aggregates. @throws LMN-20nn. */
export function bindGroupedQuery(
  query: Query,
  columns: readonly SelectColumn[],
  relation: Relation,
  context: QueryContext,
): ProjectNode {
  return new Grouping(query, columns, { relation, context }).bind();
}

/** The text of a syntax tree that equal expressions share. */
function canonical(expression: Expression): string {
  return JSON.stringify(expression, (key, value) => {
    if (key === 'span' || key === 'quoted') return undefined;
    if (key === 'path') return (value as Identifier[]).at(-1)?.name.toLowerCase();
    return key === 'name' && typeof value === 'string' ? value.toLowerCase() : value;
  });
}

class Grouping {
  readonly #query: Query;
  readonly #columns: readonly SelectColumn[];
  readonly #relation: Relation;
  readonly #context: QueryContext;
  readonly #keys: { text: string; bound: BoundExpression; name: string }[] = [];
  /** Columns of the first projection: keys, then whatever aggregates and the window ask for. */
  readonly #inputs: { name: string; bound: BoundExpression; shape: string }[] = [];
  readonly #aggregates: LogicalAggregate[] = [];
  #tumble: Tumble | null = null;
  #window: LogicalWindow | null = null;
  #time: number | null = null;

  constructor(query: Query, columns: readonly SelectColumn[], reads: { relation: Relation; context: QueryContext }) {
    this.#query = query;
    this.#columns = columns;
    this.#relation = reads.relation;
    this.#context = reads.context;
  }

  bind(): ProjectNode {
    const { id, input, lateness } = this.#context;
    this.#bindGroups();
    for (const { bound, name } of this.#keys) this.#inputs.push({ name, bound, shape: '' });
    const { where, having } = this.#query;
    const filter = where === null ? null : bindCondition(where, inputScope(this.#relation, this.#context, 'WHERE'));
    this.#window = this.#bindWindow(filter);
    if (this.#window === null && lateness !== null) {
      throw new LaminarError('LMN-2033', 'ALLOW LATENESS needs a window in GROUP BY', { at: { span: lateness.span } });
    }
    const outputs = this.#columns.map(({ expression }) =>
      settle(bindExpression(expression, this.#scope('the select list'))),
    );
    const condition = having === null ? null : bindCondition(having, this.#scope('HAVING'));
    const prepared: ProjectNode = {
      kind: 'project',
      id: `${id}.input`,
      input,
      filter,
      outputs: this.#inputs.map(({ bound }) => bound),
      columns: this.#inputs.map(({ name, bound }) => projectedColumn(name, bound, this.#relation.columns)),
    };
    const aggregation = this.#aggregation(prepared);
    const columns = outputs.map((output, n) =>
      this.#resultColumn(this.#columns[n] as SelectColumn, output, aggregation),
    );
    return { kind: 'project', id, input: aggregation, filter: condition, outputs, columns };
  }

  /** The edges of a window are event times of the stream of windows, `window_time` too though it is computed. */
  #resultColumn({ name, expression }: SelectColumn, output: BoundExpression, from: AggregationNode): RelationColumn {
    const column = projectedColumn(name, output, from.columns);
    const isTime = output.kind !== 'column' && this.#edgeOf(expression) === 'time';
    return isTime ? { ...column, time: edgeTime(from.window) } : column;
  }

  // --- keys and window ---

  #bindGroups(): void {
    const scope = inputScope(this.#relation, this.#context, 'GROUP BY');
    for (const written of this.#query.groupBy) {
      const expression = this.#resolveGroup(written);
      if (isWindowCall(expression)) {
        this.#addWindow(expression);
        continue;
      }
      if (this.#edgeOf(expression) !== null && this.#findsWindow()) continue;
      const text = canonical(expression);
      if (this.#keys.some((key) => key.text === text)) continue;
      const bound = settle(bindExpression(expression, scope));
      this.#keys.push({ text, bound, name: expressionText(bound) });
    }
  }

  /** An ordinal or an alias of the select list stands for its expression; a column of the input comes first. */
  #resolveGroup(written: Expression): Expression {
    if (written.kind === 'number') {
      const column = /^\d+$/.test(written.text) ? this.#columns[Number(written.text) - 1] : undefined;
      if (column !== undefined) return column.expression;
      throw new LaminarError('LMN-2016', `GROUP BY ${written.text}: the select list has no such column`, {
        at: { span: written.span },
      });
    }
    return this.#aliased(written) ?? written;
  }

  #aliased(expression: Expression): Expression | null {
    if (expression.kind !== 'column' || findColumn(this.#relation, expression.path) >= 0) return null;
    if (expression.path.length !== 1) return null;
    const name = expression.path[0]?.name.toLowerCase();
    const column = this.#columns.find((c) => c.name.toLowerCase() === name);
    if (column === undefined || canonical(column.expression) === canonical(expression)) return null;
    return column.expression;
  }

  #findsWindow(): boolean {
    return this.#query.groupBy.some((expression) => isWindowCall(expression));
  }

  #addWindow(call: Call): void {
    const tumble = tumbleOf(call);
    if (this.#tumble !== null) {
      throw new LaminarError('LMN-2034', 'a query has one window, and this is the second', {
        hint: 'make a stream of each',
        at: { span: call.span },
      });
    }
    this.#tumble = tumble;
  }

  #bindWindow(filter: BoundExpression | null): LogicalWindow | null {
    const tumble = this.#tumble;
    if (tumble === null) {
      this.#noticeEndless();
      return null;
    }
    const scope = inputScope(this.#relation, this.#context, 'a window');
    const bound = bindExpression(tumble.time, scope);
    const { span } = tumble.time;
    if (bound.type.kind !== 'TIMESTAMP' && bound.type.kind !== 'DATE') {
      throw new LaminarError('LMN-2035', `a window needs a TIMESTAMP, this is ${typeName(bound.type)}`, {
        hint: 'declare the column as TIMESTAMP; numbers are read as epochs (timestamp_unit)',
        at: { span },
      });
    }
    const column = bound.kind === 'column' ? (this.#relation.columns[bound.index] as RelationColumn) : null;
    if (bound.nullable && !excludesNull(filter, bound)) requireTime(column, span);
    const known = column?.time ?? null;
    if (known === null) this.#noticeNoWatermark(tumble, expressionText(bound));
    const time = this.#input(coerce(bound, TIMESTAMP));
    this.#time = time;
    return {
      sizeMicros: tumble.sizeMicros,
      offsetMicros: tumble.offsetMicros,
      column: time,
      latenessMicros: allowedLateness(this.#context.lateness),
      perRow: known?.perRow ?? false,
      closesAtEnd: known === null,
    };
  }

  #noticeNoWatermark(tumble: Tumble, time: string): void {
    const { id, input, notices } = this.#context;
    const hint = `declare one in the source: WATERMARK FOR ${time} AS ${time} - INTERVAL '5' SECOND`;
    const endless = endlessSource(input);
    if (endless !== null) {
      throw new LaminarError(
        'LMN-2030',
        `no watermark speaks about ${time}, and ${endless} never ends: no window would close`,
        {
          hint,
          at: { span: tumble.time.span },
        },
      );
    }
    notices.push(`${id}: no watermark speaks about ${time}, so its windows come out when the input ends; ${hint}`);
  }

  #noticeEndless(): void {
    const { id, input, notices } = this.#context;
    const endless = endlessSource(input);
    if (endless === null) return;
    notices.push(
      `${id}: GROUP BY without a window over ${endless}, which never ends: the result comes on Ctrl-C, or with --for`,
    );
  }

  // --- select list and HAVING ---

  #scope(place: string): Scope {
    return {
      functions: this.#context.functions,
      place,
      intercept: (expression) => this.#intercept(expression, place),
      column: (path, span) => this.#column(path, span),
    };
  }

  #intercept(expression: Expression, place: string): BoundExpression | null {
    if (isAggregateCall(expression)) return this.#aggregate(expression);
    const text = canonical(expression);
    const key = this.#keys.findIndex((k) => k.text === text);
    if (key >= 0) {
      const { bound, name } = this.#keys[key] as { bound: BoundExpression; name: string };
      return { kind: 'column', index: key, name, type: bound.type, nullable: bound.nullable, span: expression.span };
    }
    const edge = this.#edgeOf(expression);
    if (edge !== null && this.#window !== null) return this.#edge(edge, expression.span);
    const aliased = place === 'HAVING' ? this.#aliased(expression) : null;
    if (aliased !== null) return bindExpression(aliased, this.#scope(place));
    return refuseMisplaced(expression, place);
  }

  /** `window_start`, `TUMBLE_END(…)` and the like; a column of the input by that name comes first without a window. */
  #edgeOf(expression: Expression): WindowEdge | null {
    const call = edgeCall(expression);
    if (call !== null) {
      if (this.#tumble !== null) checkEdgeCall(call.call, call.window, this.#tumble);
      return call.edge;
    }
    if (expression.kind !== 'column' || expression.path.length !== 1) return null;
    return WINDOW_COLUMNS[(expression.path[0] as Identifier).name.toLowerCase()] ?? null;
  }

  #edge(edge: WindowEdge, span: Span): BoundExpression {
    const index = this.#keys.length + (edge === 'start' ? 0 : 1);
    const name = edge === 'start' ? 'window_start' : 'window_end';
    const column: BoundExpression = { kind: 'column', index, name, type: TIMESTAMP, nullable: false, span };
    if (edge !== 'time') return column;
    const micro: Expression = { kind: 'interval', text: '1', unit: 'MICROSECOND', span };
    const scope: Scope = { ...this.#scope('the select list'), intercept: () => null, column: () => column };
    const path = [{ name: 'window_end', quoted: false, span }];
    return bindExpression(
      { kind: 'binary', operator: '-', left: { kind: 'column', path, span }, right: micro, span },
      scope,
    );
  }

  #column(path: readonly Identifier[], span: Span): BoundExpression {
    const { name } = path.at(-1) as Identifier;
    if (findColumn(this.#relation, path) < 0) {
      const isEdge = path.length === 1 && Object.hasOwn(WINDOW_COLUMNS, name.toLowerCase());
      if (!isEdge) return inputScope(this.#relation, this.#context, '').column(path, span);
      throw new LaminarError('LMN-2017', `${name} needs a window in GROUP BY`, {
        hint: "add TUMBLE(ts, INTERVAL '1' MINUTE) to the GROUP BY",
        at: { span },
      });
    }
    throw new LaminarError('LMN-2016', `${name} is neither grouped nor aggregated`, {
      hint: `add ${name} to the GROUP BY, or write LAST_VALUE(${name})`,
      at: { span },
    });
  }

  #aggregate(call: Call): BoundExpression {
    const fn = aggregateOf(call);
    const written = aggregateArgument(call);
    const scope = inputScope(this.#relation, this.#context, 'an aggregate');
    const bound = written === null ? null : bindExpression(written, scope);
    const typed = bound === null ? null : typeAggregate(fn, bound);
    const column = typed === null ? null : this.#input(typed.argument);
    const name = fn === 'count_star' && column === null ? 'COUNT(*)' : this.#aggregateText(fn, column);
    // COUNT(*) FILTER counts its condition where it is true.
    const aggregate: LogicalAggregate = {
      function: fn === 'count_star' && column !== null ? 'count' : fn,
      column,
      argumentType: typed?.argument.type ?? null,
      result: typed?.result ?? ({ kind: 'BIGINT' } as DataType),
      orderColumn: fn === 'first_value' || fn === 'last_value' ? this.#orderColumn() : null,
      text: name,
    };
    const index = this.#indexOf(aggregate);
    const { result: type } = aggregate;
    return { kind: 'column', index, name, type, nullable: isNullable(aggregate), span: call.span };
  }

  #aggregateText(fn: string, column: number | null): string {
    return `${fn === 'count_star' ? 'COUNT' : fn.toUpperCase()}(${column === null ? '*' : this.#inputs[column]?.name})`;
  }

  /** Index in the aggregation's output; equal aggregates are computed once. */
  #indexOf(aggregate: LogicalAggregate): number {
    const same = this.#aggregates.findIndex(
      (other) => other.function === aggregate.function && other.column === aggregate.column,
    );
    const index = same >= 0 ? same : this.#aggregates.push(aggregate) - 1;
    return this.#keys.length + (this.#window === null ? 0 : 2) + index;
  }

  /** Event time orders FIRST_VALUE and LAST_VALUE; without one, arrival. */
  #orderColumn(): number | null {
    if (this.#time !== null) return this.#time;
    const index = this.#relation.columns.findIndex((column) => column.time !== null);
    if (index < 0) return null;
    const { name, type, nullable } = this.#relation.columns[index] as RelationColumn;
    return this.#input({ kind: 'column', index, name, type, nullable, span: this.#query.span });
  }

  /** Index of a column of the first projection, behind the keys; equal expressions share one. */
  #input(bound: BoundExpression): number {
    const shape = shapeOf(bound);
    const same = this.#inputs.findIndex((input) => input.shape === shape);
    return same >= 0 ? same : this.#inputs.push({ name: expressionText(bound), bound, shape }) - 1;
  }

  #aggregation(input: ProjectNode): AggregationNode {
    const plain = { time: null, field: null };
    const keys = input.columns.slice(0, this.#keys.length).map((column) => ({ ...column, ...plain }));
    const time = edgeTime(this.#window);
    const edge = (name: string): RelationColumn => ({ name, type: TIMESTAMP, nullable: false, time, field: null });
    const edges = this.#window === null ? [] : [edge('window_start'), edge('window_end')];
    const results = this.#aggregates.map((aggregate) => ({
      name: aggregate.text,
      type: aggregate.result,
      nullable: isNullable(aggregate),
      ...plain,
    }));
    return {
      kind: 'aggregation',
      id: `${this.#context.id}.aggregate`,
      input,
      keyCount: this.#keys.length,
      window: this.#window,
      aggregates: this.#aggregates,
      columns: [...keys, ...edges, ...results],
    };
  }
}

/** A stream of windows has event time, under whose watermark none of its rows is late. */
function edgeTime(window: LogicalWindow | null): RelationColumn['time'] {
  return window === null || window.closesAtEnd ? null : { perRow: false };
}

/** Equal for expressions that compute the same, wherever they stand. */
function shapeOf(bound: BoundExpression): string {
  return JSON.stringify(bound, (key, value) => {
    if (key === 'span') return undefined;
    return typeof value === 'bigint' ? { bigint: String(value) } : value;
  });
}

/** Whether a filter keeps only rows in which the column has a value. */
function excludesNull(filter: BoundExpression | null, column: BoundExpression): boolean {
  const conditions = filter?.kind === 'and' ? filter.operands : filter === null ? [] : [filter];
  return conditions.some(
    (c) => c.kind === 'is-null' && c.negated && c.operand.kind === 'column' && shapeOf(c.operand) === shapeOf(column),
  );
}

function isNullable({ function: fn }: LogicalAggregate): boolean {
  return fn !== 'count' && fn !== 'count_star';
}

/** A row without an event time belongs to no window: the source must refuse it as a bad record. @throws LMN-2035 */
function requireTime(column: RelationColumn | null, span: Span): void {
  const field = column?.field?.source.fields[column.field.index];
  if (field !== undefined) {
    field.notNull = true;
    return;
  }
  throw new LaminarError('LMN-2035', 'the time of a window cannot be NULL, and this may be', {
    hint: 'use a column of a source (a record without it is then a bad record), or COALESCE',
    at: { span },
  });
}

/** `TUMBLE_START(ts, size)` must repeat the window of the GROUP BY. */
function checkEdgeCall(call: Call, window: string, tumble: Tumble): void {
  if (call.arguments.length === 0 && window === 'TUMBLE') return;
  const name = { ...call.name, name: window };
  const same = window === 'TUMBLE' ? tumbleOf({ ...call, name }) : null;
  if (
    same !== null &&
    same.sizeMicros === tumble.sizeMicros &&
    same.offsetMicros === tumble.offsetMicros &&
    canonical(same.time) === canonical(tumble.time)
  ) {
    return;
  }
  throw new LaminarError('LMN-2034', `${call.name.name.toUpperCase()} is of another window than the GROUP BY`, {
    hint: 'write window_start and window_end instead',
    at: { span: call.span },
  });
}

/** Name of a source below that never ends, null when all do. */
function endlessSource(node: LogicalNode): string | null {
  if (node.kind === 'scan') return node.source.endless ? `source ${node.source.name}` : null;
  return endlessSource(node.input);
}
