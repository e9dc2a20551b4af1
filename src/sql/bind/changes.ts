// Changes on their way through a pipeline: who makes them, who takes them, and what is refused.
//
// An edge is append or retract by what makes its rows: an aggregation with corrections retracts, projections pass on
// what they get. Aggregations read both. A GROUP BY without a window and without EMIT gives either: changes to a sink
// whose format is made for them and to aggregations that give changes themselves, and the final table to any other.
// Where one stream has readers of both kinds, it is computed for each.

import { assert } from '../../base/assert.ts';
import { LaminarError } from '../../base/errors.ts';
import type { Changelog } from '../../data/changelog.ts';
import { FORMATS, OP_COLUMN_DEFAULT } from '../../plan/format-specs.ts';
import type { Span } from '../ast.ts';
import { nodesBelow } from '../optimize/rewrite.ts';
import { isOpenJoin } from './join-emit.ts';
import {
  inputsOf,
  type JoinNode,
  type LogicalNode,
  type LogicalPipeline,
  type LogicalSink,
  type OverNode,
  withInputs,
} from './logical.ts';
import { staysAsItIs } from './lookup-table.ts';
import { closeUnreadChanges } from './unread-changes.ts';
import { isUpsertSink, upsertKey } from './upserts.ts';

const WANT_ONCE = 'write EMIT FINAL, or EMIT ON WINDOW CLOSE where there is a window, to get each result once';

/** What the rows of a node can be. */
export function changelogOfNode(node: LogicalNode): Changelog {
  switch (node.kind) {
    case 'scan':
    case 'late':
    case 'lasting':
      return 'append';
    case 'join':
      return joinChanges(node) ? 'retract' : 'append';
    case 'changes':
      return node.key.length > 0 ? 'upsert' : 'retract';
    case 'table':
      return 'retract';
    case 'project':
      return node.insertions === true ? 'append' : changelogOfNode(node.input);
    case 'unnest':
      return changelogOfNode(node.input);
    case 'recall':
      return 'retract';
    case 'lookup':
      return changelogOfNode(node.inputs[0]);
    case 'union':
      return node.inputs.some((input) => changelogOfNode(input) === 'retract') ? 'retract' : 'append';
    case 'sort':
      return node.emit === 'update' ? 'retract' : 'append';
    case 'over':
      return overChanges(node) ? 'retract' : 'append';
    case 'limit':
      return 'append';
    case 'aggregation':
      return node.emit.on === 'close' || node.emit.on === 'default' ? 'append' : 'retract';
  }
}

/** Whether the rows of a join may be taken back. */
function joinChanges(node: JoinNode): boolean {
  if (node.hasVersions === true) return changelogOfNode(node.inputs[0]) === 'retract';
  if (node.inputs.some((input) => changelogOfNode(input) === 'retract')) return true;
  return node.emit === 'update' && (isOpenJoin(node) || node.inputs.some(canVary));
}

/** Whether the numbers of rows may be taken back. */
function overChanges({ emit, input }: OverNode): boolean {
  return emit === 'update' || changelogOfNode(input) === 'retract';
}

/** Whether it is open when the results of a node come out. */
export function canVary(node: LogicalNode): boolean {
  if (node.kind === 'lookup' && !staysAsItIs(node.inputs[1])) return false;
  if (node.kind === 'project' && node.insertions === true) return false;
  if (PASSES.has(node.kind)) return inputsOf(node).some(canVary);
  if (node.kind === 'join') {
    if (node.time !== null || node.asof !== null || node.emit === 'close') return false;
    return (node.emit === 'default' && isOpenJoin(node)) || node.inputs.some(canVary);
  }
  if (node.kind === 'over') return node.emit === 'default';
  return (
    (node.kind === 'aggregation' && node.emit.on === 'default') || (node.kind === 'sort' && node.emit === 'default')
  );
}

