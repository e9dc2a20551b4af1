// A query over one relation: filter and project, or GROUP BY (grouping.ts).

import { formatDuration } from '../../base/duration.ts';
import { LaminarError } from '../../base/errors.ts';
import type { EmitClause, Identifier, LateDataClause, LatenessClause, Span } from '../ast.ts';
import type { Expression } from '../ast-expression.ts';
import type { Query, SelectItem, StarItem } from '../ast-query.ts';
import type { BoundExpression } from '../expression.ts';
import { isAggregateCall } from './aggregates.ts';
import { clockOf } from './clock.ts';
import { settle } from './coerce.ts';
import { distinctRows } from './distinct.ts';
import { checkPlainEmit } from './emit.ts';
import { bindCondition, bindExpression } from './expressions.ts';
import { withoutFirstRows } from './first-rows.ts';
import { bindGroupedQuery } from './grouping.ts';
import { GroupInputs } from './grouping-inputs.ts';
import { lateInputs } from './late.ts';
import { intervalMicros } from './literals.ts';
import type { LogicalNode, ProjectNode, RelationColumn } from './logical.ts';
import { refuseMisplaced } from './misplaced.ts';
import { bindOrder, limitRows, sortQuery } from './order.ts';
import { bindOverQuery } from './over.ts';
import { hasOver } from './over-parts.ts';
import { type FunctionCatalog, findColumn, type Relation, relationColumn, type Scope } from './scope.ts';
import { bindFrom, bindUnnestSelect } from './unnest.ts';

/** What a query stands in and what it reads. */
export interface QueryContext {
  /** Id of the stream or sink that it fills. */
  id: string;
  /** The pipeline text, for the names of columns without one. */
  text: string;
  functions: FunctionCatalog;
  input: LogicalNode;
  emit: EmitClause | null;
  lateness: LatenessClause | null;
  late: LateDataClause | null;
  notices: string[];
  /** Takes the late rows that `late` asks for. */
  lateRows: LogicalNode[];
}

/** One column of the select list, `*` expanded. */
export interface SelectColumn {
  name: string;
  expression: Expression;
}

/** @throws LMN-20nn. */
export function bindQuery(written: Query, given: QueryContext, reads: Relation): LogicalNode {
  const { relation, context } = bindFrom(written, given, reads);
  const selected = selectColumns(written.items, relation, context.text);
  const query = withoutFirstRows(written, selected, { relation, context });
  const order = bindOrder(query, selected);
  if (query.distinct) refuseHidden(query, order.hiddenCount);
  const below = query.distinct ? { ...context, id: `${context.id}.all`, emit: null } : context;
  const rows = bindRows(query, order.columns, relation, below);
  const node = query.distinct ? distinctRows(rows, context) : rows;
  if (query.orderBy.length > 0) return sortQuery(node, query, order, context);
  return query.limit === null ? node : limitRows(node, query.limit, context);
}

/** The query up to QUALIFY. */
function bindRows(
  query: Query,
  columns: readonly SelectColumn[],
  relation: Relation,
  context: QueryContext,
): ProjectNode {
  const bindBelow = (below: readonly SelectColumn[]) => bindSelect(query, below, relation, context);
  return hasOver(query, columns) ? bindOverQuery({ query, columns, context, bindBelow }) : bindBelow(columns);
}

/** The query up to HAVING, with these columns. */
function bindSelect(
  query: Query,
  columns: readonly SelectColumn[],
  relation: Relation,
  context: QueryContext,
): ProjectNode {
  const isGrouped =
    query.groupBy.length > 0 ||
    query.groupByAll ||
    query.having !== null ||
    columns.some(({ expression }) => containsAggregate(expression));
  if (!isGrouped) return bindPlainQuery(query, columns, relation, context);
  const keys = query.groupByAll ? keysOfAll(columns) : query.groupBy;
  return bindGroupedQuery({ ...query, groupBy: keys }, columns, relation, context);
}

/** GROUP BY ALL: every column of the select list without an aggregate. */
function keysOfAll(columns: readonly SelectColumn[]): Expression[] {
  return columns.map(({ expression }) => expression).filter((expression) => !containsAggregate(expression));
}

/** @throws LMN-2080 */
function refuseHidden({ orderBy }: Query, hiddenCount: number): void {
  if (hiddenCount === 0) return;
  throw new LaminarError('LMN-2080', 'ORDER BY of SELECT DISTINCT takes columns of the select list', {
    hint: 'rows that are equal in it may differ in what else there is: add the column to the select list',
    at: { span: (orderBy[0] as Query['orderBy'][number]).span },
  });
}

function bindPlainQuery(
  query: Query,
  columns: readonly SelectColumn[],
  relation: Relation,
  context: QueryContext,
): ProjectNode {
  if (context.lateness !== null) throw latenessWithoutWindow(context.lateness);
  if (context.late !== null) lateInputs(context.late, null, { relation, inputs: new GroupInputs() });
  checkPlainEmit(context.emit, context.input);
  const filter = query.where === null ? null : bindCondition(query.where, inputScope(relation, context, 'WHERE'));
  const plain = inputScope(relation, context, 'a select list without GROUP BY');
  const unnest = bindUnnestSelect(columns, filter, relation, context);
  const scope =
    unnest === null ? plain : { ...plain, intercept: (e: Expression) => unnest.intercept(e) ?? plain.intercept(e) };
  const outputs = columns.map(({ expression }) => settle(bindExpression(expression, scope)));
  return {
    kind: 'project',
    id: context.id,
    input: unnest?.input ?? context.input,
    filter: unnest === null ? filter : null,
    outputs,
    columns: outputs.map((output, n) => projectedColumn((columns[n] as SelectColumn).name, output, relation.columns)),
  };
}

