// One source on one core: a batch of its splits, its watermark, both passed on. One call of `turn` is one batch.
//
// The source is idle when all its splits have been silent for `idle_timeout`: where inputs meet, nobody waits for it
// until it gives something again.

import { BATCH_ROW_COUNT } from '../../kernels/layout.ts';
import { READ_END, READ_NOTHING, type SplitReader } from '../connectors/connector.ts';
import type { LinearMemory } from '../data/memory.ts';
import type { SourceNode } from '../plan/source-node.ts';
import type { SourceState, SplitPosition } from '../state/snapshot.ts';
import type { BadRecords } from './bad-records.ts';
import { SOURCE_SIZE, SOURCE_WATERMARK } from './counters.ts';
import { type Meter, STAMP_CAUSE } from './meter.ts';
import type { Output } from './operators/operator.ts';
import type { SourceInGroup } from './source-alignment.ts';
import { copyMicros } from './split-watermark.ts';
import type { Splits } from './splits.ts';
import type { Telemetry } from './telemetry.ts';
import type { Turn } from './turn.ts';

const LATEST = 0;
const FORWARDED = 1;

/** Says when nothing is to be read although there is something. */
export interface Valve {
  readonly isShut: boolean;
}

export interface SourceParts {
  readers: readonly SplitReader[];
  splits: Splits;
  badRecords: BadRecords;
  alignment: SourceInGroup | null;
  output: Output;
  turn: Turn;
  valve: Valve;
  telemetry: Telemetry;
  meter: Meter;
}

export class SourceTask {
  readonly node: SourceNode;
  readonly #memory: LinearMemory;
  readonly #parts: SourceParts;
  readonly #splits: Splits;
  readonly #output: Output;
  readonly #counters: Float64Array;
  readonly #place: number;
  readonly #meter: Meter;
  /** Watermarks in µs: of the splits now, and the one passed on last. */
  readonly #times = new Float64Array([Number.NaN, Number.NaN]);
  #isIdle = false;
  /** Something that the last batch caused was suspended: the batch is settled when that has gone on. */
  #isUnsettled = false;
  #isEnding = false;
  isEnded = false;
  /** Nobody wants its rows any more. */
  isCut = false;

  constructor(memory: LinearMemory, node: SourceNode, parts: SourceParts) {
    this.node = node;
    this.#memory = memory;
    this.#parts = parts;
    this.#splits = parts.splits;
    this.#output = parts.output;
    this.#counters = parts.telemetry.counters;
    this.#place = parts.telemetry.placeOf(node.id);
    this.#meter = parts.meter;
    this.#addSize(parts.readers);
  }

  /** Reads it once more, as it is now. Only of sources without a watermark that are read one split after another. */
  reopen(readers: readonly SplitReader[]): void {
    this.#splits.reopen?.(readers);
    this.#addSize(readers);
    this.#isUnsettled = false;
    this.#isEnding = false;
    this.isEnded = false;
  }

  /** Adds what to wait on after a turn that returned false. @returns whether time may help too. */
  addWaitDescriptors(descriptors: number[]): boolean {
    // What can be read would end the wait at once.
    return this.#parts.valve.isShut || this.#splits.addWaitDescriptors(descriptors);
  }

  /** The watermark of its splits, µs; NaN before there is one. */
  get watermarkMicros(): number {
    return this.#times[LATEST] as number;
  }

  /** After a turn that returned false: another core has what comes next, and rings when it is there. */
  get waitsForCore(): boolean {
    return this.#splits.waitsForCore;
  }