/** Where operators that read rows are written. */
const CLAUSES: Readonly<Record<string, string>> = {
  sort: 'ORDER BY',
  limit: 'LIMIT',
  over: 'OVER',
  unnest: 'UNNEST',
  join: 'an ASOF join',
  lookup: 'a lookup in a table that changes',
};

/** Refuses a query whose operators cannot read the changes that they would get. @throws LMN-2062 */
export function refuseChanges(node: LogicalNode, from: { name: string; span: Span }): void {
  for (const at of nodesBelow([node])) {
    if (readsChanges(at)) continue;
    const clause = at.kind === 'aggregation' ? 'OR AFTER … IDLE without corrections' : clauseOf(at);
    for (const input of inputsOf(at)) refuseChangesOf(input, from, clause);
  }
}

/** Nodes whose rows are changes if those they read are. */
const PASSES: ReadonlySet<LogicalNode['kind']> = new Set(['project', 'union', 'unnest', 'lookup'] as const);

/** Whether a node can read rows that are taken back. */
function readsChanges(node: LogicalNode): boolean {
  // What is taken back would find another row in a table that has changed.
  if (node.kind === 'lookup') return staysAsItIs(node.inputs[1]) || changelogOfNode(node.inputs[0]) === 'append';
  if (PASSES.has(node.kind) || node.kind === 'table' || node.kind === 'recall' || node.kind === 'lasting') return true;
  if (node.kind === 'join') {
    return node.asof === null || (node.hasVersions === true && changelogOfNode(node.inputs[0]) === 'append');
  }
  if (node.kind === 'over') return node.emit !== 'close';
  if (node.kind === 'sort') return node.time === null;
  if (node.kind !== 'aggregation') return false;
  return node.idleMicros === null || node.emit.on !== 'close';
}

/** Refuses the changes of a node that a clause would get. @throws LMN-2062 */
function refuseChangesOf(input: LogicalNode, from: { name: string; span: Span }, clause: string): void {
  if (changelogOfNode(input) === 'append') return;
  throw new LaminarError('LMN-2062', `${from.name} gives changes, and ${clause} takes only rows that stay`, {
    hint: `in ${makerOf(input)}, ${WANT_ONCE}`,
    at: { span: from.span },
  });
}

/** The part of a query that makes a node. */
export function clauseOf({ kind, id }: LogicalNode): string {
  return CLAUSES[kind] ?? (id.endsWith('.distinct') ? 'DISTINCT' : 'GROUP BY');
}

/** The stream whose results are the changes that a node passes on. */
function makerOf(node: LogicalNode): string {
  const input = PASSES.has(node.kind) ? inputsOf(node).find((one) => changelogOfNode(one) === 'retract') : undefined;
  return input === undefined ? streamOf(node) : makerOf(input);
}

export function streamOf({ id }: LogicalNode): string {
  return id.replace(/\.(aggregate|distinct|sort|over)(\.changes)?$/, '');
}

/**
 * Decides what was left open, and checks that every sink can take what it gets.
 * @throws LMN-2061, LMN-2063, LMN-2065
 */
export function settleChanges(given: LogicalPipeline): LogicalPipeline {
  const pipeline = closeUnreadChanges(given, takesChanges);
  const settle = new Settlement(pipeline);
  const sinks = pipeline.sinks.map((sink) => ({
    ...sink,
    inputs: sink.inputs.map((input) => settle.as(input, takesChanges(sink))),
  }));
  sinks.forEach(checkSink);
  return { ...pipeline, sinks: sinks.map((sink) => (isUpsertSink(sink) ? { ...sink, key: upsertKey(sink) } : sink)) };
}

function takesChanges(sink: LogicalSink): boolean {
  return formatOf(sink)?.changes === 'always' || sink.format.options['changelog'] !== undefined;
}

/** Nodes as they are for readers that want changes, and for others. */
class Settlement {
  /** Nodes that others want as a final table. */
  readonly #final = new Set<LogicalNode>();
  readonly #settled = { changes: new Map<LogicalNode, LogicalNode>(), final: new Map<LogicalNode, LogicalNode>() };
  readonly #varies = new Map<LogicalNode, boolean>();

