// The clock and the watermark in queries: watermark(), PROCTIME(), and windows that the clock closes.

import { describe, expect, test } from 'vitest';
import { READ_END, READ_NOTHING, type SplitReader } from '../../src/connectors/connector.ts';
import type { LinearMemory } from '../../src/data/memory.ts';
import { preparePipeline, runPipeline } from '../support/pipeline.ts';

const SOURCE =
  "CREATE SOURCE e (n BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) FROM STDIN (timestamp_unit = 's');";
const lines = (times: number[]) => times.map((ts, n) => `{"n":${n},"ts":${ts}}\n`).join('');
const rowsOf = (output: string) =>
  output
    .trimEnd()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

describe('watermark()', () => {
  const input = lines([10, 5, 20, 12, 12, 40]);

  test.each([
    1, 2, 2048,
  ])('is what the rows before have produced, NULL before the first (batches of %i)', async (batchRows) => {
    const text = `${SOURCE} SELECT n, epoch_ms(watermark()) // 1000 AS w FROM e;`;
    const { output } = await runPipeline({ text, input, batchRows });
    expect(rowsOf(output).map(({ w }) => w)).toEqual([null, 9, 9, 19, 19, 19]);
  });

  test.each([1, 2, 2048])('filters late rows, through streams and past filters (batches of %i)', async (batchRows) => {
    const text = `${SOURCE}
      CREATE STREAM odd AS SELECT ts, n FROM e WHERE n <> 2;
      CREATE STREAM late AS SELECT n, ts < watermark() AS is_late FROM odd;
      SELECT n FROM late WHERE is_late;`;
    const { output } = await runPipeline({ text, input, batchRows });
    expect(rowsOf(output)).toEqual([{ n: 1 }, { n: 3 }, { n: 4 }]);
  });

  test('stands beside windows over the same source', async () => {
    const text = `${SOURCE}
      CREATE SINK lag AS SELECT n, ts - watermark() AS lag FROM e WHERE watermark() IS NOT NULL INTO STDOUT;
      CREATE SINK counts AS SELECT COUNT(*) AS c FROM e GROUP BY TUMBLE(ts, INTERVAL '10' SECOND) INTO STDOUT;`;
    const { outputs } = await runPipeline({ text, input });
    expect(rowsOf(outputs['lag'] ?? '').map(({ n }) => n)).toEqual([1, 2, 3, 4, 5]);
    expect(rowsOf(outputs['counts'] ?? '').map(({ c }) => c)).toEqual([1, 3, 1, 1]);
  });
});

/** Gives a row when it is told to. */
class Tap implements SplitReader {
  readonly name = 'tap';
  readonly sizeBytes = null;
  readonly waitDescriptor = null;
  consumedBytes = 0;
  isEnded = false;
  readonly #ready: string[] = [];

  give(n: number): void {
    this.#ready.push(`{"n":${n},"ts":0}\n`);
  }

  read(memory: LinearMemory, address: number): number {
    const text = this.#ready.shift();
    if (text === undefined) return this.isEnded ? READ_END : READ_NOTHING;
    const bytes = Buffer.from(text);
    memory.u8.set(bytes, address);
    this.consumedBytes += bytes.length;
    return bytes.length;
  }

  close(): void {}
}

async function clocked(query: string) {
  const tap = new Tap();
  const clock = { millis: 1_000_000 };
  const { core, outputs } = await preparePipeline({
    text: `CREATE SOURCE e (n BIGINT, ts TIMESTAMP) FROM STDIN; ${query}`,
    readers: { e: () => [tap] },
    now: () => clock.millis,
  });
  const settle = () => {
    while (core.turn());
    return rowsOf(String(Buffer.concat(Object.values(outputs)[0] ?? [])));
  };
  return { tap, clock, settle };
}

describe('PROCTIME()', () => {
  test('is the clock when the row is handled, and never goes back', async () => {
    const { tap, clock, settle } = await clocked('SELECT n, epoch_ms(PROCTIME()) AS t FROM e;');
    for (const millis of [1_000_000, 1_000_500, 900_000, 1_000_501]) {
      clock.millis = millis;
      tap.give(millis);
      settle();
    }
    expect(settle().map(({ t }) => t)).toEqual([1_000_000, 1_000_500, 1_000_500, 1_000_501]);
  });

  test.each([
    ["SELECT window_start AS s, SUM(n) AS n FROM e GROUP BY TUMBLE(PROCTIME(), INTERVAL '10' SECOND);"],
    [
      `CREATE STREAM timed AS SELECT n, PROCTIME() AS pt FROM e;
       SELECT window_start AS s, SUM(n) AS n FROM timed WHERE n > 0 GROUP BY TUMBLE(pt, INTERVAL '10' SECOND);`,
    ],
  ])('windows over it close by the clock, without any input: %s', async (query) => {
    const { tap, clock, settle } = await clocked(query);
    tap.give(1);
    settle();
    clock.millis += 9000;
    tap.give(2);
    expect(settle()).toEqual([]);
    clock.millis += 999;
    expect(settle()).toEqual([]);
    clock.millis += 1;
    const first = { s: '1970-01-01T00:16:40Z', n: 3 };
    expect(settle()).toEqual([first]);
    tap.give(4);
    settle();
    tap.isEnded = true;
    expect(settle()).toEqual([first, { s: '1970-01-01T00:16:50Z', n: 4 }]);
  });

  test('a window over its windows is closed by them', async () => {
    const { tap, clock, settle } = await clocked(`
      CREATE STREAM seconds AS SELECT window_start, SUM(n) AS n FROM e GROUP BY TUMBLE(PROCTIME(), INTERVAL '1' SECOND);
      SELECT SUM(n) AS n FROM seconds GROUP BY TUMBLE(window_start, INTERVAL '10' SECOND);`);
    for (let second = 0; second < 10; second++) {
      tap.give(1);
      settle();
      clock.millis += 1000;
    }
    clock.millis += 1000;
    expect(settle()).toEqual([{ n: 10 }]);
  });

  test('an event time watermark does not close them', async () => {
    const text = `${SOURCE} SELECT COUNT(*) AS n FROM e GROUP BY TUMBLE(PROCTIME(), INTERVAL '10' DAY);`;
    const { output } = await runPipeline({ text, input: lines([10, 1_000_000_000, 5]), batchRows: 1 });
    expect(rowsOf(output)).toEqual([{ n: 3 }]);
  });
});
