// What a core holds of the memory it shares with the others: its own bell and theirs, the copier, feeds and rings.

import { assert } from '../../base/assert.ts';
import type { LinearMemory } from '../../data/memory.ts';
import { exchangeOf } from '../../plan/exchange.ts';
import type { PhysicalPlan } from '../../plan/physical-plan.ts';
import { BytePipe } from './byte-pipe.ts';
import { ChunkFeed } from './chunk-feed.ts';
import { type Copier, createCopier } from './copier.ts';
import { Doorbell } from './doorbell.ts';
import { RingConsumer, type RingPlace, RingProducer } from './ring.ts';
import { type ExchangePlaces, type FeedPlaces, SharedLayout, type SourcePlaces } from './shared-layout.ts';

/** How a core finds the others: posted to its thread. */
export interface LinkRequest {
  core: number;
  coreCount: number;
  shared: WebAssembly.Memory;
  /** Bytes read at once, about as long as a chunk. */
  chunkBytes: number;
  /** The time at which the run started, the same for all cores: what now() is. */
  startedMillis: number;
  /** Bytes of the rings by which rows go to the core that owns their key; 0: core 0 computes alone. */
  exchangeBytes: number;
  /** Ids of the nodes that all cores compute. */
  exchanged: readonly string[];
  /** Seed of the turns that a test delays; 0: none. */
  delays: number;
  /** All cores are there from the start: one of them decompresses for all. */
  pumps: boolean;
}

/** Where everything is in what the cores share. */
export function layoutOf(plan: PhysicalPlan, { coreCount, exchangeBytes, exchanged }: LinkRequest): SharedLayout {
  return new SharedLayout(plan, coreCount, exchangeBytes, exchanged);
}

export class CoreLink {
  readonly core: number;
  readonly coreCount: number;
  readonly copier: Copier;
  readonly chunkBytes: number;
  /** Seed of the turns that a test delays; 0: none. */
  readonly delays: number;
  /** One core decompresses for all. */
  readonly pumps: boolean;
  /** By core. */
  readonly bells: readonly Doorbell[];
  readonly #layout: SharedLayout;
  /** Ids of the sources whose rows all cores exchange. */
  readonly #exchanged: ReadonlySet<string>;
  /** The shared memory. */
  readonly words: Int32Array;

  constructor(plan: PhysicalPlan, memory: LinearMemory, request: LinkRequest) {
    const { core, coreCount, shared, chunkBytes } = request;
    this.chunkBytes = chunkBytes;
    this.delays = request.delays;
    this.pumps = request.pumps;
    this.core = core;
    this.coreCount = coreCount;
    this.#layout = layoutOf(plan, request);
    const first = exchangeOf(plan);
    const inputs = first !== null && this.#layout.exchanges.has(first.node.id) ? first.inputs : [];
    this.#exchanged = new Set(inputs.map(({ source }) => source.id));
    this.words = new Int32Array(shared.buffer);
    this.copier = createCopier(memory, shared, this.#layout.pages);
    this.bells = this.#layout.bells.map((address) => new Doorbell(this.words, address));
  }

  /** Whether all cores compute something together. */
  get hasExchange(): boolean {
    return this.#layout.exchanges.size > 0;
  }

  /** Whether all cores compute this node. */
  exchanges(node: string): boolean {
    return this.#layout.exchanges.has(node);
  }

  /** This core's bell. */
  get bell(): Doorbell {
    return this.bells[this.core] as Doorbell;
  }

  /** Whether all cores decode the source. */
  shares(source: string): boolean {
    return this.#layout.sources.has(source);
  }

  /** How many splits all cores decode of a source whose splits are merged. */
  laneCount(source: string): number {
    return this.#layout.sources.get(source)?.lanes.length ?? 0;
  }

  /** Chunks of a source, or of the split in one of its lanes. */
  feed(source: string, lane: number | null = null): ChunkFeed {
    const owners = this.#exchanged.has(source) && lane === null ? this.coreCount : 0;
    return new ChunkFeed(this.words.buffer, this.#feedPlaces(source, lane).feed, owners);
  }

  /** What a core decompresses of a source for all; null: nothing. */
  pipe(source: string): BytePipe | null {
    const { pipe } = this.#places(source);
    return pipe === 0 || !this.pumps ? null : new BytePipe(this.words.buffer, pipe, this.copier);
  }

  /** The reading end of another core's ring to core 0. */
  consumer(source: string, core: number, lane: number | null = null): RingConsumer {
    const place = this.#layout.ring(this.words, this.#feedPlaces(source, lane), core);
    return new RingConsumer(place, this.bells[core] as Doorbell);
  }

  /** The writing end of this core's ring to core 0. */
  producer(source: string, lane: number | null = null): RingProducer {
    const place = this.#layout.ring(this.words, this.#feedPlaces(source, lane), this.core);
    return new RingProducer(place, this.bells[0] as Doorbell);
  }

  /** Says how many pages of 64 KiB this core has taken. */
  tellPages(pages: number): void {
    Atomics.store(this.words, (this.#layout.taken >>> 2) + this.core, pages);
  }

  /** Pages that the other cores have taken, and those of the shared memory if any has begun. */
  pagesOfOthers(): number {
    const first = this.#layout.taken >>> 2;
    let others = 0;
    let helpers = 0;
    for (let core = 0; core < this.coreCount; core++) {
      const pages = Atomics.load(this.words, first + core);
      if (core !== this.core) others += pages;
      if (core > 0) helpers += pages;
    }
    return helpers > 0 ? others + this.#layout.pages : others;
  }

  /** Of the batches that core 0 sends to the owners of a node's keys. */
  feedOf(node: string): ChunkFeed {
    return new ChunkFeed(this.words.buffer, this.#exchangeOf(node).feed, this.coreCount);
  }

  /** Rows of an input from this core to another, or itself. */
  rowsTo(node: string, input: number, core: number): RingProducer {
    const { rows } = this.#exchangeOf(node);
    return new RingProducer(this.#place(rows[input]?.[this.core]?.[core]), this.bells[core] as Doorbell);
  }

  rowsFrom(node: string, input: number, core: number): RingConsumer {
    const { rows } = this.#exchangeOf(node);
    return new RingConsumer(this.#place(rows[input]?.[core]?.[this.core]), this.bells[core] as Doorbell);
  }

  /** What this core has computed of a node, to core 0. */
  results(node: string): RingProducer {
    return new RingProducer(this.#place(this.#exchangeOf(node).results[this.core]), this.bells[0] as Doorbell);
  }

  resultsFrom(node: string, core: number): RingConsumer {
    return new RingConsumer(this.#place(this.#exchangeOf(node).results[core]), this.bells[core] as Doorbell);
  }

  #exchangeOf(node: string): ExchangePlaces {
    const places = this.#layout.exchanges.get(node);
    assert(places !== undefined, `all cores compute ${node}`);
    return places;
  }

  #place(address: number | undefined): RingPlace {
    assert(address !== undefined, 'every pair of cores has a ring');
    return { words: this.words, address, capacity: this.#layout.capacity };
  }

  /** Wakes every other core. */
  ringOthers(): void {
    for (let core = 0; core < this.coreCount; core++) if (core !== this.core) this.bells[core]?.ring();
  }

  #feedPlaces(source: string, lane: number | null): FeedPlaces {
    const places = this.#places(source);
    const found = lane === null ? places : places.lanes[lane];
    assert(found !== undefined, `all cores decode the split of ${source}`);
    return found;
  }

  #places(source: string): SourcePlaces {
    const places = this.#layout.sources.get(source);
    assert(places !== undefined, `all cores decode ${source}`);
    return places;
  }
}
