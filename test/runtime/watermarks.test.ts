// What moves the watermark of a source: marks of the record or computed from it, and the event times of every key.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BytesReader, lateCounts, runPipeline } from '../support/pipeline.ts';
import { often } from '../support/random.ts';

interface Event {
  k?: string | null;
  n: number;
  ts: number;
  wm?: number | null;
}

const lines = (events: readonly Event[]) => events.map((event) => `${JSON.stringify(event)}\n`).join('');
const pipeline = (watermark: string, options = '', query = '') =>
  `CREATE SOURCE e (k VARCHAR, n BIGINT, ts TIMESTAMP, wm TIMESTAMP, WATERMARK FOR ts ${watermark})
   FROM STDIN (format = 'json'${options});
   ${query || "SELECT window_start AS s, SUM(n) AS n FROM e GROUP BY TUMBLE(ts, INTERVAL '10' SECOND);"}`;

async function run(text: string, events: readonly Event[], batchRows = 2048) {
  const { output, progress, error } = await runPipeline({ text, input: lines(events), batchRows });
  if (error !== null) throw error;
  const rows = output
    .trimEnd()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { s: string; n: number });
  const windows = rows.map(({ s, n }) => [Date.parse(s) / 1000, n]);
  return { windows, late: lateCounts(progress)[0], source: progress.sources[0] };
}

describe('marks', () => {
  test.each([
    1, 2, 2048,
  ])('a column of the record says the watermark; NULL moves nothing (batches of %i)', async (rows) => {
    const events = [
      { n: 1, ts: 1000 },
      { n: 2, ts: 90_000 },
      { n: 4, ts: 2000, wm: 9999 },
      { n: 8, ts: 3000, wm: 5000 },
      { n: 16, ts: 4000, wm: 10_000 },
      { n: 32, ts: 5000, wm: null },
      { n: 64, ts: 95_000 },
    ];
    const { windows, late, source } = await run(pipeline('AS wm'), events, rows);
    expect(windows).toEqual([
      [0, 1 + 4 + 8 + 16],
      [90, 2 + 64],
    ]);
    expect(late).toBe(1);
    expect(source?.watermark).toBe(10_000_000);
  });

  test.each([1, 2, 2048])('a condition says which rows move it (batches of %i)', async (rows) => {
    const text = pipeline("AS CASE WHEN k LIKE 'm%' THEN ts - INTERVAL '1' SECOND END");
    const events = [
      { n: 1, ts: 1000 },
      { n: 2, ts: 50_000, k: 'row' },
      { n: 4, ts: 2000 },
      { n: 8, ts: 11_000, k: 'mark' },
      { n: 16, ts: 3000 },
      { n: 32, ts: 12_000, k: 'row' },
    ];
    const { windows, late } = await run(text, events, rows);
    expect(windows).toEqual([
      [0, 5],
      [10, 40],
      [50, 2],
    ]);
    expect(late).toBe(1);
  });

  test('a mark may fall back to the event time', async () => {
    const text = pipeline("AS COALESCE(wm, ts - INTERVAL '5' SECOND)");
    const { source } = await run(text, [
      { n: 1, ts: 9000 },
      { n: 1, ts: 1000, wm: 3000 },
      { n: 1, ts: 1000, wm: 6000 },
    ]);
    expect(source?.watermark).toBe(6_000_000);
  });

  test('a mark too far in the future is counted and moves nothing', async () => {
    const { windows, source } = await run(pipeline('AS wm'), [
      { n: 1, ts: 1000, wm: Date.now() + 48 * 3600 * 1000 },
      { n: 2, ts: 1000 },
    ]);
    expect(windows).toEqual([[0, 3]]);
    expect(source).toMatchObject({ future: 1, watermark: null });
  });

  test('a mark that cannot be computed ends the run with its place', async () => {
    const text = pipeline("AS CAST(k || '' AS TIMESTAMP)");
    await expect(run(text, [{ n: 1, ts: 1, k: 'soon' }])).rejects.toThrow(/cannot be converted/);
  });
});

interface Keyed {
  delay: number;
  max: number;
  eviction: 'least_recent' | 'lowest';
  idle: number;
}

/** The definition, key by key in an object: the watermark that each row carries. */
class KeyedModel {
  readonly #options: Keyed;
  /** In order of recency, the least recent first. */
  readonly #keys = new Map<string | null, number>();
  #all = Number.NEGATIVE_INFINITY;
  #lead = Number.NEGATIVE_INFINITY;

  constructor(options: Keyed) {
    this.#options = options;
  }

