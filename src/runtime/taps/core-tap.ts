// A tap on one core: rows of a batch that goes by are filtered, encoded and put into a ring, or left out.
//
//   edge ─ batch ─► map (the predicate, the stream's columns) ─► encoder ─► ring ─► main thread
//
// The pipeline comes first: a batch is passed over, and its rows counted as missed, when the ring has no room (its
// reader is slow) or taps have had their share of the core's time (TAP_SHARE). A predicate that fails ends the tap.

import { BATCH_ROW_COUNT, CELL_CLOCK } from '../../../kernels/layout.ts';
import { assert } from '../../base/assert.ts';
import { TAP_BURST_MILLIS, TAP_RING_BYTES, TAP_SHARE } from '../../base/limits.ts';
import { changeColumnOf } from '../../data/changelog.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { Encoder } from '../../formats/format.ts';
import { createEncoder } from '../../formats/registry.ts';
import type { TapPlan } from '../../plan/tap-plan.ts';
import type { RingProducer } from '../channels/ring.ts';
import { describeFailure, instantiateMaps } from '../compiled-maps.ts';
import { requireHost } from '../host/require-host.ts';
import { createMap } from '../operators/map.ts';
import type { Operator } from '../operators/operator.ts';
import { wholeUpdates } from '../operators/whole-updates.ts';
import { storeMicros } from '../split-watermark.ts';
import { TAP_HEADER_BYTES, TAP_TEXT, type TapShare } from './tap-share.ts';

/** How the rows of a tap are written. */
export type TapFormat = 'json' | 'csv';

/** Rows that are encoded first. */
const SAMPLE_ROWS = 32;

/** The time that all taps of a core may take. */
export class TapBudget {
  #left = TAP_BURST_MILLIS;
  #at = performance.now();

  /** Whether there is any left now. */
  hasLeft(): boolean {
    const now = performance.now();
    this.#left = Math.min(this.#left + (now - this.#at) * TAP_SHARE, TAP_BURST_MILLIS);
    this.#at = now;
    return this.#left > 0;
  }

  /** Takes what has passed since `hasLeft`. */
  spend(): void {
    this.#left -= performance.now() - this.#at;
  }
}

export interface CoreTapParts {
  plan: TapPlan;
  format: TapFormat;
  share: TapShare;
  core: number;
  batchRows: number;
  budget: TapBudget;
  /** The pipeline keeps the wall clock for compiled code. */
  hasClock: boolean;
  /** Told once when the tap cannot go on; it takes no rows afterwards. */
  onFailure: (error: unknown) => void;
}

export class CoreTap {
  readonly #memory: LinearMemory;
  readonly #parts: CoreTapParts;
  readonly #ring: RingProducer;
  readonly #map: Operator;
  readonly #encoder: Encoder;
  readonly #changeColumn: number;
  readonly #release: () => void;
  #hasFailed = false;

  constructor(memory: LinearMemory, parts: CoreTapParts) {
    const { plan, format, batchRows } = parts;
    this.#memory = memory;
    this.#parts = parts;
    this.#ring = parts.share.producer(parts.core);
    this.#changeColumn = changeColumnOf(plan.map.schema);
    const { made, release } = memory.lend(() => {
      const { hostFunctions } = plan;
      const host = hostFunctions.length === 0 ? null : requireHost().createHost(hostFunctions, memory);
      const nowMicros = BigInt(Date.now()) * 1000n;
      const compute = instantiateMaps(plan.code, plan.literals, memory, { nowMicros, host })[plan.map.function];
      assert(compute !== undefined, 'the code of a tap has its map');
      const output = { emit: (batch: number) => this.#pass(batch), watermark() {}, idle() {}, end() {} };
      const onFailure = (code: number, site: number): never => {
        throw describeFailure(code, plan.sites[site], host?.failure ?? null);
      };
      const map = createMap(memory, plan.map, compute, batchRows, output, onFailure);
      const encoder = createEncoder(format, memory, plan.map.schema, format === 'csv' ? { header: false } : {});
      return { map, encoder };
    });
    this.#map = made.map;
    this.#encoder = made.encoder;
    this.#release = release;
  }

  /** Takes what there is room and time for. Never throws. */
  process(batch: number): void {
    if (this.#hasFailed) return;
    const memory = this.#memory;
    const { plan, budget, hasClock } = this.#parts;
    // With a quarter free, what is encoded will most likely fit.
    if (!budget.hasLeft() || !this.#ring.hasRoom(TAP_RING_BYTES / 4)) {
      this.#miss(memory.load32(batch + BATCH_ROW_COUNT));
      return;
    }
    const mark = memory.kernels.transientMark();
    try {
      if (plan.usesClock && !hasClock) storeMicros(memory, CELL_CLOCK, Date.now() * 1000);
      this.#map.process(batch);
    } catch (error) {
      this.#hasFailed = true;
      this.#parts.onFailure(error);
    }
    memory.refresh();
    memory.kernels.transientRelease(mark);
    budget.spend();
  }

  /** The stream has no more rows. */
  end(): void {
    this.#parts.share.end();
  }

  /** Gives its memory back. */
  close(): void {
    this.#encoder.close?.();
    this.#release();
  }

  #pass(batch: number): void {
    const memory = this.#memory;
    const { share } = this.#parts;
    const given = memory.load32(batch + BATCH_ROW_COUNT);
    const taken = share.take(given);
    if (taken === 0) return;
    const passed = this.#write(
      batch,
      wholeUpdates(memory, batch, { column: this.#changeColumn, rows: taken, given }),
      given,
    );
    if (passed >= taken) return;
    share.giveBack(taken - passed);
    this.#miss(taken - passed);
  }

  /** Encodes the first rows of the batch, fewer where their text is too long for the ring. @returns how many. */
  #write(batch: number, wanted: number, given: number): number {
    const memory = this.#memory;
    const encoder = this.#encoder;
    const bytesMax = this.#ring.payloadMax - TAP_HEADER_BYTES;
    let rows = Math.min(wanted, SAMPLE_ROWS);
    this.#encode(batch, rows);
    if (wanted > rows) {
      // How long rows are is seen before the buffer grows to all of them.
      const fitting = Math.floor((bytesMax * rows * 0.9) / encoder.pendingBytes);
      rows = Math.min(wanted, Math.max(fitting, 1));
      this.#encode(batch, rows);
    }
    for (; encoder.pendingBytes > bytesMax; rows >>>= 1) this.#encode(batch, rows >>> 1);
    memory.store32(batch + BATCH_ROW_COUNT, given);
    const isSent = rows > 0 && this.#send(rows);
    encoder.clear();
    return isSent ? rows : 0;
  }

  #encode(batch: number, rows: number): void {
    this.#encoder.clear();
    this.#memory.store32(batch + BATCH_ROW_COUNT, rows);
    this.#encoder.encode(batch);
  }

  #send(rows: number): boolean {
    const { words, bytes } = this.#parts.share;
    const { pending, pendingBytes } = this.#encoder;
    const to = this.#ring.reserve(TAP_TEXT, TAP_HEADER_BYTES + pendingBytes);
    if (to < 0) return false;
    words[to >>> 2] = rows;
    bytes.set(this.#memory.u8.subarray(pending, pending + pendingBytes), to + TAP_HEADER_BYTES);
    this.#ring.commit();
    return true;
  }

  #miss(rows: number): void {
    this.#parts.share.addMissed(this.#parts.core, rows);
  }
}
