// An OVER that several cores can compute, on one core of a run that keeps its state: its rows are numbered as they are on
// their way to other cores (numbered-rows.ts), so that what is saved is the same on any number of them.
//
//   rows ─► numbered ─► OVER as owners have it ─► without their numbers ─► output

import { rowCountOf } from '../../data/batch.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { ExchangeInput, ExchangePlan } from '../../plan/exchange.ts';
import type { OverNode } from '../../plan/ordered-nodes.ts';
import type { StateImage } from '../../state/snapshot.ts';
import type { BlockWriter, KeyShare, Operator, Output } from '../operators/operator.ts';
import { createOver, type Over } from '../operators/over.ts';
import { BatchView } from './batch-view.ts';
import { NumberedRows, numberIn, saveNumber } from './numbered-rows.ts';

/** Rows with one number in front: those behind get the next one. */
const ROWS_MAX = 2 ** 31;

/** An exchange of an OVER, whose rows are numbered. */
export interface NumberedPlan {
  owned: OverNode;
  input: ExchangeInput;
  arrival: number;
}

/** @returns what the exchange says of the node; null when it is not about an OVER. */
export function numberedPlan(exchange: ExchangePlan | null): NumberedPlan | null {
  if (exchange === null || exchange.owned.kind !== 'over' || exchange.arrival === null) return null;
  const [input] = exchange.inputs;
  return input === undefined ? null : { owned: exchange.owned, input, arrival: exchange.arrival };
}

export class NumberedOver implements Operator {
  readonly id: string;
  readonly #memory: LinearMemory;
  readonly #numbers: NumberedRows;
  readonly #over: Over;
  #chunk = 0;
  #rows = 0;

  constructor(
    memory: LinearMemory,
    { owned, input, arrival }: NumberedPlan,
    { batchRows, output }: { batchRows: number; output: Output },
  ) {
    this.id = owned.id;
    this.#memory = memory;
    this.#numbers = new NumberedRows(memory, input, { arrival, batchRows });
    this.#over = createOver(memory, owned, batchRows, withoutColumn(memory, owned.schema.length, { arrival, output }));
  }

  process(batch: number): void {
    const rows = rowCountOf(this.#memory, batch);
    if (this.#rows + rows > ROWS_MAX) this.#begin(this.#chunk + 1);
    this.#rows += rows;
    this.#over.process(this.#numbers.number(batch, rows));
  }

  onWatermark(cell: number): void {
    this.#over.onWatermark(cell);
  }

  onIdle(): void {
    this.#over.onIdle();
  }

  onEnd(): void {
    this.#over.onEnd();
  }

  save(write: BlockWriter): StateImage | null {
    write(saveNumber(this.#chunk + 1), 'numbers');
    return this.#over.save?.(write) ?? null;
  }

  restore(block: Uint8Array): void {
    const number = numberIn(block);
    if (number === null) this.#over.restore?.(block);
    else this.#begin(number);
  }

  beginShare(share: KeyShare, isCounted: boolean): void {
    this.#over.beginShare?.(share, isCounted);
  }

  lateCount(): number {
    return this.#over.lateCount();
  }

  keyCount(): number {
    return this.#over.keyCount?.() ?? 0;
  }

  stateBytes(): number {
    return this.#over.stateBytes();
  }

  close(): void {
    this.#over.close();
  }

  #begin(chunk: number): void {
    this.#chunk = chunk;
    this.#rows = 0;
    this.#numbers.begin(chunk);
  }
}

/** Passes on all columns but one. */
function withoutColumn(
  memory: LinearMemory,
  columnCount: number,
  { arrival, output }: { arrival: number; output: Output },
): Output {
  const view = new BatchView(memory, [...Array(columnCount).keys()].toSpliced(arrival, 1));
  return {
    emit: (batch) => output.emit(view.point(batch)),
    watermark: (cell) => output.watermark(cell),
    idle: () => output.idle(),
    end: () => output.end(),
    ...(output.pause === undefined ? {} : { pause: (work, then, cell) => output.pause?.(work, then, cell) === true }),
  };
}