  /** Handles the next batch. @returns false when there is nothing to do now. @throws LaminarError for a bad record. */
  turn(): boolean {
    if (this.#isUnsettled) this.#settle();
    if (this.#isEnding) {
      this.end();
      return false;
    }
    if (this.isCut) {
      this.#endUnread();
      return false;
    }
    this.#meter.beginTurn(this.#place);
    const rows = this.#handle();
    this.#meter.endTurn(rows);
    return rows >= 0;
  }

  /** @returns rows handled, −1 when there is nothing to do now. */
  #handle(): number {
    const { alignment, valve } = this.#parts;
    if (valve.isShut || alignment?.mustWait() === true) return -1;
    const batch = this.#splits.next();
    if (batch === READ_END) {
      this.end();
      return -1;
    }
    if (batch === READ_NOTHING) {
      if (!this.#splits.waitsForCore) this.#beIdle();
      return -1;
    }
    this.#isIdle = false;
    const rows = this.#memory.load32(batch + BATCH_ROW_COUNT);
    this.#emit(batch);
    if (this.#parts.turn.isSuspended) this.#isUnsettled = true;
    else this.#settle();
    return rows;
  }

  /**
   * Ends the source now: what was decoded is passed on, what was not is left alone. To be called again, while it has
   * not ended, when what was suspended meanwhile has gone on.
   */
  end(): void {
    if (this.isEnded) return;
    if (this.#isUnsettled) this.#settle();
    this.#isEnding = true;
    // What comes out now may take long: it is measured whatever the turn.
    this.#meter.begin(this.#place);
    this.#passOnRest();
    this.#meter.end();
  }

  /** It is not read again: its readers have ended by themselves. */
  cut(): void {
    this.isCut = true;
  }

  /** Why it could not be gone on with by a later run; null: it can. */
  refusal(): string | null {
    return this.#splits.refusal();
  }

  /** Between two turns, when nothing is suspended: where it is; null when that is not known before one of the next turns. */
  save(): SourceState | null {
    const { id } = this.node;
    if (this.isEnded) return { id, isEnded: true, positions: [] };
    if (this.#isEnding) return null;
    if (this.#isUnsettled) this.#settle();
    const positions = this.#splits.save();
    return positions === null ? null : { id, isEnded: false, positions };
  }

  /** Goes on where `save` was, before the first turn. @throws LMN-4004 when its input is not there any more. */
  restore({ isEnded, positions }: SourceState): void {
    this.isEnded = isEnded;
    if (!isEnded) this.#splits.restore(positions);
    if (isEnded) this.#splits.finish();
    this.#leaveOutSize(isEnded ? [] : positions);
  }

  close(): void {
    this.#splits.close();
  }

  #addSize(readers: readonly SplitReader[]): void {
    const sizes = readers.map((split) => split.sizeBytes);
    if (!sizes.every((size) => size !== null)) return;
    this.#counters[this.#place + SOURCE_SIZE]! += sizes.reduce((sum, size) => sum + size, 0);
  }

  /** What an earlier run has read is no part of this one's size. */
  #leaveOutSize(positions: readonly SplitPosition[]): void {
    const first = positions[0]?.split ?? Number.POSITIVE_INFINITY;
    const skipped = this.#parts.readers.reduce((sum, { sizeBytes }, split) => {
      const size = sizeBytes ?? 0;
      const offset = positions.find((position) => position.split === split)?.offset ?? (split < first ? size : 0);
      return sum + Math.min(size, offset);
    }, 0);
    const place = this.#place + SOURCE_SIZE;
    if ((this.#counters[place] as number) > 0) this.#counters[place]! -= skipped;
  }

  #endUnread(): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.#splits.finish();
    this.#parts.alignment?.finish();
    this.#parts.badRecords.finish();
  }

  #passOnRest(): void {
    for (let batch = this.#splits.drain(); batch !== READ_END; batch = this.#splits.drain()) {
      this.#emit(batch);
      if (this.#parts.turn.isSuspended) return;
    }
    this.isEnded = true;
    this.#parts.alignment?.finish();
    this.#parts.badRecords.finish();
    this.#meter.look(STAMP_CAUSE);
    this.#output.end();
  }

  #settle(): void {
    this.#isUnsettled = false;
    this.#parts.alignment?.advance(this.#times[FORWARDED] as number);
    this.#splits.settle();
  }

  #emit(batch: number): void {
    this.#splits.copyReadAt(this.#meter.stamps, STAMP_CAUSE);
    if (this.#memory.load32(batch + BATCH_ROW_COUNT) > 0) this.#output.emit(batch);
    this.#forward(false);
  }

  /** Passes the watermark on, once there is one; while waiting, only if it has moved. */
  #forward(isWaiting: boolean): void {
    const cell = this.#splits.watermark;
    if (cell === 0) return;
    const times = this.#times;
    copyMicros(this.#memory, cell, times, LATEST);
    const micros = times[LATEST] as number;
    if (Number.isNaN(micros) || (isWaiting && micros === times[FORWARDED])) return;
    times[FORWARDED] = micros;
    this.#counters[this.#place + SOURCE_WATERMARK] = micros;
    this.#output.watermark(cell);
  }

  #beIdle(): void {
    if (!this.#splits.isIdle) {
      // Splits may have become idle one by one, and hold the others back no longer.
      this.#forward(true);
      return;
    }
    if (this.#isIdle) return;
    this.#isIdle = true;
    this.#parts.alignment?.idle();
    this.#forward(true);
    this.#output.idle();
  }
}
