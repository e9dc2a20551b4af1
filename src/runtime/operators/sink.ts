// The end of a plan: batches are encoded, and the bytes written when enough are waiting or the core has nothing to do.

import { BATCH_ROW_COUNT } from '../../../kernels/layout.ts';
import { WRITE_BYTES } from '../../base/limits.ts';
import type { ByteWriter } from '../../connectors/connector.ts';
import { changeColumnOf } from '../../data/changelog.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { Encoder } from '../../formats/format.ts';
import type { SinkNode } from '../../plan/physical-plan.ts';
import type { SinkState } from '../../state/snapshot.ts';
import { SINK_BYTES, SINK_LATENCY, SINK_ROWS, SINK_WRITTEN } from '../counters.ts';
import { addLatency } from '../latency.ts';
import { type Meter, STAMP_CAUSE, STAMP_NOW } from '../meter.ts';
import type { RowLimit } from '../row-limit.ts';
import type { Telemetry } from '../telemetry.ts';
import type { Operator } from './operator.ts';
import { wholeUpdates } from './whole-updates.ts';

/** Reads whose output waits to be written; it is written at least every 64 turns. */
const CAUSES_MAX = 64;

export interface SinkParts {
  encoder: Encoder;
  writer: ByteWriter;
  telemetry: Telemetry;
  meter: Meter;
  limit: RowLimit;
}

export class Sink implements Operator {
  readonly id: string;
  readonly #memory: LinearMemory;
  readonly #encoder: Encoder;
  readonly #writer: ByteWriter;
  readonly #limit: RowLimit;
  readonly #counters: Float64Array;
  readonly #place: number;
  readonly #meter: Meter;
  /** What the waiting output comes from, in stamps, and how many rows come from each. */
  readonly #causes = new Float64Array(CAUSES_MAX);
  readonly #causedRows = new Float64Array(CAUSES_MAX);
  #causeCount = 0;
  /** −1 where all rows are insertions. */
  readonly #changeColumn: number;
  /** What begins the output is written. */
  #isBegun = false;
  /** Inputs that have not ended. */
  #openInputs: number;
  /** All of its inputs have ended, and everything is written. */
  isFinished = false;

  constructor(memory: LinearMemory, node: SinkNode, parts: SinkParts) {
    this.id = node.id;
    this.#memory = memory;
    this.#encoder = parts.encoder;
    this.#writer = parts.writer;
    this.#limit = parts.limit;
    this.#meter = parts.meter;
    this.#counters = parts.telemetry.counters;
    this.#place = parts.telemetry.placeOf(node.id);
    this.#changeColumn = changeColumnOf(node.schema);
    this.#openInputs = node.inputs.length;
  }

  process(batch: number): void {
    const memory = this.#memory;
    const given = memory.load32(batch + BATCH_ROW_COUNT);
    const taken = this.#limit.take(given);
    const column = this.#changeColumn;
    const rows = column < 0 ? taken : wholeUpdates(memory, batch, { column, rows: taken, given });
    if (rows === 0) return;
    if (rows < given) memory.store32(batch + BATCH_ROW_COUNT, rows);
    this.#counters[this.#place + SINK_ROWS]! += rows;
    this.#encoder.encode(batch);
    this.#noteCause(rows);
    if (rows < given) memory.store32(batch + BATCH_ROW_COUNT, given);
    if (this.#encoder.pendingBytes >= WRITE_BYTES) this.flush();
  }

  /** Takes rows that another core has encoded as this sink would. */
  takeText(address: number, bytes: number, rows: number): void {
    const meter = this.#meter;
    const caller = meter.weight === 0 ? -1 : meter.enter(this.#place);
    this.#counters[this.#place + SINK_ROWS]! += rows;
    this.#encoder.append?.(address, bytes);
    this.#noteCause(rows);
    if (this.#encoder.pendingBytes >= WRITE_BYTES) this.flush();
    if (caller >= 0) meter.leave(caller);
  }

  onWatermark(): void {}

  onIdle(): void {}

  onEnd(): void {
    this.#openInputs--;
    if (this.#openInputs === 0) this.finish();
  }

  /**
   * Ends the output stream: what closes it is written too. Only the first call does something.
   * @param isWhole the run has not failed: there is nothing that should follow.
   */
  finish(isWhole = true): void {
    if (this.isFinished) return;
    this.isFinished = true;
    this.#encoder.finish();
    this.#write();
    if (isWhole) this.#writer.endPart?.();
  }

  /** Writes what is waiting. @throws ClosedOutput when nobody reads the output any more. */
  flush(): void {
    this.#write();
    if (this.#writer.isPartOver?.() !== true) return;
    this.#encoder.finish();
    this.#write();
    this.#writer.endPart?.();
  }

  #write(): void {
    const bytes = this.#encoder.pendingBytes;
    // Where nothing is written of them, rows have come all the same.
    if (bytes === 0 && this.#causeCount === 0) return;
    const meter = this.#meter;
    const isOnItsOwn = meter.weight === 0;
    if (isOnItsOwn) meter.begin(this.#place);
    if (bytes > 0) this.#writePending(bytes);
    this.#countLatency();
    if (isOnItsOwn) meter.end();
  }

  #writePending(bytes: number): void {
    this.#memory.refresh();
    this.#writer.write(this.#memory, this.#encoder.pending, bytes);
    this.#encoder.clear();
    this.#writer.flush();
    this.#isBegun = true;
    this.#counters[this.#place + SINK_BYTES]! += bytes;
  }

  /** Rows of one read follow each other; when there are too many reads, the last ones count as one. */
  #noteCause(rows: number): void {
    const cause = this.#meter.stamps[STAMP_CAUSE] as number;
    const last = this.#causeCount - 1;
    const isKnown = last >= 0 && (this.#causes[last] === cause || this.#causeCount === CAUSES_MAX);
    const index = isKnown ? last : this.#causeCount++;
    if (!isKnown) {
      this.#causes[index] = cause;
      this.#causedRows[index] = 0;
    }
    this.#causedRows[index]! += rows;
  }

  #countLatency(): void {
    const place = this.#place + SINK_LATENCY;
    this.#meter.look(STAMP_NOW);
    const now = this.#meter.stamps[STAMP_NOW] as number;
    this.#counters[this.#place + SINK_WRITTEN] = now;
    for (let i = 0; i < this.#causeCount; i++) {
      const micros = (now - (this.#causes[i] as number)) * 1000;
      addLatency(this.#counters, place, micros, this.#causedRows[i] as number);
    }
    this.#causeCount = 0;
  }

  /** Writes what is waiting. @returns how much of its output counts from now on. */
  settle(): SinkState {
    this.flush();
    const { id, isFinished } = this;
    const [openInputs, isBegun] = [this.#openInputs, this.#isBegun];
    const bytes = this.#writer.settle();
    const place = this.#writer.place?.() ?? null;
    return { id, bytes, isBegun, openInputs, isFinished, ...(place === null ? {} : { place }) };
  }

  /** Goes on where `settle` was, before the first batch. Its writer has been opened there. */
  resume({ bytes, isBegun = bytes > 0, openInputs, isFinished }: SinkState): void {
    this.#isBegun = isBegun;
    if (isBegun) this.#encoder.resume();
    this.#openInputs = openInputs;
    this.isFinished = isFinished;
  }

  stateBytes(): number {
    return 0;
  }

  close(): void {
    this.#writer.close();
  }
}
