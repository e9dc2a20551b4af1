// Several splits of one source: merged or one after another, they give the same windows, whatever the reads and batches.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { READ_END, READ_NOTHING, type SplitReader } from '../../src/connectors/connector.ts';
import type { LinearMemory } from '../../src/data/memory.ts';
import { BytesReader, lateCounts, preparePipeline, runPipeline } from '../support/pipeline.ts';
import { often } from '../support/random.ts';

interface Event {
  ts: number;
  k: string;
  n: number;
}

const lines = (events: readonly Event[]) => events.map((event) => `${JSON.stringify(event)}\n`).join('');
const source = (options = '') =>
  `CREATE SOURCE e (k VARCHAR, n BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '2' SECOND)
   FROM FILE (path = 'x*', format = 'json'${options});`;
const WINDOWS = `SELECT k, window_start AS s, COUNT(*) AS c, SUM(n) AS n, MIN(n) AS low
  FROM e GROUP BY k, TUMBLE(ts, INTERVAL '5' SECOND);`;

const readersOf = (splits: readonly (readonly Event[])[], cut?: () => number) => ({
  e: () => splits.map((events) => new BytesReader(Buffer.from(lines(events)), cut)),
});

/** Events that go on in time, with so much disorder in ms. */
const split = fc
  .record({
    start: fc.nat(20),
    steps: fc.array(fc.record({ step: fc.nat(1500), back: fc.nat(6000), k: fc.nat(2), n: fc.nat(99) }), {
      maxLength: 40,
    }),
  })
  .map(({ start, steps }) => {
    let time = start * 1000;
    return steps.map(({ step, back, k, n }): Event => {
      time += step;
      return { ts: time - back, k: `k${k}\\u00e9`, n };
    });
  });

/** Windows by the definition: a row is late by the rows before it in its own split. */
function expected(splits: readonly (readonly Event[])[]) {
  const groups = new Map<string, { k: string; s: number; values: number[] }>();
  let late = 0;
  for (const events of splits) {
    let watermark = Number.NEGATIVE_INFINITY;
    for (const { ts, k, n } of events) {
      const s = Math.floor(ts / 5000) * 5000;
      if (watermark >= s + 5000) late++;
      else {
        const key = `${s} ${k}`;
        const group = groups.get(key) ?? { k, s, values: [] };
        group.values.push(n);
        groups.set(key, group);
      }
      watermark = Math.max(watermark, ts - 2000);
    }
  }
  const rows = [...groups.values()]
    .sort((a, b) => a.s - b.s || (a.k < b.k ? -1 : 1))
    .map(({ k, s, values }) => {
      const at = `${new Date(s).toISOString().replace('.000', '')}`;
      return JSON.stringify({
        k,
        s: at,
        c: values.length,
        n: values.reduce((a, b) => a + b),
        low: Math.min(...values),
      });
    });
  return { output: rows.map((row) => `${row}\n`).join(''), late };
}

describe('several files', () => {
  test('give the windows of the definition: merged or not, at any batch size and any cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(split, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(1, 7, 2048),
        fc.constantFrom('merged', 'sequential', 'auto'),
        fc.array(fc.nat(300), { minLength: 1, maxLength: 10 }),
        async (splits, batchRows, mode, cuts) => {
          let reads = 0;
          const { output, progress, error } = await runPipeline({
            text: source(`, splits = '${mode}'`) + WINDOWS,
            readers: readersOf(splits, () => cuts[reads++ % cuts.length] as number),
            batchRows,
          });
          expect(error).toBeNull();
          const model = expected(splits);
          expect(output).toBe(model.output);
          expect(lateCounts(progress)[0]).toBe(model.late);
        },
      ),
      { numRuns: often(60) },
    );
  });

  test('merged: rows come in the order of progress, the same at any batch size', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(split, { minLength: 2, maxLength: 5 }), async (splits) => {
        const outputs: string[] = [];
        for (const batchRows of [1, 7, 2048]) {
          const text = `${source(", splits = 'merged'")} SELECT k, n, ts FROM e;`;
          outputs.push((await runPipeline({ text, readers: readersOf(splits), batchRows })).output);
        }
        expect(outputs[1]).toBe(outputs[0]);
        expect(outputs[2]).toBe(outputs[0]);
        expect(outputs[0]?.split('\n').sort()).toEqual(expectedRows(splits));
      }),
      { numRuns: 20 },
    );
  });

  test('merged: files in order of time are one stream in order of time', async () => {
    const splits = [0, 1, 2].map((first) =>
      Array.from({ length: 200 }, (_, n): Event => ({ ts: n * 30 + first * 10, k: 'x', n: n * 3 + first })),
    );
    const text = `${source(", splits = 'merged'")} SELECT n FROM e;`;
    const { output } = await runPipeline({ text, readers: readersOf(splits), batchRows: 16 });
    const numbers = output
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { n: number }).n);
    // The file furthest behind goes first: one that is at the same time as another is taken once that has gone on.
    expect(numbers.slice(0, 6)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(numbers).toEqual(Array.from({ length: 600 }, (_, n) => n));
  });

  test('merged: windows come out while the files are read', async () => {
    const splits = [0, 1].map(() => Array.from({ length: 4000 }, (_, n): Event => ({ ts: n * 100, k: 'x', n })));
    const { core, telemetry } = await preparePipeline({
      text: source() + WINDOWS,
      readers: readersOf(splits, () => 1000),
      batchRows: 64,
    });
    let half = 0;
    while (core.turn()) {
      const { sources, sinks } = telemetry.progress(0);
      if ((sources[0]?.rows ?? 0) >= 4000 && half === 0) half = sinks[0]?.rows ?? 0;
    }
    expect(half).toBeGreaterThan(30);
    expect(telemetry.progress(0).sinks[0]?.rows).toBe(80);
  });

  test('too many to be merged are read one after another, unless merging was asked for', async () => {
    const splits = Array.from({ length: 257 }, (_, n) => [{ ts: n * 1000, k: 'x', n }]);
    const auto = await runPipeline({ text: source() + WINDOWS, readers: readersOf(splits) });
    expect(auto.output).toBe(expected(splits).output);
    const merged = runPipeline({ text: source(", splits = 'merged'") + WINDOWS, readers: readersOf(splits) });
    await expect(merged).rejects.toThrow('257 files cannot be merged: at most 256 are open at once');
  });

  test('bad records of one file are told with its name and line', async () => {
    const good = lines([{ ts: 0, k: 'x', n: 1 }]);
    const named = (name: string, text: string): SplitReader =>
      Object.assign(new BytesReader(Buffer.from(text)), { name });
    const { error } = await runPipeline({
      text: source() + WINDOWS,
      readers: { e: () => [named('a', good.repeat(3)), named('b', `${good}oops\n`)] },
    });
    expect(error?.message).toContain('(b, line 2, byte');
  });
});

