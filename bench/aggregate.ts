// The aggregate step alone, by its kernels, beside a Map per window: `node bench/aggregate.ts [--rows 4000000]`.
//
// 2,048-row batches as a decoder leaves them (strings inside the input text, batch and text just written, so in cache);
// key: one VARCHAR of 500 symbols; 10 s windows of 10,000 rows, 500 groups; count, two sums, min, max. Time spent
// preparing batches is not counted. Each variant runs in slices, interleaved, and its fastest half is averaged, so that
// a busy machine disturbs less; ratios within a run mean more than the numbers.

import { parseArgs } from 'node:util';
import { BLOCK_ROWS } from '../kernels/aggregate-state.ts';
import { BATCH_ROW_COUNT } from '../kernels/layout.ts';
import { columnData, columnValidity, createBatch } from '../src/data/batch.ts';
import { type Kernels, LinearMemory } from '../src/data/memory.ts';
import { type Schema, WATERMARK_COLUMN } from '../src/data/schema.ts';
import { BIGINT, DOUBLE, TIMESTAMP, VARCHAR } from '../src/data/type.ts';
import type { AggregateNode, AggregateSpec } from '../src/plan/aggregate-node.ts';
import type { AggregateFunction } from '../src/plan/aggregates/aggregate.ts';
import { createAggregate } from '../src/runtime/operators/aggregate.ts';
import { testMemory } from '../test/support/linear-memory.ts';

const { values: flags } = parseArgs({ options: { rows: { type: 'string', default: '4000000' } } });

const BATCH_ROWS = 2048;
const SYMBOLS = 500;
const RECORD_BYTES = 97;
const MICROS_PER_ROW = 1000;
const WINDOW_MICROS = 10_000_000;
const DELAY_MICROS = 100_000;
const START_MICROS = 1_700_000_000_000_000;
const ROUNDS = 10;

/** What a batch holds besides times: prepared once, copied before each use. */
interface Content {
  text: Uint8Array;
  symbols: string[];
  prices: Float64Array;
  volumes: number[];
}

