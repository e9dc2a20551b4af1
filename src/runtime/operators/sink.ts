// The end of a plan: batches are encoded, and the bytes written when enough are waiting or the core has nothing to do.

import { BATCH_ROW_COUNT } from '../../../kernels/layout.ts';
import { WRITE_BYTES } from '../../base/limits.ts';
import type { ByteWriter } from '../../connectors/connector.ts';
import { columnData } from '../../data/batch.ts';
import { changeColumnOf } from '../../data/changelog.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { Encoder } from '../../formats/format.ts';
import type { SinkNode } from '../../plan/physical-plan.ts';
import type { RowLimit } from '../row-limit.ts';
import { SINK_BYTES, SINK_ROWS, type Telemetry } from '../telemetry.ts';
import type { Operator } from './operator.ts';

export interface SinkParts {
  encoder: Encoder;
  writer: ByteWriter;
  telemetry: Telemetry;
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
  /** −1 where all rows are insertions. */
  readonly #changeColumn: number;
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
    this.#counters = parts.telemetry.counters;
    this.#place = parts.telemetry.placeOf(node.id);
    this.#changeColumn = changeColumnOf(node.schema);
    this.#openInputs = node.inputs.length;
  }

  process(batch: number): void {
    const memory = this.#memory;
    const given = memory.load32(batch + BATCH_ROW_COUNT);
    const rows = this.#wholeUpdates(batch, this.#limit.take(given), given);
    if (rows === 0) return;
    if (rows < given) memory.store32(batch + BATCH_ROW_COUNT, rows);
    this.#counters[this.#place + SINK_ROWS]! += rows;
    this.#encoder.encode(batch);
    if (rows < given) memory.store32(batch + BATCH_ROW_COUNT, given);
    if (this.#encoder.pendingBytes >= WRITE_BYTES) this.flush();
  }

  /** Takes rows that another core has encoded as this sink would. */
  takeText({ address, bytes, rows }: { address: number; bytes: number; rows: number }): void {
    this.#counters[this.#place + SINK_ROWS]! += rows;
    this.#encoder.append?.(address, bytes);
    if (this.#encoder.pendingBytes >= WRITE_BYTES) this.flush();
  }

  onWatermark(): void {}

  onIdle(): void {}

  onEnd(): void {
    this.#openInputs--;
    if (this.#openInputs === 0) this.finish();
  }

  /** Ends the output stream: what closes it is written too. Only the first call does something. */
  finish(): void {
    if (this.isFinished) return;
    this.isFinished = true;
    this.#encoder.finish();
    this.flush();
  }

  /** Writes what is waiting. @throws ClosedOutput when nobody reads the output any more. */
  flush(): void {
    const bytes = this.#encoder.pendingBytes;
    if (bytes === 0) return;
    this.#memory.refresh();
    this.#writer.write(this.#memory, this.#encoder.pending, bytes);
    this.#encoder.clear();
    this.#writer.flush();
    this.#counters[this.#place + SINK_BYTES]! += bytes;
  }

  /** Rows to write: where the limit would cut an update in two, its other half is written too. */
  #wholeUpdates(batch: number, rows: number, given: number): number {
    if (this.#changeColumn < 0 || rows === 0 || rows === given) return rows;
    const memory = this.#memory;
    const changes = (columnData(memory, batch, this.#changeColumn) >>> 2) + rows;
    const [before, after] = [memory.i32[changes - 1] as number, memory.i32[changes] as number];
    return before < -1 && before === -after ? rows + 1 : rows;
  }

  stateBytes(): number {
    return 0;
  }

  close(): void {
    this.#writer.close();
  }
}
