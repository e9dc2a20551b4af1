// Logical plan to physical plan: nodes get schemas, expressions become compiled maps, and what rows carry besides is
// threaded through: the running watermark from the sources to the windows that ask for it, changes from where they are
// made to the sinks.
//
// The watermark column. A window with `perRow` decides lateness by the watermark each row carries. Every node between
// its source and it has that column as a hidden one behind the others: the source makes it, projections pass it on.
//
// Changes. Nodes whose rows are changes have the hidden CHANGE_COLUMN last. Where a sink gets changes from one input
// and plain rows from another, a map marks the plain rows as insertions.

import { CHANGE, CHANGE_COLUMN, UPSERT } from '../../data/changelog.ts';
import type { Column, Schema } from '../../data/schema.ts';
import { WATERMARK_COLUMN } from '../../data/schema.ts';
import { BIGINT, TIMESTAMP } from '../../data/type.ts';

import type { JoinNode as JoinPlanNode } from '../../plan/join-node.ts';
import type {
  MapNode,
  MapOutput,
  PhysicalPlan,
  PlanNode,
  UnionNode as UnionPlanNode,
} from '../../plan/physical-plan.ts';
import type { SourceNode, WatermarkMark } from '../../plan/source-node.ts';
import { changelogOfNode } from '../bind/changes.ts';
import {
  inputsOf,
  type JoinNode,
  type LogicalNode,
  type LogicalPipeline,
  type LogicalSink,
  type ProjectNode,
  type ScanNode,
  type UnionNode,
} from '../bind/logical.ts';
import { isInterpreted } from '../codegen/host-code.ts';
import { generateModule, isAliased, type MapFunction } from '../codegen/module.ts';
import type { BoundExpression } from '../expression.ts';
import { expressionText } from '../expression-text.ts';
import { nodesOf } from '../optimize/rewrite.ts';
import { aggregateNode } from './aggregate.ts';
import { changesNode } from './changes.ts';
import { columnIndex, comes, hiddenValue, INSERTION, upsertSchema, visibleSchema } from './columns.ts';
import { joinNode } from './join.ts';
import { lookupNode, lookupParts } from './lookup.ts';
import { limitNode, overNode, sortNode } from './ordered.ts';
import { lastingNode, recallNode } from './recall.ts';
import { mayMakeEqual } from './settles.ts';
import {
  alignmentNotices,
  asksClock,
  asksProgress,
  callIn,
  canCarry,
  checkWatermarkCall,
  needsProgress,
} from './time.ts';
import { unnestNode } from './unnest.ts';

const HIDDEN: Column = { name: WATERMARK_COLUMN, type: BIGINT, nullable: false, hidden: true };

export function planPipeline(pipeline: LogicalPipeline): PhysicalPlan {
  return new Planner(pipeline).plan();
}

interface MapShape {
  id: string;
  input: LogicalNode;
  inputSchema: Schema;
  schema: Schema;
  filter: BoundExpression | null;
  settles: boolean;
}

class Planner {
  readonly #pipeline: LogicalPipeline;
  /** Nodes whose rows carry the watermark. */
  readonly #carries = new Set<LogicalNode>();
  /** Projections whose rows become changes: a union puts them beside others that are. */
  readonly #marked = new Set<LogicalNode>();
  readonly #maps: MapFunction[] = [];
  readonly #nodes: PlanNode[] = [];

  constructor(pipeline: LogicalPipeline) {
    this.#pipeline = pipeline;
  }

