// The memory that the cores of a run share: who has a bell, a ring or a feed, and where. Computed from the plan alone,
// so that every thread knows the same places.
//
//   bells, one per core │ pages that each core has taken, u32 │ per parallel source: feed │ ring core 1 → core 0 │ ring core 2 → core 0 │ …
//   for splits that are merged: feed │ rings, for each of them, up to so many
//   with an exchange: ring of rows from every core to every core │ ring of results from every core to core 0
//   for each join that core 0 feeds: feed │ ring of rows from core 0 to every core │ ring of results from every core to core 0

import type { Schema } from '../../data/schema.ts';
import { bytesOf, physicalOf } from '../../data/type.ts';
import { exchangeOf } from '../../plan/exchange.ts';
import { fedJoinsOf } from '../../plan/fed-exchange.ts';
import type { PhysicalPlan } from '../../plan/physical-plan.ts';
import { isCuttable, mayMerge, type SourceNode } from '../../plan/source-node.ts';
import { takesTurnsByRow } from '../source-alignment.ts';
import { PIPE_BYTES } from './byte-pipe.ts';
import { feedBytes, laneFeedBytes } from './chunk-feed.ts';
import { DOORBELL_BYTES } from './doorbell.ts';
import { type RingPlace, ringBytes } from './ring.ts';

const PAGE_BYTES = 65_536;
/** Smallest ring: some tens of batches, so that cores rarely wait for each other. */
const RING_BYTES_MIN = 1 << 22;
/** Records may be half a ring; sources whose rows may be longer are read by one core. */
const RING_BYTES_MAX = 1 << 28;

/** Smallest ring of a lane. */
const LANE_RING_BYTES_MIN = 1 << 20;
/** Most splits that are merged and all cores decode, and bytes of shared memory that they may take. */
const LANES_MAX = 16;
const LANES_BYTES_MAX = 1 << 27;

/** Where a feed is, and its rings: to core 0 by core, which has one to itself only with an exchange. */
export interface FeedPlaces {
  feed: number;
  ringCapacity: number;
  rings: number[];
}

/** Where a source that all cores decode has its feed and its rings. */
export interface SourcePlaces extends FeedPlaces {
  /** What a core decompresses for all; 0: the source has no files. */
  pipe: number;
  /** Of its first splits, where they are merged: each has a feed, and rings that do not wait for those of others. */
  lanes: FeedPlaces[];
}

/** Where the rings of an exchange are. */
export interface ExchangePlaces {
  /** By input, sender and receiver: rows on their way to the core that owns their key. */
  rows: number[][][];
  /** By core, to core 0: what it has aggregated. */
  results: number[];
  /** Of the batches that core 0 sends; 0 where sources have theirs. */
  feed: number;
}

export class SharedLayout {
  /** Address of each core's bell. */
  readonly bells: number[];
  /** Address of the pages that each core has taken: one u32 per core. */
  readonly taken: number;
  /** By id of the source's node: those that all cores decode. */
  readonly sources = new Map<string, SourcePlaces>();
  /** By id of the node that all cores compute. */
  readonly exchanges = new Map<string, ExchangePlaces>();
  /** Of a ring of an exchange. */
  readonly capacity: number;
  readonly pages: number;

