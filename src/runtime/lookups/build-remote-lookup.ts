// From a lookup in a table elsewhere to its operator: the decoder of its answers, and where bad ones go.

import { assert } from '../../base/assert.ts';
import { READ_BYTES } from '../../base/limits.ts';
import { changelogOf } from '../../data/changelog.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { LookupNode } from '../../plan/lookup-node.ts';
import type { PhysicalPlan } from '../../plan/physical-plan.ts';
import type { SourceNode } from '../../plan/source-node.ts';
import { BadRecords } from '../bad-records.ts';
import { LocalReader } from '../batch-reader.ts';
import { buildDecoder } from '../build-source.ts';
import type { CoreContext } from '../core-context.ts';
import type { DeadLetters } from '../dead-letters.ts';
import type { Meter } from '../meter.ts';
import type { Output } from '../operators/operator.ts';
import type { Turn } from '../turn.ts';
import { AnswerReader } from './answer-reader.ts';
import { RemoteLookup } from './remote-lookup.ts';

export interface RemoteLookupContext {
  plan: PhysicalPlan;
  context: CoreContext;
  output: Output;
  deadLetters: DeadLetters | null;
  turn: Turn;
  meter: Meter;
}

export function buildRemoteLookup(
  memory: LinearMemory,
  [node, table]: readonly [LookupNode, SourceNode],
  parts: RemoteLookupContext,
): RemoteLookup {
  const { plan, context, output, deadLetters, turn, meter } = parts;
  const { telemetry, control, options, endpoints, now = Date.now, notify = () => {} } = context;
  const { cache } = table;
  const stream = plan.nodes.find(({ id }) => id === node.inputs[0]);
  assert(cache !== undefined && stream !== undefined, 'a lookup elsewhere has a stream and a cache');
  const batchRows = changelogOf(node.schema) === 'append' ? plan.batchRows : Math.max(plan.batchRows, 2);
  const decoder = buildDecoder(memory, table, batchRows);
  const limits = { maxRecordBytes: table.maxRecordBytes, readBytes: READ_BYTES, isOneOfMany: false };
  const badRecords = new BadRecords(memory, table, { deadLetters, telemetry, maxErrors: options.maxErrors });
  const reader = new LocalReader(memory, decoder, limits, meter);
  const keys = node.keys.map(({ right }) => right);
  return new RemoteLookup(memory, node, {
    inputSchemas: [stream.schema, table.schema],
    batchRows,
    output,
    table,
    cache,
    open: () => {
      assert(endpoints.openTable !== undefined, 'a run can open tables');
      return endpoints.openTable(table.connector, { node: table, keys, bell: control.bell });
    },
    answers: new AnswerReader(memory, { reader, badRecords, name: table.name }),
    badRecords,
    // It compares the changes of the stream with what they have given.
    isBlocking: plan.nodes.some(({ kind, inputs }) => kind === 'recall' && inputs[0] === node.id),
    isStopping: () => control.isStopping,
    notify,
    turn,
    meter,
    place: telemetry.placeOf(node.id),
    tablePlace: telemetry.placeOf(table.id),
    now,
  });
}
