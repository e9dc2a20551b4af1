// From a stream of a running pipeline, and a predicate over it, to what its cores are sent to read it.
//
//   SELECT * FROM view WHERE predicate     bound by the binder of pipelines, over the view as it was bound
//   π, σ (view)                            the optimizer may have merged the view into who reads it: then its own
//                                          projections are done again, down to a node that the pipeline computes
//   map over that node                     columns that nobody reads are not computed, and left out
//
// The plan that runs stays as it is.

import { assert } from '../base/assert.ts';
import { LaminarError, PipelineErrors } from '../base/errors.ts';
import { nearestName } from '../base/names.ts';
import { changeColumnOf } from '../data/changelog.ts';
import { type Column, type Schema, WATERMARK_COLUMN } from '../data/schema.ts';
import type { MapOutput, PhysicalPlan, PlanNode } from '../plan/physical-plan.ts';
import type { TapPlan, View } from '../plan/tap-plan.ts';
import type { Query } from './ast-query.ts';
import type { LogicalNode, ProjectNode } from './bind/logical.ts';
import type { BoundPipeline } from './bind/pipeline.ts';
import { bindQueryExpression } from './bind/query-expression.ts';
import { isInterpreted } from './codegen/host-code.ts';
import { generateModule, isAliased, type MapFunction } from './codegen/module.ts';
import type { BoundExpression } from './expression.ts';
import { expressionText } from './expression-text.ts';
import { merge } from './optimize/merge-projects.ts';
import { columnsLeft } from './optimize/optimize.ts';
import { countColumns, nodesOf, rewriteExpression } from './optimize/rewrite.ts';
import { parsePipeline } from './parser.ts';
import { columnIndex, hiddenValue } from './planner/columns.ts';
import { mayMakeEqual } from './planner/settles.ts';
import { asksClock, callIn } from './planner/time.ts';

export interface TapRequest {
  /** In any case. */
  view: string;
  /** A predicate over its columns; null: every row. */
  where: string | null;
}

/**
 * @param running the pipeline as it was bound, and the plan that was made of it.
 * @throws LMN-7014, LMN-7015 about the view; LaminarError or PipelineErrors, with places in `where`, about the predicate.
 */
export function compileTap(
  running: { bound: BoundPipeline; plan: PhysicalPlan },
  { view: wanted, where }: TapRequest,
): TapPlan {
  const { bound, plan } = running;
  const view = viewNamed(wanted, bound.views);
  const node = nodeOf(view, bound);
  const rows = computedRows(allRows(node, where === null ? null : filterOf(node, { view, where }, bound)), plan);
  const input = plan.nodes.find(({ id }) => id === rows.input.id) as PlanNode;
  const call = callIn(rows, 'watermark()');
  if (call !== null && columnIndex(input.schema, WATERMARK_COLUMN) < 0) {
    const hint = 'the rows of this stream do not carry it: compare with a column instead';
    throw new LaminarError('LMN-2017', 'watermark() is not known here', { hint });
  }
  const { leftOut, ...kept } = keptRows(rows, columnsLeft(bound).get(input.id) as readonly number[], view);
  return { view: view.name, ...mapOf(kept.rows, input, kept.place), usesClock: asksClock(rows), leftOut };
}

/** @throws LMN-7014 */
function viewNamed(wanted: string, views: readonly View[]): View {
  const found = views.find(({ name }) => name.toLowerCase() === wanted.toLowerCase());
  if (found !== undefined) return found;
  const names = views.map(({ name }) => name);
  const nearest = nearestName(wanted, names);
  const hint = nearest === undefined ? `it has ${names.join(', ')}` : `did you mean ${nearest}?`;
  throw new LaminarError('LMN-7014', `the pipeline has no stream ${wanted}`, { hint });
}

/**
 * Where a stream is computed as changes and as a final table, its changes are what happens now; of a table by key that
 * only joins read, there are its upserts. @throws LMN-7015
 */
function nodeOf({ name, id, kind }: View, bound: BoundPipeline): LogicalNode {
  const nodes = nodesOf(bound);
  const found = [`${id}.changes`, id, `${id}.upserts`].map((one) => nodes.find((node) => node.id === one));
  const node = found.find((one) => one !== undefined);
  if (node !== undefined) return node;
  throw new LaminarError('LMN-7015', `${kind} ${name} is not computed`, {
    hint: 'nothing in the pipeline reads it: a sink makes it run',
  });
}

/** SELECT * FROM the node WHERE the filter. */
function allRows(node: LogicalNode, filter: BoundExpression | null): ProjectNode {
  const span = { start: 0, end: 0 };
  const outputs = node.columns.map(
    ({ name, type, nullable }, index): BoundExpression => ({ kind: 'column', index, name, type, nullable, span }),
  );
  return { kind: 'project', id: 'tap', input: node, filter, outputs, columns: node.columns };
}

/** The predicate over the view's columns. @throws LaminarError, PipelineErrors; LMN-7016 for more than a predicate. */
function filterOf(
  node: LogicalNode,
  { view, where }: { view: View; where: string },
  { functions }: BoundPipeline,
): BoundExpression {
  const prefix = `SELECT * FROM "${view.name.replaceAll('"', '""')}" WHERE `;
  const text = `${prefix}${where}\n`;
  return inPlaceOf(prefix.length, where.length, () => {
    const [statement, ...others] = parsePipeline(text).statements;
    if (statement?.kind !== 'select' || others.length > 0) throw noPredicate();
    const { query, emit, lateness, late } = statement;
    const hasMore = emit !== null || lateness !== null || late !== null;
    if (query.kind !== 'query' || hasMore || !isPredicateAlone(query)) throw noPredicate();
    const place = { id: 'tap', text, functions, emit, lateness, late, notices: [], lateRows: [] };
    const bound = bindQueryExpression(query, { ...place, find: () => node });
    const isPlain = bound.kind === 'project' && bound.input === node && bound.filter !== null;
    if (!isPlain || bound.columns.length !== node.columns.length) throw noPredicate();
    return bound.filter as BoundExpression;
  });
}