  constructor(pipeline: LogicalPipeline) {
    const seen = { changes: new Set<LogicalNode>(), final: this.#final };
    const visit = (node: LogicalNode, wanted: boolean): void => {
      const wants = wanted && this.#canVary(node);
      const known = wants ? seen.changes : seen.final;
      if (known.has(node)) return;
      known.add(node);
      for (const input of inputsOf(node)) visit(input, wantsOfInputs(node, wants));
    };
    for (const sink of pipeline.sinks) for (const input of sink.inputs) visit(input, takesChanges(sink));
  }

  as(node: LogicalNode, wanted: boolean): LogicalNode {
    const wants = wanted && this.#canVary(node);
    const settled = wants ? this.#settled.changes : this.#settled.final;
    const known = settled.get(node);
    if (known !== undefined) return known;
    const made = this.#make(node, wants);
    settled.set(node, made);
    return made;
  }

  #make(node: LogicalNode, wants: boolean): LogicalNode {
    const before = inputsOf(node);
    const after = before.map((input) => this.as(input, wantsOfInputs(node, wants)));
    const same = after.every((input, index) => input === before[index]) ? node : withInputs(node, after);
    if (!wants) return same;
    const id = this.#final.has(node) ? `${node.id}.changes` : node.id;
    if (same.kind === 'aggregation') return { ...same, id, emit: { on: 'update' } };
    const hasEmit = same.kind === 'sort' || same.kind === 'join' || same.kind === 'over';
    return hasEmit ? { ...same, id, emit: 'update' } : { ...same, id };
  }

  /** Whether it is open when the results of a node come out. */
  #canVary(node: LogicalNode): boolean {
    const known = this.#varies.get(node);
    if (known !== undefined) return known;
    const varies = canVary(node);
    this.#varies.set(node, varies);
    return varies;
  }
}

/** Whether a node wants its inputs as changes. `wants`: it is wanted as changes, and could be a final table. */
function wantsOfInputs(node: LogicalNode, wants: boolean): boolean {
  if (node.kind === 'sort' || node.kind === 'join' || node.kind === 'over') return wants || node.emit === 'update';
  if (node.kind !== 'aggregation') return wants;
  const { on } = node.emit;
  return readsChanges(node) && (wants || (on !== 'close' && on !== 'default'));
}

function checkSink(sink: LogicalSink): void {
  const isAsked = sink.format.options['changelog'] !== undefined;
  if (!isAsked && sink.inputs.every((input) => changelogOfNode(input) === 'append')) return;
  const format = formatOf(sink);
  if (format === undefined) return;
  const place = sink.span === null ? {} : { at: { span: sink.span } };
  if (format.changes === 'never') {
    const able = FORMATS.filter((f) => f.changes !== 'never').map((f) => `'${f.name}'`);
    throw new LaminarError('LMN-2061', `sink ${sink.name} gets changes, and ${format.name} has no way to write them`, {
      hint: `${WANT_ONCE}; format = ${able.join(', ')} write changes`,
      ...place,
    });
  }
  if (format.changes === 'always') return;
  const name = String(sink.format.options['op_column'] ?? OP_COLUMN_DEFAULT).toLowerCase();
  const clash = sink.inputs[0]?.columns.find((column) => column.name.toLowerCase() === name);
  if (clash === undefined) return;
  throw new LaminarError('LMN-2063', `sink ${sink.name} gets changes, and has a column ${clash.name} already`, {
    hint: "name the field that says what kind of change a row is: op_column = 'change'",
    ...place,
  });
}

/** The sink's format; undefined for a sink that drops its rows. */
function formatOf(sink: LogicalSink) {
  if (sink.format.kind === 'none') return undefined;
  const format = FORMATS.find((f) => f.name === sink.format.kind);
  assert(format !== undefined, `format ${sink.format.kind} exists`);
  return format;
}