/** Names mean columns of the relation; aggregates and windows do not belong here. */
export function inputScope(relation: Relation, context: Pick<QueryContext, 'functions'>, place: string): Scope {
  return {
    functions: context.functions,
    place,
    intercept: (expression) => refuseMisplaced(expression, place),
    column: (path, span) => relationColumn(relation, path, span),
  };
}

/** A column passed on unchanged keeps what is known of it. */
export function projectedColumn(
  name: string,
  output: BoundExpression,
  from: readonly RelationColumn[],
): RelationColumn {
  const origin = output.kind === 'column' ? (from[output.index] as RelationColumn) : null;
  const { type, nullable } = output;
  const edge = origin?.edge === undefined ? {} : { edge: origin.edge };
  return {
    name,
    type,
    nullable,
    time: origin?.time ?? null,
    field: origin?.field ?? null,
    ...edge,
    ...clockOf(origin, output),
  };
}

function selectColumns(items: readonly SelectItem[], relation: Relation, text: string): SelectColumn[] {
  const columns = items.flatMap((item) =>
    item.kind === 'star' ? starColumns(item, relation) : [named(item, relation, text)],
  );
  const seen = new Set<string>();
  columns.forEach(({ name, expression }) => {
    const key = name.toLowerCase();
    if (seen.has(key)) {
      throw new LaminarError('LMN-2004', `two columns of the result are called ${name}`, {
        hint: 'give one of them another name with AS',
        at: { span: expression.span },
      });
    }
    seen.add(key);
  });
  return columns;
}

function starColumns(star: StarItem, relation: Relation): SelectColumn[] {
  const { qualifier, exclude, replace, span } = star;
  const owners = relation.owners ?? relation.columns.map(() => relation.name);
  const isMeant = (owner: string) => qualifier === null || qualifier.name.toLowerCase() === owner.toLowerCase();
  if (!owners.some(isMeant) && qualifier !== null) {
    throw new LaminarError('LMN-2003', `this query reads ${relation.name}, not ${qualifier.name}`, { at: { span } });
  }
  for (const { name, span: at } of [...exclude, ...replace.map((one) => one.name)]) {
    relationColumn(relation, [{ name, quoted: true, span: at }], at);
  }
  return relation.columns.flatMap(({ name }, index): SelectColumn[] => {
    const owner = owners[index] as string;
    const isNamed = (other: Identifier) => other.name.toLowerCase() === name.toLowerCase();
    if (!isMeant(owner) || exclude.some(isNamed)) return [];
    const other = replace.find((one) => isNamed(one.name));
    if (other !== undefined) return [{ name, expression: other.expression }];
    const column = { name, quoted: true, span };
    const path = relation.owners === undefined ? [column] : [{ name: owner, quoted: true, span }, column];
    return [{ name, expression: { kind: 'column', path, span } }];
  });
}

/** Without an alias a column keeps the spelling of its definition, and anything else is called as it is written. */
function named(
  { expression, alias, span }: Extract<SelectItem, { kind: 'expression' }>,
  relation: Relation,
  text: string,
): SelectColumn {
  if (alias !== null) return { name: alias.name, expression };
  if (expression.kind === 'column') {
    const index = findColumn(relation, expression.path);
    const written = expression.path.at(-1)?.name ?? '';
    return { name: relation.columns[index]?.name ?? written, expression };
  }
  return { name: writtenText(text, span), expression };
}

function writtenText(text: string, span: Span): string {
  return text.slice(span.start, span.end).replace(/\s+/g, ' ');
}

/** Whether any node of the tree is an aggregate. */
export function containsAggregate(expression: Expression): boolean {
  let found = false;
  const visit = (value: unknown): void => {
    if (found || typeof value !== 'object' || value === null) return;
    if ('kind' in value && isAggregateCall(value as Expression)) found = true;
    else for (const child of Object.values(value)) visit(child);
  };
  visit(expression);
  return found;
}

export function latenessWithoutWindow(lateness: LatenessClause): LaminarError {
  return new LaminarError('LMN-2033', 'ALLOW LATENESS needs a window in GROUP BY', {
    hint: "add TUMBLE(ts, INTERVAL '1' MINUTE) to the GROUP BY",
    at: { span: lateness.span },
  });
}

/** µs that a window stays open behind the watermark. @throws LMN-2033 */
export function allowedLateness(lateness: LatenessClause | null): number {
  if (lateness === null) return 0;
  const micros = intervalMicros(lateness.allowed);
  if (micros >= 0) return micros;
  throw new LaminarError('LMN-2033', `a lateness of ${formatDuration(micros)} cannot be allowed`, {
    hint: 'it is how long a window stays open behind the watermark: zero or more',
    at: { span: lateness.allowed.span },
  });
}
