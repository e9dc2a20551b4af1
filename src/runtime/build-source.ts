// From a source's node to a running source: its splits, a decoder and a watermark for each that is open, its policy.

import { POLICY_FAIL, POLICY_NULL, POLICY_SKIP } from '../../kernels/layout-formats.ts';
import { LaminarError } from '../base/errors.ts';
import { MERGED_READ_BYTES, MERGED_SPLITS_MAX, READ_BYTES } from '../base/limits.ts';
import type { SplitReader } from '../connectors/connector.ts';
import type { LinearMemory } from '../data/memory.ts';
import { bytesOf } from '../data/type.ts';
import type { DecoderSpec } from '../formats/decoder-spec.ts';
import type { Decoder } from '../formats/format.ts';
import { createDecoder } from '../formats/registry.ts';
import { bareChain, type Chain } from '../plan/chain.ts';
import type { SourceNode } from '../plan/source-node.ts';
import { AlignmentGroup } from './alignment.ts';
import { BadRecords } from './bad-records.ts';
import { type BatchReader, LocalReader } from './batch-reader.ts';
import { ChainEnd, type ChainEndParts } from './chain-end.ts';
import type { CoreLink } from './channels/core-link.ts';
import { ChunkedReader } from './chunked-reader.ts';
import type { CompiledMaps } from './compiled-maps.ts';
import type { Control } from './control.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { ExchangePort } from './exchange/exchange.ts';
import { ExchangedReader } from './exchange/exchanged-reader.ts';
import { Feeder } from './feeder.ts';
import type { FeederChain } from './feeder-chain.ts';
import type { Meter } from './meter.ts';
import type { Output } from './operators/operator.ts';
import type { RunOptions } from './run.ts';
import { SourceInGroup } from './source-alignment.ts';
import { SourceTask, type Valve } from './source-task.ts';
import { SplitInput, type SplitParts } from './split-input.ts';
import { MergedSplits } from './split-merge.ts';
import { SplitWatermark } from './split-watermark.ts';
import { SequentialSplits, type Splits } from './splits.ts';
import type { Telemetry } from './telemetry.ts';
import type { Turn } from './turn.ts';
import { createMover, type MoverContext } from './watermark-movers.ts';

export interface Exchanged {
  port: ExchangePort;
  chain: FeederChain;
}

export interface SourceContext {
  readers: readonly SplitReader[];
  deadLetters: DeadLetters | null;
  output: Output;
  turn: Turn;
  valve: Valve;
  telemetry: Telemetry;
  meter: Meter;
  options: RunOptions;
  /** Alignment groups of the core, by name. */
  groups: Map<string, AlignmentGroup>;
  /** Tells the user something while the run goes on. */
  notify: (text: string) => void;
  maps: CompiledMaps;
  /** Raises the error that a compiled expression reported. */
  onFailure: (code: number, site: number) => never;
  batchRows: number;
  /** The other cores, which decode too; null when there are none. */
  link: CoreLink | null;
  /** The maps that they run too, and where their rows go on; null when they run none. */
  chain: Chain;
  chainEnd: ChainEndParts | null;
  /** The cores that own the keys of its rows, and the maps before them; null when this core takes all. */
  exchanged: Exchanged | null;
  control: Control;
  /** Milliseconds of the wall clock. */
  now: () => number;
}

const POLICIES: Record<SourceNode['onError'], number> = {
  fail: POLICY_FAIL,
  skip: POLICY_SKIP,
  null: POLICY_NULL,
  dead_letter: POLICY_SKIP,
};

/** @throws LaminarError LMN-5042 when it has more splits than can be merged. */
export function buildSource(memory: LinearMemory, node: SourceNode, context: SourceContext): SourceTask {
  const { readers, deadLetters, output, turn, valve, telemetry, meter, options } = context;
  const badRecords = new BadRecords(memory, node, { deadLetters, telemetry, maxErrors: options.maxErrors });
  const alignment = buildAlignment(memory, node, context);
  const splits = buildSplits(memory, node, { ...context, badRecords, alignment });
  return new SourceTask(memory, node, {
    readers,
    splits,
    badRecords,
    alignment,
    output,
    turn,
    valve,
    telemetry,
    meter,
  });
}

function buildAlignment(memory: LinearMemory, node: SourceNode, context: SourceContext): SourceInGroup | null {
  const { alignment, watermark } = node;
  if (alignment === null || watermark === null) return null;
  const { groups, telemetry, notify } = context;
  const group = groups.get(alignment.group) ?? new AlignmentGroup();
  groups.set(alignment.group, group);
  return new SourceInGroup(memory, node, { alignment, watermark, group, telemetry, notify });
}