  take(k: string | null, ts: number): number {
    const { delay, max, eviction, idle } = this.#options;
    const keys = this.#keys;
    const known = keys.get(k);
    const carried = Math.max(this.#all, known === undefined ? this.#all : known - delay);
    if (known === undefined && keys.size === max) {
      const lowest = [...keys].reduce((a, b) => (b[1] < a[1] ? b : a))[0];
      keys.delete(eviction === 'lowest' ? lowest : [...keys.keys()][0]!);
    }
    keys.delete(k);
    keys.set(k, Math.max(known ?? ts, ts));
    this.#lead = Math.max(this.#lead, ts);
    if (idle > 0) {
      for (const [key, time] of [...keys].sort((a, b) => a[1] - b[1])) {
        if (keys.size > 1 && time < this.#lead - idle) keys.delete(key);
      }
    }
    this.#all = Math.max(this.#all, Math.min(...keys.values()) - delay);
    return carried;
  }
}

const keyed = ({ delay, max, eviction, idle }: Keyed, query?: string) =>
  pipeline(
    `AS ts - INTERVAL '${delay / 1000}' SECOND`,
    `, watermark = 'per_key', watermark_key = 'k', watermark_keys_max = ${max}, watermark_key_eviction = '${eviction}',
      watermark_key_idle = '${idle}ms'`,
    query,
  );

describe('a watermark by key', () => {
  test('slow keys are not late because fast ones are ahead, and windows wait for them', async () => {
    const events = [
      { k: 'slow', n: 1, ts: 0 },
      { k: 'fast', n: 10, ts: 1000 },
      { k: 'fast', n: 10, ts: 60_000 },
      { k: 'slow', n: 1, ts: 2000 },
      { k: 'fast', n: 100, ts: 2000 },
      { k: 'slow', n: 1, ts: 61_000 },
      { k: 'slow', n: 1, ts: 3000 },
    ];
    const options: Keyed = { delay: 0, max: 10, eviction: 'least_recent', idle: 0 };
    for (const batchRows of [1, 2, 2048]) {
      const { windows, late } = await run(keyed(options), events, batchRows);
      expect(windows).toEqual([
        [0, 12],
        [60, 11],
      ]);
      expect(late).toBe(2);
    }
    expect((await run(pipeline(''), events)).late).toBe(3);
  });

  test('equals the definition for any keys, policies and disorder, at any batch size and with several files', async () => {
    const event = fc.record({
      k: fc.constantFrom('a', 'b', 'a long name of a key', 'a long name of a kez', null, 'c', 'd', 'e'),
      n: fc.nat(9),
      ts: fc.nat(60).map((seconds) => seconds * 1000),
    });
    const options = fc.record({
      delay: fc.constantFrom(0, 2000),
      max: fc.constantFrom(1, 2, 3, 100),
      eviction: fc.constantFrom('least_recent' as const, 'lowest' as const),
      idle: fc.constantFrom(0, 5000, 20_000),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(event, { maxLength: 60 }), { minLength: 1, maxLength: 3 }),
        options,
        fc.constantFrom(1, 7, 2048),
        async (splits, given, batchRows) => {
          const sums = new Map<number, number>();
          let late = 0;
          for (const events of splits) {
            const model = new KeyedModel(given);
            for (const { k, n, ts } of events) {
              const start = Math.floor(ts / 10_000) * 10;
              if (model.take(k, ts) >= start * 1000 + 10_000) late++;
              else sums.set(start, (sums.get(start) ?? 0) + n);
            }
          }
          const { output, progress, error } = await runPipeline({
            text: keyed(given).replace('FROM STDIN (', "FROM FILE (path = 'x*', "),
            readers: { e: () => splits.map((events) => new BytesReader(Buffer.from(lines(events)), () => 97)) },
            batchRows,
          });
          expect(error).toBeNull();
          const rows = output
            .trimEnd()
            .split('\n')
            .filter(Boolean)
            .map((line) => JSON.parse(line));
          expect(rows.map(({ s, n }) => [Date.parse(s) / 1000, n])).toEqual([...sums].sort((a, b) => a[0] - b[0]));
          expect(lateCounts(progress)[0]).toBe(late);
        },
      ),
      { numRuns: often(100) },
    );
  });

  test('many keys: the table grows, and forgets', async () => {
    const events = Array.from({ length: 20_000 }, (_, i) => ({ k: `key ${(i * 7919) % 5000}`, n: 1, ts: i * 10 }));
    for (const idle of [0, 10_000]) {
      const { windows, late } = await run(keyed({ delay: 0, max: 3000, eviction: 'least_recent', idle }), events);
      expect(windows.reduce((sum, [, n]) => sum + (n as number), 0)).toBe(20_000);
      expect(late).toBe(0);
    }
  });

  test('a key too many fails the run when none may be forgotten', async () => {
    const text = keyed({ delay: 0, max: 2, eviction: 'least_recent', idle: 0 }).replace("'least_recent'", "'none'");
    const events = ['a', 'b', 'a', 'c'].map((k) => ({ k, n: 1, ts: 0 }));
    await expect(run(text, events)).rejects.toThrow('more than 2 keys have come');
    expect((await run(text, events.slice(0, 3))).windows).toEqual([[0, 3]]);
  });
});