  plan(): PhysicalPlan {
    const { sinks, notices } = this.#pipeline;
    const { stateTtlMicros: _ttl, ...settings } = this.#pipeline.settings;
    const logical = nodesOf(this.#pipeline);
    for (const node of [...logical].reverse()) {
      this.#askInputs(node);
      if (node.kind === 'scan' && needsProgress(node.source)) this.#carries.add(node);
    }
    for (const node of logical) this.#nodes.push(this.#node(node));
    for (const sink of sinks) this.#sink(sink);
    const { functions: _, ...module } = generateModule(this.#maps);
    const all = [...notices, ...alignmentNotices(this.#nodes)];
    return { version: 1, ...settings, nodes: this.#nodes, ...module, usesClock: logical.some(asksClock), notices: all };
  }

  /** Says what the rows that a node reads must have besides their columns. */
  #askInputs(node: LogicalNode): void {
    const isUnion = node.kind === 'union';
    if (node.kind === 'join') {
      const times = node.time ?? node.bounds;
      if (times?.left.perRow === true) this.#carries.add(node.inputs[0]);
      if (times?.right.perRow === true) this.#carries.add(node.inputs[1]);
      return;
    }
    if (node.kind === 'lookup') {
      if (this.#carries.has(node)) this.#carries.add(node.inputs[0]);
      return;
    }
    for (const input of inputsOf(node)) {
      if (this.#asks(node) && (isUnion || canCarry(input))) this.#carries.add(input);
      if (isUnion && changelogOfNode(node) === 'retract') this.#marked.add(input);
    }
  }

  #node(node: LogicalNode): PlanNode {
    switch (node.kind) {
      case 'scan':
        return this.#source(node);
      case 'project':
        return this.#map(node);
      case 'aggregation':
        return aggregateNode(node, this.#schema(node), this.#schema(node.input));
      case 'unnest':
        return unnestNode(node, this.#schema(node.input), this.#schema(node));
      case 'sort':
        return sortNode(node, this.#schema(node), this.#schema(node.input));
      case 'limit':
        return limitNode(node, this.#schema(node));
      case 'union':
        return this.#union(node);
      case 'late':
        return { kind: 'late', id: node.id, inputs: [node.input.id], schema: this.#schema(node) };
      case 'over':
        return overNode(node, this.#schema(node), this.#schema(node.input));
      case 'changes':
        return changesNode(node, this.#schema(node), this.#schema(node.input));
      case 'table':
        return { kind: 'table', id: node.id, inputs: [node.input.id], schema: this.#schema(node) };
      case 'join':
        return this.#join(node);
      case 'recall':
        return recallNode(node, this.#schema(node), this.#schema(node.inputs[1]));
      case 'lasting':
        return lastingNode(node, this.#schema(node), this.#schema(node.input));
      case 'lookup':
        return lookupNode(node, this.#schema(node), [this.#schema(node.inputs[0]), this.#schema(node.inputs[1])]);
    }
  }

  #join(node: JoinNode): JoinPlanNode {
    const { stateTtlMicros } = this.#pipeline.settings;
    return joinNode(node, {
      schema: this.#schema(node),
      inputSchemas: [this.#schema(node.inputs[0]), this.#schema(node.inputs[1])],
      ttlMicros: stateTtlMicros === 0 ? null : stateTtlMicros,
      compile: (map) => `map${this.#maps.push(map) - 1}`,
    });
  }

  /** Whether the rows that a node reads must carry the watermark. */
  #asks(node: LogicalNode): boolean {
    if (node.kind === 'aggregation') return node.window?.perRow ?? false;
    if (node.kind === 'sort' || node.kind === 'over' || node.kind === 'lasting') return node.time?.perRow ?? false;
    return this.#carries.has(node) || callIn(node, 'watermark()') !== null;
  }

  /** Columns of a node, the hidden ones last. */
  #schema(node: LogicalNode): Schema {
    const changelog = changelogOfNode(node);
    const schema = [...visibleSchema(node.columns)];
    if (this.#carries.has(node)) schema.push(HIDDEN);
    if (node.kind === 'changes' && changelog === 'upsert') return upsertSchema(schema, node.key);
    if (changelog === 'upsert') schema.push(UPSERT);
    if (changelog === 'retract' || this.#marked.has(node)) schema.push(CHANGE);
    return schema;
  }

  #source(node: ScanNode): SourceNode {
    const { source } = node;
    const { name, connector, format, fields, onError, deadLetterPath, maxRecordBytes, watermark } = source;
    const output = this.#carries.has(node) ? node.columns.length : null;
    const splits = output === null ? 'sequential' : source.splits;
    return {
      kind: 'source',
      id: node.id,
      inputs: [],
      schema: this.#schema(node),
      name,
      connector,
      format,
      fields,
      onError,
      deadLetterPath,
      maxRecordBytes,
      splits,
      idleTimeoutMicros: source.idleTimeoutMicros,
      alignment: source.alignment,
      watermark: watermark === null ? null : { ...watermark, output, mark: this.#mark(node, watermark.mark) },
      ...lookupParts(source.lookup),
    };
  }

  /** What moves a watermark, compiled unless it is a column. */
  #mark(node: ScanNode, mark: BoundExpression | null): WatermarkMark | null {
    if (mark === null) return null;
    const text = expressionText(mark);
    if (mark.kind === 'column') return { kind: 'column', column: mark.index, text };
    const output = { name: 'mark', expression: mark, type: TIMESTAMP, nullable: true };
    const index = this.#maps.push({ inputSchema: this.#schema(node), filter: null, outputs: [output] }) - 1;
    return { kind: 'computed', function: `map${index}`, text };
  }

  /** @throws LMN-2017 for watermark() over rows that have none. */
  #map(node: ProjectNode): MapNode {
    checkWatermarkCall(node);
    const inputSchema = this.#schema(node.input);
    const schema = this.#schema(node);
    const hidden = schema.filter((column) => column.hidden).map((column) => hiddenValue(inputSchema, column));
    const { id, input } = node;
    const filter = node.insertions === true ? comes(inputSchema) : node.filter;
    const shape = { id, input, inputSchema, schema, filter, settles: mayMakeEqual(node) };
    return this.#compile(shape, [...node.outputs, ...hidden]);
  }

  #compile(shape: MapShape, expressions: BoundExpression[]): MapNode {
    const { id, input, inputSchema, schema, settles } = shape;
    const map: MapFunction = {
      inputSchema,
      filter: shape.filter,
      ...(settles ? { copies: true as const } : {}),
      outputs: expressions.map((expression, n) => {
        const { name, type, nullable } = schema[n] as Column;
        return { name, expression, type, nullable };
      }),
    };
    const index = this.#maps.push(map) - 1;
    const outputs = map.outputs.map(
      (column): MapOutput => ({
        name: column.name,
        text: expressionText(column.expression),
        aliased: isAliased(map, column),
        ...(column.expression.kind === 'column' ? { inputColumn: column.expression.index } : {}),
        interpreted: isInterpreted(column.expression),
      }),
    );
    const filter = shape.filter === null ? null : expressionText(shape.filter);
    const filterInterpreted = shape.filter !== null && isInterpreted(shape.filter);
    const name = `map${index}`;
    const all = shape.filter === null ? expressions : [shape.filter, ...expressions];
    const anywhere = !all.some((expression) => isInterpreted(expression) || asksProgress(expression));
    const how = { function: name, filter, filterInterpreted, outputs, settles, anywhere };
    return { kind: 'map', id, inputs: [input.id], schema, ...how };
  }

  #sink({ id, name, connector, format, inputs, key }: LogicalSink): void {
    const isAsked = key !== undefined || format.options['changelog'] === 'weight';
    const hasChanges = isAsked || inputs.some((input) => changelogOfNode(input) === 'retract');
    const marked = inputs.map((input, index) => {
      if (!hasChanges || changelogOfNode(input) === 'retract') return input.id;
      const map = this.#insertions(input, `${id}.input${index === 0 ? '' : index + 1}`);
      this.#nodes.push(map);
      return map.id;
    });
    const visible = visibleSchema((inputs[0] as LogicalNode).columns);
    const end = { kind: 'sink' as const, id, name, connector, format };
    if (key === undefined) {
      this.#nodes.push({ ...end, inputs: marked, schema: hasChanges ? [...visible, CHANGE] : visible });
      return;
    }
    const schema = upsertSchema(visible, key);
    const upserts = marked.map((input, index) => {
      const node = {
        kind: 'upserts' as const,
        id: `${id}.upserts${index === 0 ? '' : index + 1}`,
        inputs: [input],
        schema,
      };
      this.#nodes.push(node);
      return node.id;
    });
    this.#nodes.push({ ...end, inputs: upserts, schema });
  }

  /** Rows that stay, as changes: insertions all. */
  #insertions(input: LogicalNode, id: string): MapNode {
    const inputSchema = this.#schema(input);
    const schema = [...visibleSchema(input.columns), CHANGE];
    const columns = schema.map(({ name, type, nullable }, index): BoundExpression => {
      const span = { start: 0, end: 0 };
      if (name === CHANGE_COLUMN) return INSERTION;
      return { kind: 'column', index, name, type, nullable, span };
    });
    return this.#compile({ id, input, inputSchema, schema, filter: null, settles: false }, columns);
  }

  #union(node: UnionNode): UnionPlanNode {
    const schema = this.#schema(node);
    const watermarkColumn = this.#carries.has(node) ? columnIndex(schema, WATERMARK_COLUMN) : null;
    return { kind: 'union', id: node.id, inputs: node.inputs.map(({ id }) => id), schema, watermarkColumn };
  }
}