function buildSplits(
  memory: LinearMemory,
  node: SourceNode,
  context: SourceContext & { badRecords: BadRecords; alignment: SourceInGroup | null },
): Splits {
  const { readers, badRecords, alignment, telemetry, meter, batchRows, now, chainEnd } = context;
  const watermarkColumn = node.watermark?.output ?? null;
  const isMerged = watermarkColumn !== null && mergesSplits(node, readers.length);
  const lanes = isMerged ? lanesOf(node, context) : 0;
  const idleMillis = node.idleTimeoutMicros === 0 ? Number.POSITIVE_INFINITY : node.idleTimeoutMicros / 1000;
  const splitCounters = telemetry.openSplits(
    node.id,
    readers.map(({ name }) => name),
  );
  const makeInput = (split = 0) => {
    const decoder = buildDecoder(memory, node, batchRows);
    const { maxRecordBytes } = node;
    const readBytes = isMerged ? MERGED_READ_BYTES : READ_BYTES;
    const watermark = buildWatermark(memory, node, context);
    const end = chainEnd === null ? null : new ChainEnd(chainEnd, watermark);
    const shared = isMerged
      ? buildLane(memory, node, context, { decoder, lane: split < lanes ? split : null })
      : buildSharedReader(memory, node, context, { decoder, end });
    return new SplitInput(memory, {
      local: new LocalReader(memory, decoder, { maxRecordBytes, readBytes, isOneOfMany: isMerged }, meter),
      shared,
      // What is merged is read at any offset, and nobody decompresses several splits at once.
      canShare: (sharing) => (isMerged ? sharing === 'offset' : sharing !== 'pumped' || context.link?.pumps === true),
      watermark,
      badRecords,
      marks: dropperOf(memory, node),
      alignment,
      now,
      counters: telemetry.counters,
      place: telemetry.placeOf(node.id),
      splitCounters,
    });
  };
  if (!isMerged) return new SequentialSplits(readers, makeInput(), idleMillis);
  const parts = { schema: node.schema, watermarkColumn, batchRows, idleMillis, failsOnBad: node.onError === 'fail' };
  const inputs = readers.map((_, split) => makeInput(split));
  return new MergedSplits(memory, readers, inputs, parts);
}

/** What reads a split together with other cores; null when there are none, or they do not know how. */
function buildSharedReader(
  memory: LinearMemory,
  node: SourceNode,
  context: SourceContext,
  { decoder, end }: { decoder: Decoder; end: ChainEnd | null },
): BatchReader | null {
  const { link, batchRows, meter, telemetry, chain, exchanged, control, readers } = context;
  if (link === null || !link.shares(node.id)) return null;
  if (exchanged === null || end === null)
    return new ChunkedReader(memory, node, { decoder, link, batchRows, meter, chain, lane: null, end });
  const { port } = exchanged;
  const place = telemetry.placeOf(node.id);
  const { group: exchanges } = port.exchange;
  const shared = { node, decoder, readers, link, control, meter, place, lane: null };
  const parts = { ...shared, schema: chain.schema, chain: exchanged.chain, port, tables: null, exchanges };
  const feeder = new Feeder(memory, parts);
  return new ExchangedReader(memory, { port, feeder, link, batchRows, end, splitCount: readers.length });
}

/** How many of its splits, which are merged, other cores decode too. */
function lanesOf(node: SourceNode, { link }: SourceContext): number {
  return link?.shares(node.id) === true ? link.laneCount(node.id) : 0;
}

/** What reads a split that is merged with others together with other cores; null without a lane for it. */
function buildLane(
  memory: LinearMemory,
  node: SourceNode,
  { link, batchRows, meter }: SourceContext,
  { decoder, lane }: { decoder: Decoder; lane: number | null },
): BatchReader | null {
  if (link === null || lane === null) return null;
  return new ChunkedReader(memory, node, { decoder, link, batchRows, meter, chain: bareChain(node), lane, end: null });
}

/** The watermark of one split; null for a source without. */
export function buildWatermark(
  memory: LinearMemory,
  node: SourceNode,
  context: MoverContext & { now: () => number },
): SplitWatermark | null {
  if (node.watermark === null) return null;
  const { now } = context;
  return new SplitWatermark(memory, node.watermark, { mover: createMover(memory, node, node.watermark, context), now });
}

export function buildDecoder(memory: LinearMemory, node: SourceNode, batchRows: number): Decoder {
  return createDecoder(node.format.kind, memory, {
    schema: node.schema,
    fields: node.fields,
    policy: POLICIES[node.onError],
    maxRecordBytes: node.maxRecordBytes,
    capacity: batchRows,
    options: node.format.options,
    ...marksOf(node),
  });
}

/** Takes such records out of decoded batches. */
function dropperOf(memory: LinearMemory, { schema, watermark }: SourceNode): SplitParts['marks'] {
  if (watermark?.hasMarkRecords !== true) return null;
  const sizes = memory.allocate(schema.length * 4);
  schema.forEach(({ type }, column) => {
    memory.store32(sizes + column * 4, bytesOf(type));
  });
  return { drop: (batch) => void memory.kernels.markRowsDrop(batch, sizes, watermark.column) };
}

/** The columns by which a record is only a watermark. */
function marksOf({ watermark }: SourceNode): Pick<DecoderSpec, 'marks'> {
  if (watermark === null || !watermark.hasMarkRecords || watermark.mark?.kind !== 'column') return {};
  return { marks: { time: watermark.column, mark: watermark.mark.column } };
}

/** Whether they are on a core beside the first, which says what is wrong with it. */
export function mergesHere(node: SourceNode, count: number): boolean {
  return (
    node.watermark !== null && node.watermark.output !== null && count <= MERGED_SPLITS_MAX && mergesSplits(node, count)
  );
}

/** Whether the splits are read side by side. @throws LMN-5042 */
function mergesSplits(node: SourceNode, count: number): boolean {
  if (node.splits === 'sequential' || count === 1) return false;
  if (count <= MERGED_SPLITS_MAX) return true;
  if (node.splits === 'auto') return false;
  throw new LaminarError('LMN-5042', `${count} files cannot be merged: at most ${MERGED_SPLITS_MAX} are open at once`, {
    hint: "read them one after another: splits = 'sequential'",
    at: { name: `source ${node.name}` },
  });
}