function expectedRows(splits: readonly (readonly Event[])[]): string[] {
  const rows = splits.flat().map(({ k, n, ts }) => {
    const time = new Date(ts).toISOString().replace('.000Z', 'Z');
    return JSON.stringify({ k, n, ts: time });
  });
  return [...rows, ''].sort();
}

/** Gives what it is told to, when it is told to. */
class ScriptedReader implements SplitReader {
  readonly name: string;
  readonly sizeBytes = null;
  readonly waitDescriptor = null;
  consumedBytes = 0;
  readonly #ready: Buffer[] = [];
  #isEnded = false;

  constructor(name: string) {
    this.name = name;
  }

  give(...events: Event[]): void {
    this.#ready.push(Buffer.from(lines(events)));
  }

  end(): void {
    this.#isEnded = true;
  }

  read(memory: LinearMemory, address: number): number {
    const bytes = this.#ready.shift();
    if (bytes === undefined) return this.#isEnded ? READ_END : READ_NOTHING;
    memory.u8.set(bytes, address);
    this.consumedBytes += bytes.length;
    return bytes.length;
  }

  close(): void {}
}

async function idlePipeline(options = ", idle_timeout = '5s'") {
  const splits = [new ScriptedReader('a'), new ScriptedReader('b')] as const;
  const clock = { millis: 1_000_000 };
  const { core, outputs, telemetry } = await preparePipeline({
    text: source(options) + WINDOWS,
    readers: { e: () => [...splits] },
    now: () => clock.millis,
  });
  const settle = () => {
    while (core.turn());
    const out = Buffer.concat(Object.values(outputs)[0] ?? []).toString();
    return out
      .trimEnd()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => (JSON.parse(line) as { s: string; c: number }).c);
  };
  return { a: splits[0], b: splits[1], core, clock, settle, progress: () => telemetry.progress(0) };
}

const at = (seconds: number): Event => ({ ts: seconds * 1000, k: 'x', n: 1 });

describe('an idle file', () => {
  test('is waited for until it has given nothing for the timeout', async () => {
    const { a, clock, settle, progress } = await idlePipeline();
    a.give(at(1), at(2), at(60));
    expect(settle()).toEqual([]);
    clock.millis += 4999;
    expect(settle()).toEqual([]);
    clock.millis += 1;
    expect(settle()).toEqual([2]);
    expect(progress().sources[0]?.splits.map(({ state }) => state)).toEqual(['active', 'idle']);
  });

  test('without a timeout is waited for', async () => {
    const { a, clock, settle } = await idlePipeline('');
    a.give(at(1), at(2), at(60));
    settle();
    clock.millis += 1e9;
    expect(settle()).toEqual([]);
  });

  test('that wakes up is late where windows have closed, and holds the others back again', async () => {
    const { a, b, clock, settle, progress } = await idlePipeline();
    a.give(at(1), at(2), at(60));
    settle();
    clock.millis += 5000;
    expect(settle()).toEqual([2]);
    b.give(at(3), at(59), at(61));
    expect(settle()).toEqual([2]);
    expect(lateCounts(progress())[0]).toBe(1);
    expect(progress().sources[0]?.splits.map(({ state }) => state)).toEqual(['active', 'active']);
    a.give(at(100));
    expect(settle()).toEqual([2]);
    b.give(at(100));
    expect(settle()).toEqual([2, 1, 2]);
  });

  test('counts for nothing once the other ends, and the end flushes what is open', async () => {
    const { a, b, clock, settle } = await idlePipeline();
    a.give(at(1), at(60));
    settle();
    clock.millis += 5000;
    a.end();
    expect(settle()).toEqual([1]);
    b.end();
    expect(settle()).toEqual([1, 1]);
  });

  test('all idle: the watermark is that of the one furthest ahead', async () => {
    const { a, b, clock, settle, progress } = await idlePipeline();
    a.give(at(50));
    b.give(at(1), at(10));
    expect(settle()).toEqual([1]);
    clock.millis += 5000;
    settle();
    expect(progress().sources[0]?.watermark).toBe(48_000_000);
    expect(progress().sources[0]?.splits.map(({ state }) => state)).toEqual(['idle', 'idle']);
    expect(settle()).toEqual([1, 1]);
  });
});

test('a stop gives out what has been read of every file, also of one that waits for its turn', async () => {
  const { a, b, core, settle } = await idlePipeline('');
  a.give(at(1), at(2), at(60));
  b.give(at(3));
  expect(settle()).toEqual([]);
  core.parts.control.stop();
  expect(core.run()).toBe('stopped');
  expect(settle()).toEqual([3, 1]);
});
