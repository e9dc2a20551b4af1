// Probe joins: what the right side was at several times around each left row.
//
//   FROM l TEMPORAL PROBE JOIN r ON (k) LIST (0s, 5s) AS p
//
//   l ─► project: the offsets, a list ─► unnest ─► project: p.offset_ms, p.probe_ts ─► ASOF LEFT JOIN r, backward, at p.probe_ts
//
// A probe comes out once the watermark has passed its time. Those into the past are behind the watermark of their row; so the
// join waits for as long with both sides, and passes the watermark on later by as much.

import { LaminarError } from '../../base/errors.ts';
import { PROBE_OFFSETS_MAX } from '../../base/limits.ts';
import { BIGINT, listOf, TIMESTAMP } from '../../data/type.ts';
import type { Identifier, Span } from '../ast.ts';
import type { Expression, IntervalLiteral } from '../ast-expression.ts';
import type { JoinReference, ProbeClause } from '../ast-query.ts';
import type { BoundExpression } from '../expression.ts';
import { compare } from './conditions.ts';
import { bindExpression } from './expressions.ts';
import type { JoinedNames } from './join-names.ts';
import type { JoinedPair, JoinTree } from './join-tree.ts';
import { intervalMicros, literal } from './literals.ts';
import type { LogicalNode, ProjectNode, RelationColumn, UnnestNode } from './logical.ts';
import { columnAt } from './order.ts';
import { inputScope, type QueryContext } from './query.ts';

/** The probes of a side: its columns, then the offset in ms and the time of each probe. */
export interface ProbeTree {
  kind: 'probe';
  input: JoinTree;
  names: JoinedNames;
  columns: readonly RelationColumn[];
  /** Column of the input with the time. */
  time: number;
  /** µs. */
  offsets: readonly bigint[];
  clause: ProbeClause;
  functions: QueryContext['functions'];
  span: Span;
}

const STEP_MICROS = 1_000_000n;

/** @throws LMN-2164 */
export function probeTree(clause: ProbeClause, input: JoinTree, context: Pick<QueryContext, 'functions'>): ProbeTree {
  const { alias, times } = clause;
  const time = timeOf(input, times?.[0] ?? null, alias.span);
  const offsets = offsetsOf(clause);
  const first = offsets.reduce((a, b) => (a < b ? a : b));
  const known = input.columns[time]?.time ?? null;
  const added = ['offset_ms', 'probe_ts'].map((name) => {
    return { owner: alias.name, name, unique: `${alias.name}.${name}`, isMerged: false };
  });
  const ahead = known === null || known.aheadMicros === null ? null : (known.aheadMicros ?? 0) + Number(first);
  const columns: RelationColumn[] = [
    ...input.columns,
    { name: `${alias.name}.offset_ms`, type: BIGINT, nullable: false, time: null, field: null },
    {
      name: `${alias.name}.probe_ts`,
      type: TIMESTAMP,
      nullable: (input.columns[time] as RelationColumn).nullable,
      time: known === null || ahead === null ? null : { perRow: known.perRow, aheadMicros: ahead },
      field: null,
    },
  ];
  const count = input.columns.length;
  const names = {
    columns: [...input.names.columns, ...added],
    star: [...input.names.star, count, count + 1],
  };
  const { functions } = context;
  return { kind: 'probe', input, names, columns, time, offsets, clause, functions, span: alias.span };
}

/** What a probe is matched with: the last row at its time or before. @throws LMN-2164 */
export function probeMatch({ probe, span }: JoinReference, probes: ProbeTree, right: JoinTree): JoinedPair['asof'] {
  const since = timeOf(right, probe?.times?.[1] ?? null, span);
  const at = probes.columns.length - 1;
  const left = columnAt(probes.columns[at] as RelationColumn, at);
  const index = probes.columns.length + since;
  const version = columnAt(right.columns[since] as RelationColumn, index);
  return { comparisons: [compare('>=', left, version, span)], isNearest: false };
}

