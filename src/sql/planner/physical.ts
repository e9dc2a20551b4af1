// Logical plan to physical plan: nodes get schemas, expressions become compiled maps, and the running watermark is
// threaded from the sources to the windows that ask for it.
//
// The watermark column. A window with `perRow` decides lateness by the watermark each row carries. Every node between
// its source and it has that column as its last, hidden one: the source makes it, projections pass it on.

import type { Column, Schema } from '../../data/schema.ts';
import { WATERMARK_COLUMN } from '../../data/schema.ts';
import { BIGINT } from '../../data/type.ts';
import type {
  AggregateNode,
  MapNode,
  MapOutput,
  PhysicalPlan,
  PlanNode,
  SinkNode,
  SourceNode,
} from '../../plan/physical-plan.ts';
import type {
  AggregationNode,
  LogicalNode,
  LogicalPipeline,
  LogicalSink,
  ProjectNode,
  RelationColumn,
  ScanNode,
} from '../bind/logical.ts';
import { generateModule, isAliased, type MapFunction } from '../codegen/module.ts';
import type { BoundExpression } from '../expression.ts';
import { expressionText } from '../expression-text.ts';
import { nodesOf } from '../optimize/rewrite.ts';

const HIDDEN: Column = { name: WATERMARK_COLUMN, type: BIGINT, nullable: false, hidden: true };

export function planPipeline(pipeline: LogicalPipeline): PhysicalPlan {
  return new Planner(pipeline).plan();
}

class Planner {
  readonly #pipeline: LogicalPipeline;
  /** Nodes whose rows carry the watermark. */
  readonly #carries = new Set<LogicalNode>();
  readonly #maps: MapFunction[] = [];
  readonly #nodes: PlanNode[] = [];

  constructor(pipeline: LogicalPipeline) {
    this.#pipeline = pipeline;
  }

  plan(): PhysicalPlan {
    const { sinks, settings, notices } = this.#pipeline;
    const logical = nodesOf(this.#pipeline);
    for (const node of [...logical].reverse()) {
      const asks = node.kind === 'aggregation' ? (node.window?.perRow ?? false) : this.#carries.has(node);
      if (asks && node.kind !== 'scan') this.#carries.add(node.input);
      if (node.kind === 'scan' && node.source.splits === 'merged') this.#carries.add(node);
    }
    for (const node of logical) this.#nodes.push(this.#node(node));
    for (const sink of sinks) this.#nodes.push(sinkNode(sink));
    const { code, literals, sites } = generateModule(this.#maps);
    return { version: 1, batchRows: settings.batchRows, nodes: this.#nodes, code, literals, sites, notices };
  }

  #node(node: LogicalNode): PlanNode {
    switch (node.kind) {
      case 'scan':
        return this.#source(node);
      case 'project':
        return this.#map(node);
      case 'aggregation':
        return this.#aggregate(node);
    }
  }

  /** Columns of a node, the hidden one last. */
  #schema(node: LogicalNode): Schema {
    const visible = visibleSchema(node.columns);
    return this.#carries.has(node) && node.kind !== 'aggregation' ? [...visible, HIDDEN] : visible;
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
      watermark: watermark === null ? null : { ...watermark, output },
    };
  }

  #map(node: ProjectNode): MapNode {
    const inputSchema = this.#schema(node.input);
    const schema = this.#schema(node);
    const expressions = [...node.outputs];
    if (this.#carries.has(node)) expressions.push(lastColumn(inputSchema));
    const map: MapFunction = {
      inputSchema,
      filter: node.filter,
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
        interpreted: false,
      }),
    );
    const filter = node.filter === null ? null : expressionText(node.filter);
    return { kind: 'map', id: node.id, inputs: [node.input.id], schema, function: `map${index}`, filter, outputs };
  }

  #aggregate(node: AggregationNode): AggregateNode {
    const { id, keyCount, window, aggregates } = node;
    const watermarkColumn = window?.perRow === true ? this.#schema(node.input).length - 1 : null;
    return {
      kind: 'aggregate',
      id,
      inputs: [node.input.id],
      schema: visibleSchema(node.columns),
      keyCount,
      window:
        window === null
          ? null
          : {
              kind: 'tumble',
              sizeMicros: window.sizeMicros,
              offsetMicros: window.offsetMicros,
              column: window.column,
              latenessMicros: window.latenessMicros,
              watermarkColumn,
              closesAtEnd: window.closesAtEnd,
            },
      aggregates: aggregates.map((aggregate) => ({ ...aggregate })),
    };
  }
}

function sinkNode({ id, name, connector, format, inputs }: LogicalSink): SinkNode {
  const schema = visibleSchema((inputs[0] as LogicalNode).columns);
  return { kind: 'sink', id, inputs: inputs.map((input) => input.id), schema, name, connector, format };
}

function visibleSchema(columns: readonly RelationColumn[]): Schema {
  return columns.map(({ name, type, nullable }) => ({ name, type, nullable }));
}

function lastColumn(schema: Schema): BoundExpression {
  const index = schema.length - 1;
  const { name, type, nullable } = schema[index] as Column;
  return { kind: 'column', index, name, type, nullable, span: { start: 0, end: 0 } };
}
