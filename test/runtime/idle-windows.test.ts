// OR AFTER … IDLE: the last windows of a quiet stream come out, and what happens to rows that come after all.

import { describe, expect, test } from 'vitest';
import { READ_END, READ_NOTHING, type SplitReader } from '../../src/connectors/connector.ts';
import type { LinearMemory } from '../../src/data/memory.ts';
import { lateCounts, preparePipeline } from '../support/pipeline.ts';

/** Reads that find nothing. */
interface Pause {
  turns: number;
}

/** Gives its parts one after another, and nothing in its pauses. */
class PausingReader implements SplitReader {
  readonly name = 'stdin';
  readonly sizeBytes = null;
  readonly waitDescriptor = null;
  consumedBytes = 0;
  readonly #parts: (Buffer | Pause)[];
  readonly #onPause: () => void;

  /** Calls `onPause` at each read that finds nothing. */
  constructor(parts: (object[] | Pause)[], onPause: () => void) {
    this.#onPause = onPause;
    this.#parts = parts.map((part) =>
      Array.isArray(part) ? Buffer.from(part.map((row) => `${JSON.stringify(row)}\n`).join('')) : { ...part },
    );
  }

  read(memory: LinearMemory, address: number): number {
    const [part] = this.#parts;
    if (part === undefined) return READ_END;
    if (Buffer.isBuffer(part)) {
      memory.u8.set(part, address);
      this.consumedBytes += part.length;
      this.#parts.shift();
      return part.length;
    }
    this.#onPause();
    part.turns--;
    if (part.turns === 0) this.#parts.shift();
    return READ_NOTHING;
  }

  close(): void {}
}

const SOURCE = "CREATE SOURCE e (k VARCHAR, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) FROM STDIN;";

/** Runs the parts; the clock goes on by a second with every read that finds nothing. */
async function run(query: string, parts: (object[] | Pause)[], batchRows = 2048) {
  let now = 1_000_000;
  const { core, outputs, telemetry } = await preparePipeline({
    text: `${SOURCE} ${query}`,
    batchRows,
    now: () => now,
    readers: { e: () => [new PausingReader(parts, () => (now += 1000))] },
  });
  core.run();
  const rows = Object.fromEntries(
    Object.entries(outputs).map(([name, chunks]) => {
      const lines = Buffer.concat(chunks).toString().split('\n');
      return [name, lines.filter((line) => line !== '').map((line) => JSON.parse(line))];
    }),
  );
  return { rows, late: lateCounts(telemetry.progress(0)) };
}

const row = (k: string, ts: number) => ({ k, ts });
const out = "INTO STDOUT (format = 'json', timestamp_format = 'ms');";
const PARTS = [
  [row('a', 100), row('b', 900), row('a', 1500)],
  { turns: 12 },
  [row('c', 200), row('c', 1800), row('d', 2100)],
  { turns: 3 },
  [row('d', 2200), row('e', 9000)],
];

