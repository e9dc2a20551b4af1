// Runs an aggregate over rows, cut into batches, and collects what comes out: for tests.
import { createBatch, fillBatch, rowsOf, type Value } from '../../src/data/batch.ts';
import type { LinearMemory } from '../../src/data/memory.ts';
import { type Schema, WATERMARK_COLUMN } from '../../src/data/schema.ts';
import { BIGINT, TIMESTAMP } from '../../src/data/type.ts';
import type { AggregateNode, AggregateSpec, WindowKind } from '../../src/plan/aggregate-node.ts';
import { type Aggregate, createAggregate } from '../../src/runtime/operators/aggregate.ts';
import type { Output } from '../../src/runtime/operators/operator.ts';

/** Keeps everything it is given, in order. */
export class CollectingOutput implements Output {
  readonly rows: Value[][] = [];
  readonly batchRows: number[] = [];
  /** Watermarks, and how many rows had come before each. */
  readonly watermarks: { micros: bigint; rowCount: number }[] = [];
  idleCount = 0;
  endCount = 0;
  readonly #memory: LinearMemory;
  readonly #schema: Schema;

  constructor(memory: LinearMemory, schema: Schema) {
    this.#memory = memory;
    this.#schema = schema;
  }

  emit(batch: number): void {
    const rows = rowsOf(this.#memory, batch, this.#schema);
    this.batchRows.push(rows.length);
    this.rows.push(...rows);
  }

  watermark(cell: number): void {
    this.watermarks.push({ micros: this.#memory.i64[cell >>> 3] as bigint, rowCount: this.rows.length });
  }

  idle(): void {
    this.idleCount++;
  }

  end(): void {
    this.endCount++;
  }
}

export interface AggregateInput {
  /** Keys, then arguments, then the event time if any. The hidden watermark column is added here. */
  schema: Schema;
  keyCount: number;
  aggregates: AggregateSpec[];
  /** Without column numbers: the event time is the last column. */
  window: {
    kind?: WindowKind;
    sizeMicros: number;
    slideMicros?: number;
    offsetMicros: number;
    latenessMicros: number;
  } | null;
  rows: Value[][];
  /** µs the watermark follows the greatest event time; null: no watermark until the end. */
  delayMicros: bigint | null;
}

const NO_WATERMARK = -(2n ** 63n);

/** The plan node of an input, and the schema of its batches. */
export function aggregateNodeOf(input: AggregateInput): { node: AggregateNode; inputSchema: Schema } {
  const timeColumn = input.schema.length - 1;
  const hasWatermark = input.window !== null && input.delayMicros !== null;
  const inputSchema: Schema = hasWatermark
    ? [...input.schema, { name: WATERMARK_COLUMN, type: BIGINT, nullable: false, hidden: true }]
    : input.schema;
  const windowColumns: Schema = ['window_start', 'window_end'].map((name) => ({
    name,
    type: TIMESTAMP,
    nullable: false,
  }));
  const node: AggregateNode = {
    kind: 'aggregate',
    id: 'test.aggregate',
    inputs: ['input'],
    schema: [
      ...input.schema.slice(0, input.keyCount),
      ...(input.window === null ? [] : windowColumns),
      ...input.aggregates.map((spec) => ({
        name: spec.text,
        type: spec.result,
        nullable: !spec.function.startsWith('count'),
      })),
    ],
    keyCount: input.keyCount,
    window:
      input.window === null
        ? null
        : {
            kind: 'tumble',
            slideMicros: input.window.sizeMicros,
            ...input.window,
            column: timeColumn,
            watermarkColumn: hasWatermark ? timeColumn + 1 : null,
            closesAtEnd: false,
            byClock: false,
          },
    aggregates: input.aggregates,
    emit: { on: 'close' },
    lateColumns: null,
    idleMicros: null,
  };
  return { node, inputSchema };
}

/** Adds to each row the watermark that the rows before it produced. @returns the watermark after each row, too. */
export function withWatermarks(rows: readonly Value[][], delayMicros: bigint): { rows: Value[][]; after: bigint[] } {
  let watermark = NO_WATERMARK;
  const after: bigint[] = [];
  const marked = rows.map((row) => {
    const before = watermark;
    const moved = (row.at(-1) as bigint) - delayMicros;
    if (moved > watermark) watermark = moved;
    after.push(watermark);
    return [...row, before];
  });
  return { rows: marked, after };
}

/** An aggregate with its output, driven step by step. */
export class AggregateRun {
  readonly output: CollectingOutput;
  readonly aggregate: Aggregate;
  readonly #memory: LinearMemory;
  readonly #schema: Schema;
  readonly #batch: number;
  readonly #batchRows: number;
  readonly #cell: number;

  constructor(memory: LinearMemory, input: AggregateInput, batchRows: number) {
    const { node, inputSchema } = aggregateNodeOf(input);
    this.#memory = memory;
    this.#schema = inputSchema;
    this.#batchRows = batchRows;
    this.#batch = createBatch(memory, inputSchema, batchRows);
    this.#cell = memory.allocate(8);
    this.output = new CollectingOutput(memory, node.schema);
    this.aggregate = createAggregate(memory, node, inputSchema, batchRows, this.output);
  }

  /** Adds rows, hidden columns included, in as many batches as they take. */
  process(rows: readonly Value[][]): void {
    for (let from = 0; from < rows.length; from += this.#batchRows) {
      fillBatch(this.#memory, this.#batch, { schema: this.#schema, rows: rows.slice(from, from + this.#batchRows) });
      this.aggregate.process(this.#batch);
    }
  }

  watermark(micros: bigint): void {
    this.#memory.i64[this.#cell >>> 3] = micros;
    this.aggregate.onWatermark(this.#cell);
  }

  end(): void {
    this.aggregate.onEnd();
  }
}

/** Runs rows through an aggregate in batches of `batchRows`, a watermark after each, then the end of input. */
export function runAggregate(memory: LinearMemory, input: AggregateInput, batchRows: number): AggregateRun {
  const run = new AggregateRun(memory, input, batchRows);
  const { rows, window, delayMicros } = input;
  const marked = window === null || delayMicros === null ? null : withWatermarks(rows, delayMicros);
  for (let from = 0; from < rows.length; from += batchRows) {
    const end = Math.min(from + batchRows, rows.length);
    run.process((marked?.rows ?? rows).slice(from, end));
    if (marked !== null) run.watermark(marked.after[end - 1] as bigint);
  }
  run.end();
  return run;
}