function makeContent(seed: number): Content {
  let state = seed;
  const random = (n: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  const text = new Uint8Array(BATCH_ROWS * RECORD_BYTES);
  const content: Content = { text, symbols: [], prices: new Float64Array(BATCH_ROWS), volumes: [] };
  for (let row = 0; row < BATCH_ROWS; row++) {
    const symbol = `SYM${String(random(SYMBOLS)).padStart(4, '0')}`;
    text.set(Buffer.from(symbol), row * RECORD_BYTES);
    content.symbols.push(symbol);
    content.prices[row] = 100 + random(10_000) / 100;
    content.volumes.push(1 + random(900));
  }
  return content;
}

const contents = Array.from({ length: 16 }, (_, n) => makeContent(n + 1));

/** Event time of row `n`: steadily forward, out of order by up to 64 ms. */
function timeOf(n: number): number {
  return START_MICROS + n * MICROS_PER_ROW - (n % 8) * 8000;
}

interface Variant {
  label: string;
  /** Handles batch `n`; @returns ns spent, apart from preparation. */
  step: (n: number) => number;
  /** ns per row of each slice. */
  slices: number[];
  report?: () => string[];
}

const clock = (): number => Number(process.hrtime.bigint());

// Laminar

const columnsOf = (nullable: boolean): Schema => [
  { name: 'symbol', type: VARCHAR, nullable: false },
  { name: 'volume', type: BIGINT, nullable },
  { name: 'amount', type: DOUBLE, nullable },
  { name: 'price', type: DOUBLE, nullable },
  { name: 'ts', type: TIMESTAMP, nullable: false },
  { name: WATERMARK_COLUMN, type: BIGINT, nullable: false, hidden: true },
];

function nodeOf(schema: Schema): AggregateNode {
  const call = (fn: AggregateFunction, column: number | null): AggregateSpec => {
    const type = column === null ? null : (schema[column]?.type ?? null);
    return { function: fn, column, argumentType: type, result: type ?? BIGINT, orderColumn: null, text: fn };
  };
  const aggregates = [call('count_star', null), call('sum', 1), call('sum', 2), call('min', 3), call('max', 3)];
  const times = ['window_start', 'window_end'].map((name) => ({ name, type: TIMESTAMP, nullable: false }));
  const results = aggregates.map((spec) => ({ name: spec.text, type: spec.result, nullable: spec.column !== null }));
  return {
    kind: 'aggregate',
    id: 'bench',
    inputs: [],
    schema: [schema[0]!, ...times, ...results],
    keyCount: 1,
    window: {
      kind: 'tumble',
      sizeMicros: WINDOW_MICROS,
      slideMicros: WINDOW_MICROS,
      offsetMicros: 0,
      column: 4,
      latenessMicros: 0,
      watermarkColumn: 5,
      closesAtEnd: false,
      byClock: false,
    },
    aggregates,
    emit: { on: 'close' },
    lateColumns: null,
    idleMicros: null,
  };
}

/** A batch that is filled as a decoder would, over and over. */
class Feed {
  readonly batch: number;
  readonly cell: number;
  readonly #memory: LinearMemory;
  readonly #text: number;
  readonly #columns: number[];
  #greatest = 0;

  constructor(memory: LinearMemory, schema: Schema) {
    this.#memory = memory;
    this.batch = createBatch(memory, schema, BATCH_ROWS);
    this.cell = memory.allocate(8);
    this.#text = memory.allocate(BATCH_ROWS * RECORD_BYTES + 64);
    this.#columns = schema.map((_, index) => columnData(memory, this.batch, index));
    memory.store32(this.batch + BATCH_ROW_COUNT, BATCH_ROWS);
    for (let column = 0; column < schema.length; column++) {
      const validity = columnValidity(memory, this.batch, column);
      if (validity !== 0) memory.u8.fill(1, validity, validity + BATCH_ROWS);
    }
  }

  fill(n: number): void {
    const memory = this.#memory;
    const [symbol, volume, amount, price, time, watermark] = this.#columns as [number, ...number[]] as number[];
    const content = contents[n % contents.length] as Content;
    memory.u8.set(content.text, this.#text);
    for (let row = 0; row < BATCH_ROWS; row++) {
      memory.store32((symbol as number) + row * 8, this.#text + row * RECORD_BYTES);
      memory.store32((symbol as number) + row * 8 + 4, 7);
      memory.store32((volume as number) + row * 8, content.volumes[row] as number);
      memory.store32((volume as number) + row * 8 + 4, 0);
      memory.f64[((amount as number) >>> 3) + row] = (content.prices[row] as number) * (content.volumes[row] as number);
      memory.f64[((price as number) >>> 3) + row] = content.prices[row] as number;
      this.#storeMicros((watermark as number) + row * 8, this.#greatest - DELAY_MICROS);
      const micros = timeOf(n * BATCH_ROWS + row);
      this.#storeMicros((time as number) + row * 8, micros);
      this.#greatest = Math.max(this.#greatest, micros);
    }
    this.#storeMicros(this.cell, this.#greatest - DELAY_MICROS);
  }

  #storeMicros(address: number, micros: number): void {
    this.#memory.store32(address, micros % 2 ** 32);
    this.#memory.store32(address + 4, Math.floor(micros / 2 ** 32));
  }
}

/** ns spent in each step of a batch. */
type Steps = Record<'window' | 'pack' | 'hash' | 'find' | 'update', number>;

/** The kernels, with aggregateProcess taken apart into its steps (batches without late rows and long strings only). */
function timedKernels(memory: LinearMemory, steps: Steps): Kernels {
  const { kernels } = memory;
  const aggregateProcess = (state: number, batch: number): void => {
    for (let first = 0; first < BATCH_ROWS; first += BLOCK_ROWS) {
      const t0 = clock();
      kernels.windowAssign(state, batch, first, BLOCK_ROWS);
      const t1 = clock();
      kernels.keyPack(state, batch, first, BLOCK_ROWS);
      const t2 = clock();
      kernels.keyHash(state, batch, first, BLOCK_ROWS);
      const t3 = clock();
      kernels.tableFind(state, batch, first, BLOCK_ROWS);
      const t4 = clock();
      kernels.aggregateUpdate(state, batch, first, BLOCK_ROWS);
      const t5 = clock();
      steps.window += t1 - t0;
      steps.pack += t2 - t1;
      steps.hash += t3 - t2;
      steps.find += t4 - t3;
      steps.update += t5 - t4;
    }
    memory.refresh();
  };
  return { ...kernels, aggregateProcess };
}

function laminar(label: string, nullable: boolean, steps?: Steps): Variant {
  const plain = testMemory();
  const memory = steps === undefined ? plain : new LinearMemory(plain.memory, timedKernels(plain, steps));
  const schema = columnsOf(nullable);
  const node = nodeOf(schema);
  let groupCount = 0;
  const output = {
    emit: (batch: number): void => {
      groupCount += memory.load32(batch + BATCH_ROW_COUNT);
    },
    watermark: (): void => {},
    idle: (): void => {},
    end: (): void => {},
  };
  const aggregate = createAggregate(memory, node, schema, BATCH_ROWS, output);
  const feed = new Feed(memory, schema);
  const spent = { process: 0, close: 0, rows: 0 };
  const step = (n: number): number => {
    feed.fill(n);
    const start = clock();
    aggregate.process(feed.batch);
    const middle = clock();
    aggregate.onWatermark(feed.cell);
    const end = clock();
    spent.process += middle - start;
    spent.close += end - middle;
    spent.rows += BATCH_ROWS;
    return end - start;
  };
  const perRow = (name: keyof Steps): string => `${name} ${((steps?.[name] ?? 0) / spent.rows).toFixed(2)}`;
  const report = (): string[] => [
    ...(steps === undefined
      ? []
      : [
          `  ${Object.keys(steps)
            .map((name) => perRow(name as keyof Steps))
            .join(', ')} ns/row`,
        ]),
    `  adding rows ${(spent.process / spent.rows).toFixed(2)} ns/row`,
    `  closing windows ${(spent.close / groupCount).toFixed(1)} ns/group, ${(spent.close / spent.rows).toFixed(2)} ns/row; ${groupCount} groups`,
  ];
  return { label, step, slices: [], report };
}

// The naive way: a Map per window, decoded strings, an object per group.

interface Group {
  count: number;
  volume: bigint;
  amount: number;
  low: number;
  high: number;
}

function naive(): Variant {
  const windows = new Map<number, Map<string, Group>>();
  let emitted = 0;
  let watermark = 0;
  const add = (symbols: string[], volumes: bigint[], content: Content, first: number): void => {
    for (let row = 0; row < BATCH_ROWS; row++) {
      const start = Math.floor(timeOf(first + row) / WINDOW_MICROS) * WINDOW_MICROS;
      if (start + WINDOW_MICROS <= watermark - DELAY_MICROS) continue;
      let groups = windows.get(start);
      if (groups === undefined) {
        groups = new Map();
        windows.set(start, groups);
      }
      const symbol = symbols[row] as string;
      const price = content.prices[row] as number;
      const volume = volumes[row] as bigint;
      let group = groups.get(symbol);
      if (group === undefined) {
        group = { count: 0, volume: 0n, amount: 0, low: Number.POSITIVE_INFINITY, high: Number.NEGATIVE_INFINITY };
        groups.set(symbol, group);
      }
      group.count++;
      group.volume += volume;
      group.amount += price * Number(volume);
      if (price < group.low) group.low = price;
      if (price > group.high) group.high = price;
      watermark = Math.max(watermark, timeOf(first + row));
    }
  };
  const close = (): void => {
    for (const [start, groups] of windows) {
      if (start + WINDOW_MICROS > watermark - DELAY_MICROS) continue;
      emitted += [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).length;
      windows.delete(start);
    }
  };
  const step = (n: number): number => {
    const content = contents[n % contents.length] as Content;
    const volumes = content.volumes.map(BigInt);
    // New strings, as decoding would make them; making them is not counted.
    const symbols = content.symbols.map((symbol) => Buffer.from(symbol).toString());
    const start = clock();
    add(symbols, volumes, content, n * BATCH_ROWS);
    close();
    return clock() - start;
  };
  return { label: 'Map of objects per window', step, slices: [], report: () => [`  ${emitted} groups`] };
}

function noSteps(): Steps {
  return { window: 0, pack: 0, hash: 0, find: 0, update: 0 };
}

function main(): void {
  const variants = [
    laminar('Laminar, NOT NULL', false),
    laminar('Laminar, nullable', true),
    laminar('Laminar, by step', false, noSteps()),
    naive(),
  ];
  const batches = Math.ceil(Number(flags.rows) / BATCH_ROWS / ROUNDS);
  const next = variants.map(() => 0);
  for (let round = 0; round < ROUNDS; round++) {
    variants.forEach((variant, index) => {
      let spent = 0;
      for (let n = 0; n < batches; n++) spent += variant.step(next[index]!++);
      variant.slices.push(spent / batches / BATCH_ROWS);
    });
  }
  for (const { label, slices, report } of variants) {
    const half = slices.toSorted((a, b) => a - b).slice(0, ROUNDS / 2);
    const nanos = half.reduce((sum, n) => sum + n, 0) / half.length;
    console.log(
      `${label.padEnd(28)} ${nanos.toFixed(2).padStart(8)} ns/row ${(1000 / nanos).toFixed(1).padStart(8)} M rows/s`,
    );
    for (const line of report?.() ?? []) console.log(line);
  }
}

main();
