// From a node of the plan that is neither source nor sink to its operator.

import { assert, unreachable } from '../base/assert.ts';
import { changelogOf } from '../data/changelog.ts';
import type { LinearMemory } from '../data/memory.ts';
import type { Schema } from '../data/schema.ts';
import type { AggregateNode } from '../plan/aggregate-node.ts';
import type { PhysicalPlan, PlanNode, SinkNode } from '../plan/physical-plan.ts';
import type { SourceNode } from '../plan/source-node.ts';
import type { CompiledMaps } from './compiled-maps.ts';
import type { Edge } from './edge.ts';
import { NumberedOver, type NumberedPlan } from './exchange/numbered-over.ts';
import { createAggregate } from './operators/aggregate.ts';
import { createChangeReader } from './operators/change-reader.ts';
import { createJoin } from './operators/join.ts';
import { createLasting } from './operators/lasting.ts';
import type { LateParts } from './operators/late-rows.ts';
import { createLimit } from './operators/limit.ts';
import { createLookup } from './operators/lookup.ts';
import { createMap, type MapFailure } from './operators/map.ts';
import type { Operator, SeveralInputs } from './operators/operator.ts';
import { createOver } from './operators/over.ts';
import { createRanked } from './operators/ranked.ts';
import { createRecall } from './operators/recall.ts';
import { createSort } from './operators/sort.ts';
import { createTable } from './operators/table.ts';
import { createTop } from './operators/top.ts';
import { createUnion } from './operators/union.ts';
import { createUnnest } from './operators/unnest.ts';
import { createUpdatingJoin } from './operators/updating-join.ts';
import { createUpserts } from './operators/upserts.ts';

/** A node whose operator is built here. */
export type OperatorNode = Exclude<PlanNode, SourceNode | SinkNode>;

/** What operators are built from, on one core. */
export interface OperatorParts {
  plan: PhysicalPlan;
  maps: CompiledMaps;
  /** The output of a node, by its id. */
  edgeOf(id: string): Edge;
  onFailure: MapFailure;
  /** A node wants no more rows. */
  satisfy(node: PlanNode): void;
  /** What all cores could compute, where its state is kept: it must be the same on any number of them; else null. */
  kept: NumberedPlan | null;
  /** Counts records of a source that make no sense to what reads them. */
  rejects(source: string): (count: number) => void;
}

/** @returns the operator of the node; null where another one does its work. */
export function buildOperator(
  memory: LinearMemory,
  node: OperatorNode,
  parts: OperatorParts,
): Operator | SeveralInputs | null {
  const { plan, maps, onFailure } = parts;
  // Both rows of an update fit a batch.
  const batchRows = changelogOf(node.schema) === 'append' ? plan.batchRows : Math.max(plan.batchRows, 2);
  const output = parts.edgeOf(node.id);
  const onSatisfied = () => parts.satisfy(node);
  const inputSchema = () => inputSchemaOf(plan, node, 0);
  const inputSchemas = () => [inputSchemaOf(plan, node, 0), inputSchemaOf(plan, node, 1)] as const;
  switch (node.kind) {
    case 'map': {
      const compute = maps[node.function];
      assert(compute !== undefined, `the plan's code has ${node.function}`);
      return createMap(memory, node, compute, batchRows, output, onFailure);
    }
    case 'aggregate':
      return createAggregate(memory, node, inputSchema(), batchRows, output, lateParts(node, parts));
    case 'late':
      // The aggregate has been given its edge.
      return null;
    case 'unnest':
      return createUnnest(memory, node, { inputSchema: inputSchema(), batchRows, output });
    case 'limit':
      return createLimit(memory, node, { output, onSatisfied });
    case 'union':
      return createUnion(memory, node, output);
    case 'join': {
      const condition = node.condition === null ? null : (maps[node.condition.function] ?? null);
      const joined = { inputSchemas: inputSchemas(), batchRows: plan.batchRows, output, condition, onFailure };
      return (node.updating === null ? createJoin : createUpdatingJoin)(memory, node, joined);
    }
    case 'lookup':
      return createLookup(memory, node, { inputSchemas: inputSchemas(), batchRows, output });
    case 'lasting':
      return createLasting(memory, node, { inputSchema: inputSchema(), batchRows, output });
    case 'recall':
      return createRecall(memory, node, { inputSchemas: inputSchemas(), batchRows, output });
    case 'sort':
      return createSort(memory, node, { batchRows, output, onSatisfied });
    case 'top':
      return createTop(memory, node, batchRows, output);
    case 'over':
      if (parts.kept?.owned.id === node.id) return new NumberedOver(memory, parts.kept, { batchRows, output });
      return (node.updating === null ? createOver : createRanked)(memory, node, batchRows, output);
    case 'changes':
      return createChangeReader(memory, node, { batchRows, output, onRejected: parts.rejects(node.source) });
    case 'table':
      return createTable(memory, node, { inputSchema: inputSchema(), batchRows, output });
    case 'upserts':
      return createUpserts(memory, node, batchRows, output);
    default:
      unreachable(node);
  }
}

function inputSchemaOf(plan: PhysicalPlan, node: PlanNode, port: number): Schema {
  const input = plan.nodes.find((other) => other.id === node.inputs[port]);
  assert(input !== undefined, `the input of ${node.id} exists`);
  return input.schema;
}

/** Where the late rows of an aggregate go. */
function lateParts(node: AggregateNode, { plan, edgeOf }: OperatorParts): LateParts | null {
  const late = plan.nodes.find((other) => other.kind === 'late' && other.inputs[0] === node.id);
  if (late === undefined || node.lateColumns === null) return null;
  return { schema: late.schema, columns: node.lateColumns, batchRows: plan.batchRows, output: edgeOf(late.id) };
}