  /**
   * @param capacity bytes of an exchange's rings, a power of two; 0: there is none. @param exchanged ids of the nodes that all
   * cores compute; null: of all that they can
   */
  constructor(plan: PhysicalPlan, coreCount: number, capacity = 0, exchanged: readonly string[] | null = null) {
    this.capacity = capacity;
    let end = 0;
    const take = (bytes: number): number => {
      const address = end;
      end = Math.ceil((end + bytes) / 128) * 128;
      return address;
    };
    this.bells = Array.from({ length: coreCount }, () => take(DOORBELL_BYTES));
    this.taken = take(coreCount * 4);
    for (const node of plan.nodes) {
      if (coreCount < 2 || node.kind !== 'source' || takesTurnsByRow(plan, node)) continue;
      // Records that are only a watermark are for the core that keeps it.
      if (node.watermark?.hasMarkRecords === true) continue;
      const ringCapacity = ringCapacityOf(node);
      if (!isCuttable(node) || ringCapacity > RING_BYTES_MAX) continue;
      const feed = take(feedBytes(node.maxRecordBytes));
      const rings = this.bells.map((_, core) => (core === 0 && capacity === 0 ? -1 : take(ringBytes(ringCapacity))));
      const pipe =
        node.connector.kind === 'file' && node.connector.options['compression'] !== 'none' ? take(PIPE_BYTES) : 0;
      this.sources.set(node.id, { feed, ringCapacity, pipe, rings, lanes: lanesOf(node, coreCount, take) });
    }
    const ringsFrom = (): number[] => this.bells.map(() => take(ringBytes(capacity)));
    for (const { node, inputs, isFed } of capacity === 0 ? [] : exchangesIn(plan, exchanged)) {
      if (!inputs.every((source) => this.sources.has(source))) continue;
      const rows = isFed ? [[ringsFrom()]] : inputs.map(() => this.bells.map(ringsFrom));
      this.exchanges.set(node, { rows, results: ringsFrom(), feed: isFed ? take(feedBytes(0)) : 0 });
    }
    this.pages = Math.ceil(Math.max(end, 1) / PAGE_BYTES);
  }

  get bytes(): number {
    return this.pages * PAGE_BYTES;
  }

  /** Zeroed, and touched only where it is used. */
  allocate(): WebAssembly.Memory {
    return new WebAssembly.Memory({ initial: this.pages, maximum: this.pages, shared: true });
  }

  /** The ring of a core for a source. */
  ring(words: Int32Array, { rings, ringCapacity }: FeedPlaces, core: number): RingPlace {
    return { words, address: rings[core] as number, capacity: ringCapacity };
  }
}

/** Lanes for splits that are merged, if there may be any. */
function lanesOf(node: SourceNode, coreCount: number, take: (bytes: number) => number): FeedPlaces[] {
  if (!mayMerge(node)) return [];
  // Rows may be longer than that, and come in parts then; bad records do not.
  const ringCapacity = 2 ** Math.ceil(Math.log2(Math.max(2 * (node.maxRecordBytes + 1024), LANE_RING_BYTES_MIN)));
  const bytes = laneFeedBytes() + (coreCount - 1) * ringBytes(ringCapacity);
  const count = Math.min(LANES_MAX, Math.floor(LANES_BYTES_MAX / bytes));
  return Array.from({ length: count }, () => ({
    feed: take(laneFeedBytes()),
    ringCapacity,
    rings: Array.from({ length: coreCount }, (_, core) => (core === 0 ? -1 : take(ringBytes(ringCapacity)))),
  }));
}

/** Nodes that all cores compute: of which sources their rows come, or that core 0 feeds them. */
function exchangesIn(plan: PhysicalPlan, exchanged: readonly string[] | null) {
  const first = exchangeOf(plan);
  const inputs = first?.inputs.map(({ source }) => source.id) ?? [];
  return [
    ...(first === null ? [] : [{ node: first.node.id, inputs, isFed: false }]),
    ...fedJoinsOf(plan).map(({ node }) => ({ node: node.id, inputs: [], isFed: true })),
  ].filter(({ node }) => exchanged?.includes(node) ?? true);
}

/** A row's text is at most as long as its record, in every column anew. */
function ringCapacityOf({ schema, maxRecordBytes }: SourceNode): number {
  const texts = schema.filter((column) => physicalOf(column.type) === 'ref').length;
  const rowMax = fixedBytes(schema) + texts * (maxRecordBytes + 64) + 1024;
  return 2 ** Math.ceil(Math.log2(Math.max(2 * rowMax, RING_BYTES_MIN)));
}

function fixedBytes(schema: Schema): number {
  return schema.reduce((sum, column) => sum + bytesOf(column.type) + 32, 0);
}