/** The nodes of a side's probes; `input`: those of the side. */
export function probeNode(
  { columns, time, offsets, functions }: ProbeTree,
  input: LogicalNode,
  id: string,
): LogicalNode {
  const count = input.columns.length;
  const span = { start: 0, end: 0 };
  const list: BoundExpression = {
    kind: 'call',
    function: 'list_value(T,…)',
    arguments: offsets.map((micros) => literal(micros, BIGINT, span)),
    type: listOf(BIGINT),
    nullable: false,
    span,
  };
  const plain = (name: string, type: RelationColumn['type'], nullable: boolean): RelationColumn => {
    return { name, type, nullable, time: null, field: null };
  };
  const lists: ProjectNode = {
    kind: 'project',
    id: `${id}.offsets`,
    input,
    filter: null,
    outputs: [...input.columns.map(columnAt), list],
    columns: [...input.columns, plain('offsets', listOf(BIGINT), false)],
  };
  const unnest: UnnestNode = {
    kind: 'unnest',
    id: `${id}.unnest`,
    input: lists,
    keeps: input.columns.map((_, index) => index),
    lists: [count],
    ordinality: false,
    outer: false,
    columns: [...input.columns, plain('offset', BIGINT, true)],
  };
  const scope = inputScope({ name: 'the probes', columns: unnest.columns }, { functions }, 'a probe join');
  const bind = (expression: Expression) => bindExpression(expression, scope);
  const named = (name: string): Expression => ({ kind: 'column', path: [{ name, quoted: true, span }], span });
  const offset = call('coalesce', [named('offset'), number('0')]);
  const micro: Expression = { kind: 'interval', text: '1', unit: 'MICROSECOND', span };
  const moved: Expression = binary(
    '+',
    named((input.columns[time] as RelationColumn).name),
    binary('*', offset, micro),
  );
  const made = [bind(binary('//', offset, number('1000'))), bind(moved)];
  return {
    kind: 'project',
    id,
    input: unnest,
    filter: null,
    outputs: [...input.columns.map(columnAt), neverNull(made[0] as BoundExpression), made[1] as BoundExpression],
    columns: [...input.columns, ...columns.slice(count)],
  };
}

/** A quotient, which is NULL only for a divisor of 0. */
function neverNull(operand: BoundExpression): BoundExpression {
  const zero = literal(0n, operand.type, operand.span);
  return { kind: 'coalesce', operands: [operand, zero], type: operand.type, nullable: false, span: operand.span };
}

const NOWHERE = { start: 0, end: 0 };

function number(text: string): Expression {
  return { kind: 'number', text, span: NOWHERE };
}

function binary(operator: '+' | '*' | '//', left: Expression, right: Expression): Expression {
  return { kind: 'binary', operator, left, right, span: NOWHERE };
}

function call(name: string, list: Expression[]): Expression {
  return {
    kind: 'call',
    name: { name, quoted: false, span: NOWHERE },
    arguments: list,
    distinct: false,
    star: false,
    order: null,
    filter: null,
    over: null,
    span: NOWHERE,
  };
}

// --- offsets and times ---

/** In their order, each once. @throws LMN-2164 */
function offsetsOf({ offsets, alias }: ProbeClause): bigint[] {
  const micros = (interval: IntervalLiteral) => BigInt(intervalMicros(interval));
  const { span } = offsets;
  const refuse = (message: string, hint: string) => new LaminarError('LMN-2164', message, { hint, at: { span } });
  if (offsets.kind === 'list') {
    const all = [...new Set(offsets.items.map(micros))];
    if (all.length <= PROBE_OFFSETS_MAX) return all;
    throw refuse(`${alias.name} has ${all.length} offsets`, `there may be ${PROBE_OFFSETS_MAX}`);
  }
  const [from, to] = [micros(offsets.from), micros(offsets.to)];
  const step = offsets.step === null ? STEP_MICROS : micros(offsets.step);
  if (step <= 0n || to < from) {
    throw refuse('the range of offsets does not go up', 'write RANGE FROM the first TO the last STEP a length of time');
  }
  const count = (to - from) / step + 1n;
  if (count > PROBE_OFFSETS_MAX)
    throw refuse(`${alias.name} has ${count} offsets`, `there may be ${PROBE_OFFSETS_MAX}: take a longer STEP`);
  return Array.from({ length: Number(count) }, (_, index) => from + BigInt(index) * step);
}

/** The column that TIMESTAMPS names, or the event time of a side. @throws LMN-2164 */
function timeOf({ names, columns }: JoinTree, named: Identifier | null, span: Span): number {
  if (named !== null) {
    const index = names.columns.findIndex(({ name }) => name.toLowerCase() === named.name.toLowerCase());
    if (columns[index]?.type.kind === 'TIMESTAMP') return index;
    throw new LaminarError('LMN-2164', `there is no TIMESTAMP column ${named.name} on that side`, {
      at: { span: named.span },
    });
  }
  const timed = columns.flatMap(({ time }, index) => (time === null ? [] : [index]));
  const [only, another] = timed;
  if (only !== undefined && another === undefined) return only;
  const listed = timed.map((index) => names.columns[index]?.name).join(' and ');
  const which = only === undefined ? 'no event time' : `several event times, ${listed}`;
  throw new LaminarError('LMN-2164', `a side of the probe join has ${which}`, {
    hint: 'name one of each side: TIMESTAMPS (l_time, r_time)',
    at: { span },
  });
}
