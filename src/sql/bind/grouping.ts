// GROUP BY: three nodes.
//
//   input ─► project: keys, arguments of the aggregates, event time  (WHERE is its filter)
//         ─► aggregation: keys, window_start, window_end, aggregates
//         ─► project: the select list over those                     (HAVING is its filter)
//
// Keys, window columns and aggregates are found in select list and HAVING at any depth by the text of their syntax
// tree, names folded and qualifiers left out: `t.K + 1` is `k + 1`.

import { LaminarError } from '../../base/errors.ts';
import { TIMESTAMP } from '../../data/type.ts';
import type { Identifier, Span } from '../ast.ts';
import type { Expression } from '../ast-expression.ts';
import type { Query } from '../ast-query.ts';
import type { BoundExpression } from '../expression.ts';
import { expressionText } from '../expression-text.ts';
import { isAggregateCall } from './aggregates.ts';
import { canonical } from './canonical.ts';
import { changelogOfNode } from './changes.ts';
import { settle } from './coerce.ts';
import { groupEmit } from './emit.ts';
import { bindCondition, bindExpression } from './expressions.ts';
import { GroupAggregates } from './grouping-aggregates.ts';
import { GroupInputs } from './grouping-inputs.ts';
import { bindWindow, edgeOf, edgeTime, type InputWindow, inheritWindow, inputWindow } from './grouping-window.ts';
import { lateInputs, lateRows } from './late.ts';
import type { AggregationNode, LogicalNode, LogicalWindow, ProjectNode, RelationColumn } from './logical.ts';
import { refuseMisplaced } from './misplaced.ts';
import { inputScope, projectedColumn, type QueryContext, type SelectColumn } from './query.ts';
import { findColumn, type Relation, type Scope } from './scope.ts';
import { isWindowCall, WINDOW_COLUMNS, type WindowEdge, type WrittenWindow, windowOf } from './windows.ts';

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

/** A session that loses a row may end before a watermark that has passed: nothing can be promised of its edges. */
function isUnsteady(window: LogicalWindow | null, input: LogicalNode): boolean {
  return window?.kind === 'session' && changelogOfNode(input) !== 'append';
}

interface GroupKey {
  /** Canonical text, by which it is found. */
  text: string;
  bound: BoundExpression;
  name: string;
}

class Grouping {
  readonly #query: Query;
  readonly #columns: readonly SelectColumn[];
  readonly #relation: Relation;
  readonly #context: QueryContext;
  #keys: GroupKey[] = [];
  /** Keys that are the edges of the input's window, and so of this one. */
  readonly #keyEdges = new Map<string, WindowEdge>();
  readonly #inputs = new GroupInputs();
  readonly #aggregates = new GroupAggregates(this.#inputs, () => this.#orderColumn());
  #written: WrittenWindow | null = null;
  #window: LogicalWindow | null = null;

  constructor(query: Query, columns: readonly SelectColumn[], reads: { relation: Relation; context: QueryContext }) {
    this.#query = query;
    this.#columns = columns;
    this.#relation = reads.relation;
    this.#context = reads.context;
  }