/** Nothing stands behind the predicate. */
function isPredicateAlone({ where, groupBy, groupByAll, having, orderBy, limit }: Query): boolean {
  return (
    where !== null && groupBy.length === 0 && !groupByAll && having === null && orderBy.length === 0 && limit === null
  );
}

function noPredicate(): LaminarError {
  return new LaminarError('LMN-7016', '--where takes a predicate over the columns of one row', {
    hint: 'for example --where "symbol = \'ACME\' AND price > 100"; for anything else, add a stream to the pipeline',
  });
}

/** Gives errors places in the predicate alone. */
function inPlaceOf<T>(offset: number, length: number, work: () => T): T {
  const within = (at: number): number => Math.max(0, Math.min(at - offset, length));
  const move = (error: LaminarError): LaminarError => {
    const { code, message, hint, at } = error;
    const span = at?.span === undefined ? {} : { span: { start: within(at.span.start), end: within(at.span.end) } };
    const details = hint === undefined ? {} : { hint };
    return new LaminarError(code, message, { ...details, at: { ...at, ...span }, cause: error });
  };
  try {
    return work();
  } catch (error) {
    if (error instanceof PipelineErrors) throw new PipelineErrors(error.errors.map(move));
    throw error instanceof LaminarError ? move(error) : error;
  }
}

/** The same rows, made of a node that the pipeline computes: projections it has merged into others are done again. */
function computedRows(rows: ProjectNode, plan: PhysicalPlan): ProjectNode {
  let found = rows;
  while (!plan.nodes.some(({ id }) => id === found.input.id)) {
    assert(found.input.kind === 'project', 'only projections are merged into their readers');
    found = merge(found, found.input);
  }
  return found;
}

/** Without what needs columns that the pipeline does not compute. @throws LMN-7015 when nothing is left, or filters. */
function keptRows(rows: ProjectNode, kept: readonly number[], view: View) {
  const place = (index: number): number => kept.indexOf(index);
  const isKept = (expression: BoundExpression): boolean =>
    [...countColumns([expression]).keys()].every((index) => place(index) >= 0);
  if (rows.filter !== null && !isKept(rows.filter)) {
    const missing = [...countColumns([rows.filter]).keys()].filter((index) => place(index) < 0);
    const names = missing.map((index) => rows.input.columns[index]?.name).join(', ');
    throw new LaminarError('LMN-7015', `${names} of ${view.name} is not computed`, {
      hint: 'nothing in the pipeline reads it',
    });
  }
  const columns = rows.columns.filter((_, index) => isKept(rows.outputs[index] as BoundExpression));
  if (columns.length === 0) {
    throw new LaminarError('LMN-7015', `no column of ${view.kind} ${view.name} is computed`, {
      hint: 'the pipeline counts its rows and reads nothing of them',
    });
  }
  const leftOut = rows.columns.filter((column) => !columns.includes(column)).map(({ name }) => name);
  return { rows: { ...rows, columns, outputs: rows.outputs.filter(isKept) }, place, leftOut };
}

/** Compiles the projection over the node as the plan has it. */
function mapOf(
  rows: ProjectNode,
  input: PlanNode,
  place: (index: number) => number,
): Omit<TapPlan, 'view' | 'usesClock' | 'leftOut'> {
  const placed = (expression: BoundExpression): BoundExpression =>
    rewriteExpression(expression, (e) => {
      if (e.kind !== 'column') return e;
      const index = place(e.index);
      // A deletion among upserts need have nothing but its key.
      return { ...e, index, nullable: (input.schema[index] as Column).nullable };
    });
  const change = input.schema[changeColumnOf(input.schema)];
  const outputs = rows.outputs.map(placed);
  const visible = rows.columns.map(({ name, type, nullable }, index): Column => {
    const output = outputs[index] as BoundExpression;
    return { name, type, nullable: output.kind === 'column' ? output.nullable : nullable };
  });
  const schema: Schema = change === undefined ? visible : [...visible, change];
  if (change !== undefined) outputs.push(hiddenValue(input.schema, change));
  const filter = rows.filter === null ? null : placed(rows.filter);
  const settles = mayMakeEqual(rows);
  const map: MapFunction = {
    inputSchema: input.schema,
    filter,
    ...(settles ? { copies: true as const } : {}),
    outputs: outputs.map((expression, n) => ({ ...(schema[n] as Column), expression })),
  };
  const { functions, ...module } = generateModule([map]);
  const node = {
    kind: 'map' as const,
    id: 'tap',
    inputs: [input.id],
    schema,
    function: functions[0] as string,
    filter: filter === null ? null : expressionText(filter),
    filterInterpreted: filter !== null && isInterpreted(filter),
    outputs: map.outputs.map((column): MapOutput => {
      const { name, expression } = column;
      const own = expression.kind === 'column' ? { inputColumn: expression.index } : {};
      const text = expressionText(expression);
      return { name, text, aliased: isAliased(map, column), ...own, interpreted: isInterpreted(expression) };
    }),
    settles,
    anywhere: false,
  };
  return { map: node, ...module };
}