describe('windows that closed because nothing came', () => {
  const query = (window: string, more = '') =>
    `CREATE SINK late INTO STDOUT (format = 'json', timestamp_format = 'ms');
     CREATE SINK out AS SELECT window_start AS s, COUNT(*) AS n FROM e GROUP BY ${window}
     EMIT ON WINDOW CLOSE OR AFTER INTERVAL '5' SECOND IDLE LATE DATA TO late ${more} ${out}`;

  test.each([1, 2, 2048])('are closed: rows that come later are late (batches of %i)', async (batchRows) => {
    const { rows, late } = await run(query("TUMBLE(ts, INTERVAL '1' SECOND)"), PARTS, batchRows);
    expect(rows['out']).toEqual([
      { s: 0, n: 2 },
      { s: 1000, n: 1 },
      { s: 2000, n: 2 },
      { s: 9000, n: 1 },
    ]);
    expect(late).toEqual([2]);
    // The window they missed is in the row, and the watermark that the source was really at.
    expect(rows['late']).toEqual([
      { k: 'c', ts: 200, late_source: 'e', late_watermark: 500, late_window_start: 0, late_window_end: 1000 },
      { k: 'c', ts: 1800, late_source: 'e', late_watermark: 500, late_window_start: 1000, late_window_end: 2000 },
    ]);
  });

  test('a row counts in those of its overlapping windows that did not come out', async () => {
    const { rows, late } = await run(query("HOP(ts, INTERVAL '1' SECOND, INTERVAL '2' SECOND)"), PARTS);
    expect(rows['out']).toEqual([
      { s: -1000, n: 2 },
      { s: 0, n: 3 },
      { s: 1000, n: 1 },
      { s: 2000, n: 2 },
      { s: 8000, n: 1 },
      { s: 9000, n: 1 },
    ]);
    expect(late).toEqual([2]);
  });

  test.each([1, 2048])('a session that came out is not joined again (batches of %i)', async (batchRows) => {
    const { rows, late } = await run(query("SESSION(ts, INTERVAL '1' SECOND)"), PARTS, batchRows);
    expect(rows['out']).toEqual([
      { s: 100, n: 3 },
      { s: 1800, n: 3 },
      { s: 9000, n: 1 },
    ]);
    expect(late).toEqual([1]);
  });

  test('sessions too, and a row that could only lengthen them is late', async () => {
    const { rows, late } = await run(query("SESSION(ts, INTERVAL '1' SECOND)"), PARTS);
    expect(rows['out']).toEqual([
      { s: 100, n: 3 },
      { s: 1800, n: 3 },
      { s: 9000, n: 1 },
    ]);
    expect(late).toEqual([1]);
    expect(rows['late']).toMatchObject([{ k: 'c', ts: 200, late_window_start: 200, late_window_end: 1200 }]);
  });

  test('rows in a shorter pause are in time', async () => {
    const { late } = await run(query("TUMBLE(ts, INTERVAL '1' MINUTE)"), [PARTS[0]!, { turns: 3 }, PARTS[2]!]);
    expect(late).toEqual([0]);
  });

  test('a window over their stream closes with them', async () => {
    const text = `CREATE STREAM seconds AS SELECT window_time, COUNT(*) AS n FROM e
      GROUP BY TUMBLE(ts, INTERVAL '1' SECOND) EMIT ON WINDOW CLOSE OR AFTER '5s' IDLE;
      CREATE SINK out AS SELECT window_start AS s, SUM(n) AS n FROM seconds
      GROUP BY TUMBLE(window_time, INTERVAL '2' SECOND) ${out}`;
    let now = 1_000_000;
    const { core, outputs } = await preparePipeline({
      text: `${SOURCE} ${text}`,
      now: () => now,
      readers: { e: () => [new PausingReader([PARTS[0]!, { turns: 1000 }], () => (now += 1000))] },
    });
    for (let turn = 0; turn < 20; turn++) core.turn();
    expect(Buffer.concat(outputs['out'] as Buffer[]).toString()).toBe('{"s":0,"n":3}\n');
  });
});

test('with corrections, windows come out and rows that come later correct them', async () => {
  const { rows, late } = await run(
    `CREATE SINK out AS SELECT window_start AS s, COUNT(*) AS n FROM e GROUP BY TUMBLE(ts, INTERVAL '1' SECOND)
     EMIT AFTER WATERMARK OR AFTER INTERVAL '5' SECOND IDLE ALLOW LATENESS INTERVAL '10' SECOND ${out}`,
    PARTS,
  );
  expect(rows['out']).toEqual([
    { op: '+I', s: 0, n: 2 },
    { op: '+I', s: 1000, n: 1 },
    { op: '-U', s: 0, n: 2 },
    { op: '+U', s: 0, n: 3 },
    { op: '-U', s: 1000, n: 1 },
    { op: '+U', s: 1000, n: 2 },
    { op: '+I', s: 2000, n: 2 },
    { op: '+I', s: 9000, n: 1 },
  ]);
  expect(late).toEqual([0]);
});

test('sessions with corrections come out too; one that goes on is taken back until it is complete', async () => {
  const { rows, late } = await run(
    `CREATE SINK out AS SELECT window_start AS s, COUNT(*) AS n FROM e GROUP BY SESSION(ts, INTERVAL '1' SECOND)
     EMIT AFTER WATERMARK OR AFTER INTERVAL '5' SECOND IDLE ALLOW LATENESS INTERVAL '10' SECOND ${out}`,
    PARTS,
  );
  expect(rows['out']).toEqual([
    { op: '+I', s: 100, n: 3 },
    // 200 is within it, 1800 makes it go on.
    { op: '-U', s: 100, n: 3 },
    { op: '+U', s: 100, n: 4 },
    { op: '-D', s: 100, n: 4 },
    { op: '+I', s: 100, n: 7 },
    { op: '+I', s: 9000, n: 1 },
  ]);
  expect(late).toEqual([0]);
});