  bind(): ProjectNode {
    const { id, input, lateness } = this.#context;
    this.#bindGroups();
    const ofInput = this.#windowOfInput();
    for (const { bound, name } of this.#keys) this.#inputs.addKey(name, bound);
    if (ofInput !== null) this.#window = inheritWindow(ofInput, { context: this.#context, inputs: this.#inputs });
    const { where, having } = this.#query;
    const filter = where === null ? null : bindCondition(where, inputScope(this.#relation, this.#context, 'WHERE'));
    if (this.#written !== null) {
      const parts = { relation: this.#relation, context: this.#context, filter, inputs: this.#inputs };
      this.#window = bindWindow(this.#written, parts);
    }
    if (this.#window === null && lateness !== null) {
      throw new LaminarError('LMN-2033', 'ALLOW LATENESS needs a window in GROUP BY', { at: { span: lateness.span } });
    }
    const outputs = this.#columns.map(({ expression }) =>
      settle(bindExpression(expression, this.#scope('the select list'))),
    );
    const condition = having === null ? null : bindCondition(having, this.#scope('HAVING'));
    const late = this.#lateInputs();
    const prepared: ProjectNode = {
      kind: 'project',
      id: `${id}.input`,
      input,
      filter,
      outputs: this.#inputs.columns.map(({ bound }) => bound),
      columns: this.#inputs.columns.map(({ name, bound }) => projectedColumn(name, bound, this.#relation.columns)),
    };
    const aggregation = this.#aggregation(prepared, late);
    if (late !== null) this.#context.lateRows.push(lateRows(aggregation, this.#relation, id));
    const columns = outputs.map((output, n) =>
      this.#resultColumn(this.#columns[n] as SelectColumn, output, aggregation),
    );
    return { kind: 'project', id, input: aggregation, filter: condition, outputs, columns };
  }

  /** The edges of a window are event times of the stream of windows, `window_time` too though it is computed. */
  #resultColumn({ name, expression }: SelectColumn, output: BoundExpression, from: AggregationNode): RelationColumn {
    const column = projectedColumn(name, output, from.columns);
    const isTime = output.kind !== 'column' && edgeOf(expression, this.#written) === 'time';
    return isTime
      ? { ...column, time: isUnsteady(from.window, from.input) ? null : edgeTime(from.window, 'time') }
      : column;
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
      if (edgeOf(expression, this.#written) !== null && this.#findsWindow()) continue;
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
    const written = windowOf(call);
    if (this.#written !== null) {
      throw new LaminarError('LMN-2034', 'a query has one window, and this is the second', {
        hint: 'make a stream of each',
        at: { span: call.span },
      });
    }
    this.#written = written;
  }

  /** When the window of the input is grouped by, its edges are no keys. */
  #windowOfInput(): InputWindow | null {
    if (this.#written !== null) return null;
    const parts = { relation: this.#relation, context: this.#context };
    const found = inputWindow(
      this.#keys.map(({ bound }) => bound),
      parts,
    );
    if (found === null) return null;
    for (const { text, bound } of this.#keys) {
      if (bound === found.start) this.#keyEdges.set(text, 'start');
      if (bound === found.end) this.#keyEdges.set(text, 'end');
    }
    this.#keys = this.#keys.filter(({ text }) => !this.#keyEdges.has(text));
    return found;
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
    if (isAggregateCall(expression)) {
      const scope = inputScope(this.#relation, this.#context, 'an aggregate');
      return this.#aggregates.bind(expression, scope, this.#keys.length + (this.#window === null ? 0 : 2));
    }
    const text = canonical(expression);
    const key = this.#keys.findIndex((k) => k.text === text);
    if (key >= 0) {
      const { bound, name } = this.#keys[key] as { bound: BoundExpression; name: string };
      return { kind: 'column', index: key, name, type: bound.type, nullable: bound.nullable, span: expression.span };
    }
    const edge = this.#keyEdges.get(text) ?? (this.#keyEdges.size > 0 ? null : edgeOf(expression, this.#written));
    if (edge !== null && this.#window !== null) return this.#edge(edge, expression.span);
    const aliased = place === 'HAVING' ? this.#aliased(expression) : null;
    if (aliased !== null) return bindExpression(aliased, this.#scope(place));
    return refuseMisplaced(expression, place);
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

  /** Event time orders FIRST_VALUE and LAST_VALUE; without one, arrival. */
  #orderColumn(): number | null {
    if (this.#window !== null) return this.#window.column;
    const index = this.#relation.columns.findIndex((column) => column.time !== null);
    if (index < 0) return null;
    const { name, type, nullable } = this.#relation.columns[index] as RelationColumn;
    return this.#inputs.indexOf({ kind: 'column', index, name, type, nullable, span: this.#query.span });
  }

  #lateInputs(): number[] | null {
    const { late } = this.#context;
    return late === null ? null : lateInputs(late, this.#window, { relation: this.#relation, inputs: this.#inputs });
  }

  #aggregation(input: ProjectNode, late: number[] | null): AggregationNode {
    const plain = { time: null, field: null };
    const keys = input.columns.slice(0, this.#keys.length).map((column) => ({ ...column, ...plain }));
    const id = `${this.#context.id}.aggregate`;
    const edge = (name: string, of: 'start' | 'end'): RelationColumn => {
      const time = isUnsteady(this.#window, input) ? null : edgeTime(this.#window, of);
      return { name, type: TIMESTAMP, nullable: false, time, field: null, edge: { of, aggregation: id } };
    };
    const edges = this.#window === null ? [] : [edge('window_start', 'start'), edge('window_end', 'end')];
    return {
      kind: 'aggregation',
      id,
      input,
      keyCount: this.#keys.length,
      window: this.#window,
      aggregates: this.#aggregates.list,
      ...groupEmit(this.#context.emit, this.#window, this.#context.input),
      late,
      columns: [...keys, ...edges, ...this.#aggregates.columns()],
    };
  }
}
