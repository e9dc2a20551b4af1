// Joins: what their inputs carry, and the condition that pairs of rows must fulfil, as a compiled map.
//
//   a batch of pairs, its columns and the number of each pair ─► filter: the condition ─► the numbers that pass

import { changeColumnOf } from '../../data/changelog.ts';
import type { Column, Schema } from '../../data/schema.ts';
import { INTEGER } from '../../data/type.ts';
import type { JoinNode as JoinPlanNode, JoinTime } from '../../plan/join-node.ts';
import { joinDelay, sharedAhead } from '../bind/join-time.ts';
import type { JoinNode } from '../bind/logical.ts';
import { isInterpreted } from '../codegen/host-code.ts';
import type { MapFunction } from '../codegen/module.ts';
import { expressionText } from '../expression-text.ts';

const PAIR: Column = { name: '$pair', type: INTEGER, nullable: false, hidden: true };

export interface JoinShape {
  schema: Schema;
  inputSchemas: readonly [Schema, Schema];
  /** How long rows are kept that no time bounds; null: for good. */
  ttlMicros: number | null;
  /** Adds a map to the plan and says what it is called. */
  compile(map: MapFunction): string;
}

export function joinNode(node: JoinNode, { schema, inputSchemas, ttlMicros, compile }: JoinShape): JoinPlanNode {
  const { id, inputs, join, asof, keys, condition, outputs } = node;
  const [left, right] = inputs;
  const nameOf = (input: JoinNode['inputs'][number], column: number): string => {
    const output = input.kind === 'project' ? input.outputs[column] : undefined;
    return output === undefined || output.kind === 'column'
      ? (input.columns[column]?.name ?? '')
      : expressionText(output);
  };
  return {
    kind: 'join',
    id,
    inputs: [left.id, right.id],
    schema,
    join,
    asof,
    keys: keys.map((key) => ({ ...key })),
    time: joinTime(node, node.time),
    bounds: joinTime(node, node.bounds ?? null),
    condition: condition === null ? null : compiledCondition(node, condition, compile),
    outputs: outputs.map((column) => ({ ...column })),
    text: keys.map((key) => `${nameOf(left, key.left)} = ${nameOf(right, key.right)}`),
    updating:
      changeColumnOf(schema) < 0 ? null : { left: changesOf(inputSchemas[0]), right: changesOf(inputSchemas[1]) },
    versionColumn: asof === null ? null : changesOf(inputSchemas[1]),
    ttlMicros: node.time === null && node.bounds === undefined ? ttlMicros : null,
  };
}

function changesOf(schema: Schema): number | null {
  const column = changeColumnOf(schema);
  return column < 0 ? null : column;
}

function joinTime({ inputs, asof }: JoinNode, time: JoinNode['time']): JoinTime | null {
  if (time === null) return null;
  const side = (number: 0 | 1) => {
    const { column, perRow } = number === 0 ? time.left : time.right;
    return { column, watermarkColumn: perRow ? inputs[number].columns.length : null };
  };
  const { lowMicros, highMicros, joinsAtEnd } = time;
  const aheadMicros = sharedAhead(time);
  // Probes into the past are behind the watermark: what goes on waits for them.
  const delayMicros = asof === null ? joinDelay(time) : Math.max(0, -aheadMicros);
  return { left: side(0), right: side(1), lowMicros, highMicros, aheadMicros, delayMicros, joinsAtEnd };
}

function compiledCondition(
  { inputs }: JoinNode,
  { expression, columns }: NonNullable<JoinNode['condition']>,
  compile: (map: MapFunction) => string,
): NonNullable<JoinPlanNode['condition']> {
  const inputSchema: Schema = conditionSchema(
    columns.map(({ side, column }) => inputs[side].columns[column] as Column),
  );
  const { name, type, nullable } = PAIR;
  const number = { kind: 'column' as const, index: columns.length, name, type, nullable, span: expression.span };
  const outputs = [{ name, expression: number, type, nullable }];
  return {
    function: compile({ inputSchema, filter: expression, outputs }),
    columns: columns.map((column) => ({ ...column })),
    text: expressionText(expression),
    interpreted: isInterpreted(expression),
  };
}

/** The schema of a batch of pairs; a row that is missing is NULL in all its columns. */
function conditionSchema(columns: readonly Column[]): Schema {
  return [...columns.map(({ name, type }) => ({ name, type, nullable: true })), PAIR];
}
