// UNION ALL, LIMIT and streams over streams from end to end: watermarks, lateness, idle and ended inputs, early ends.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { READ_END, READ_NOTHING, type SplitReader } from '../../src/connectors/connector.ts';
import type { LinearMemory } from '../../src/data/memory.ts';
import { BytesReader, lateCounts, preparePipeline, runPipeline } from '../support/pipeline.ts';

interface Event {
  ts: number;
  n: number;
}

const lines = (events: readonly object[]) => events.map((event) => `${JSON.stringify(event)}\n`).join('');
const parse = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

const source = (name: string, delay: number, options = '') =>
  `CREATE SOURCE ${name} (n BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '${delay}' SECOND)
   FROM FILE (path = 'x', format = 'json'${options});`;
const WINDOWS = "window_start AS s, COUNT(*) AS c, SUM(n) AS n FROM u GROUP BY TUMBLE(ts, INTERVAL '5' SECOND);";
const UNION = `${source('a', 2)} ${source('b', 7)}
  CREATE STREAM u AS SELECT n, ts FROM a UNION ALL SELECT n + 100, ts FROM b; SELECT ${WINDOWS}`;

const events = fc
  .array(fc.record({ step: fc.nat(2500), back: fc.nat(9000), n: fc.nat(99) }), { maxLength: 40 })
  .map((steps) => {
    let time = 0;
    return steps.map(({ step, back, n }): Event => {
      time += step;
      return { ts: time - back, n };
    });
  });

/** Windows by the definition: a row is late by the rows before it in its own source. */
function expected(inputs: readonly { events: readonly Event[]; delay: number; add: number }[]) {
  const windows = new Map<number, { c: number; n: number }>();
  let late = 0;
  for (const { events: rows, delay, add } of inputs) {
    let watermark = Number.NEGATIVE_INFINITY;
    for (const { ts, n } of rows) {
      const start = Math.floor(ts / 5000) * 5000;
      if (watermark >= start + 5000) late++;
      else {
        const { c, n: sum } = windows.get(start) ?? { c: 0, n: 0 };
        windows.set(start, { c: c + 1, n: sum + n + add });
      }
      watermark = Math.max(watermark, ts - delay);
    }
  }
  const rows = [...windows]
    .sort(([one], [other]) => one - other)
    .map(([s, { c, n }]) => ({ s: new Date(s).toISOString().replace('.000', ''), c, n }));
  return { rows, late };
}

test.each([
  1, 7, 2048,
])('rows keep the watermark of their own source, windows wait for all (batches of %i)', async (n) => {
  await fc.assert(
    fc.asyncProperty(events, events, async (a, b) => {
      const readers = {
        a: () => [new BytesReader(Buffer.from(lines(a)))],
        b: () => [new BytesReader(Buffer.from(lines(b)))],
      };
      const { output, progress, error } = await runPipeline({ text: UNION, readers, batchRows: n });
      expect(error).toBeNull();
      const model = expected([
        { events: a, delay: 2000, add: 0 },
        { events: b, delay: 7000, add: 100 },
      ]);
      expect(parse(output)).toEqual(model.rows);
      expect(lateCounts(progress)[0]).toBe(model.late);
    }),
    { numRuns: 40 },
  );
});

/** Gives one part at each read, and nothing where it is null. */
class Parts implements SplitReader {
  readonly name = 'parts';
  readonly sizeBytes = null;
  readonly waitDescriptor = null;
  consumedBytes = 0;
  readonly #parts: (readonly Event[] | null)[];

  constructor(parts: (readonly Event[] | null)[]) {
    this.#parts = [...parts];
  }

  read(memory: LinearMemory, address: number): number {
    const part = this.#parts.shift();
    if (part === undefined) return READ_END;
    if (part === null) return READ_NOTHING;
    const bytes = Buffer.from(lines(part));
    memory.u8.set(bytes, address);
    this.consumedBytes += bytes.length;
    return bytes.length;
  }

  close(): void {}
}

test('an input that has ended or is idle does not hold back the others, and is late by them when it comes back', async () => {
  const nothing = Array.from({ length: 6 }, () => null);
  const at = (seconds: number): Event => ({ ts: seconds * 1000, n: seconds });
  let now = 1_000_000;
  const { core, outputs } = await preparePipeline({
    text: `${source('a', 0, ", idle_timeout = '2 seconds'")} ${source('b', 0)}
      CREATE STREAM u AS SELECT n, ts FROM a UNION ALL SELECT n, ts FROM b;
      CREATE SINK windows AS SELECT ${WINDOWS.replace(';', '')} INTO STDOUT;
      CREATE SINK own AS SELECT window_start AS s, SUM(n) AS n FROM a GROUP BY TUMBLE(ts, INTERVAL '5' SECOND) INTO STDOUT;`,
    readers: {
      a: () => [new Parts([[at(1)], ...nothing, [at(2)], [at(30)]])],
      b: () => [new Parts([[at(3)], [at(11)], ...nothing, ...nothing, [at(40)]])],
    },
    now: () => (now += 1000),
  });
  core.run();
  const rowsOf = (name: string) => parse(Buffer.concat(outputs[name] as Buffer[]).toString());
  // While a was idle, b at 11 s closed the first window: the 2 of a is late for it, and only for the union.
  expect(rowsOf('windows')[0]).toEqual({ s: '1970-01-01T00:00:00Z', c: 2, n: 1 + 3 });
  expect(rowsOf('own')[0]).toEqual({ s: '1970-01-01T00:00:00Z', n: 1 + 2 });
  expect(rowsOf('windows').reduce((sum, { c }) => sum + c, 0)).toBe(5);
});

describe('LIMIT', () => {
  /** A source without an end. */
  class Endless extends Parts {
    #count = 0;
    override read(memory: LinearMemory, address: number): number {
      this.#count++;
      const bytes = Buffer.from(lines([{ ts: this.#count * 1000, n: this.#count }]));
      memory.u8.set(bytes, address);
      return bytes.length;
    }
  }
  const endless = () => [new Endless([])];

  test.each([
    ['SELECT n FROM a LIMIT 3 OFFSET 2', [{ n: 3 }, { n: 4 }, { n: 5 }]],
    ['SELECT n FROM a LIMIT 0', []],
    ['SELECT n FROM a ORDER BY ts LIMIT 2 OFFSET 1', [{ n: 2 }, { n: 3 }]],
    ['SELECT n FROM a WHERE n > 4 ORDER BY ts, n DESC LIMIT 1', [{ n: 5 }]],
    ['SELECT n FROM a ORDER BY n LIMIT 0', []],
    ['SELECT SUM(n) AS n FROM (SELECT n FROM a ORDER BY ts LIMIT 3)', [{ n: 6 }]],
    ['SELECT SUM(n) AS n FROM (SELECT n FROM a WHERE n % 2 = 0 LIMIT 4)', [{ n: 20 }]],
    ['(SELECT n FROM a LIMIT 2) UNION ALL (SELECT -n FROM a LIMIT 1)', [{ n: 1 }, { n: -1 }, { n: 2 }]],
  ])('%s ends a run that would not end', async (query, rows) => {
    const text = `${source('a', 0)} ${query};`;
    const { core, outputs } = await preparePipeline({ text, readers: { a: endless }, batchRows: 1 });
    expect(core.run()).toBe('limit');
    expect(parse(Buffer.concat(Object.values(outputs)[0] as Buffer[]).toString())).toEqual(rows);
  });

  test('goes on while another sink wants more', async () => {
    const text = `${source('a', 0)} CREATE SINK few AS SELECT n FROM a LIMIT 1 INTO STDOUT;
      CREATE SINK all_of_them AS SELECT n FROM a INTO STDOUT;`;
    const rows = Array.from({ length: 50 }, (_, n) => ({ ts: n * 1000, n }));
    const readers = { a: () => [new BytesReader(Buffer.from(lines(rows)))] };
    for (const batchRows of [1, 7, 2048]) {
      const { outputs } = await runPipeline({ text, readers, batchRows });
      expect(parse(outputs['few'] as string)).toEqual([{ n: 0 }]);
      expect(parse(outputs['all_of_them'] as string)).toHaveLength(50);
    }
  });
});

describe('a source that only satisfied LIMITs read', () => {
  const counted = (rows: readonly Event[]) => rows.map((row) => [row]);
  const rows = Array.from({ length: 5000 }, (_, n) => ({ ts: n * 1000, n }));

  test.each([
    ['LIMIT 3', 3],
    ['ORDER BY ts LIMIT 3', 4],
    ['ORDER BY n LIMIT 0', 1],
  ])('%s: is not read any more while other sources go on', async (limit, read) => {
    const text = `${source('a', 0)} ${source('b', 0)}
      CREATE STREAM twice AS SELECT n * 2 AS n, ts FROM a;
      CREATE SINK few AS SELECT n FROM twice ${limit} INTO STDOUT;
      CREATE SINK none AS SELECT n FROM a WHERE n > 1 LIMIT 1 INTO STDOUT;
      CREATE SINK all_of_them AS SELECT n FROM b INTO STDOUT;`;
    const readers = { a: () => [new Parts(counted(rows))], b: () => [new Parts(counted(rows.slice(0, 100)))] };
    const { core, outputs, telemetry } = await preparePipeline({ text, readers, batchRows: 1 });
    expect(core.run()).toBe('limit');
    const [a, b] = telemetry.progress(0).sources;
    expect([a?.rows, b?.rows]).toEqual([Math.max(read, 3), 100]);
    expect(parse(Buffer.concat(outputs['none'] as Buffer[]).toString())).toEqual([{ n: 2 }]);
    expect(parse(Buffer.concat(outputs['all_of_them'] as Buffer[]).toString())).toHaveLength(100);
  });

  test('holds back no aligned source, and no UNION ALL that has enough of it', async () => {
    const aligned = ", alignment_group = 'g'";
    const text = `${source('a', 0, aligned)} ${source('b', 0, aligned)}
      CREATE STREAM u AS (SELECT n, ts FROM a LIMIT 1) UNION ALL SELECT n + 100, ts FROM b;
      SELECT window_start AS s, COUNT(*) AS c FROM u GROUP BY TUMBLE(ts, INTERVAL '1' HOUR);`;
    const readers = { a: () => [new Parts(counted(rows))], b: () => [new Parts(counted(rows))] };
    const { output, progress } = await runPipeline({ text, readers, batchRows: 1 });
    expect(parse(output).map(({ c }) => c)).toEqual([3601, 1400]);
    expect(progress.sources[0]).toMatchObject({ rows: 1, state: 'finished' });
  });
});

test('streams over streams are computed once for all that read them, and their watermarks flow on', async () => {
  const text = `${source('a', 1)}
    CREATE STREAM even AS SELECT n, ts FROM a WHERE n % 2 = 0;
    CREATE STREAM seconds AS SELECT window_start, window_time, SUM(n) AS n
      FROM even GROUP BY TUMBLE(ts, INTERVAL '1' SECOND);
    CREATE STREAM tens AS SELECT window_end AS e, SUM(n) AS n
      FROM seconds GROUP BY TUMBLE(window_time, INTERVAL '10' SECOND);
    CREATE SINK out INTO STDOUT;
    INSERT INTO out SELECT 'seconds' AS what, COUNT(*) AS n FROM seconds;
    INSERT INTO out (n, what) SELECT n, 'ten' FROM tens WHERE n > 0;
    CREATE SINK beside AS SELECT e, n FROM tens UNION ALL SELECT DISTINCT window_start, n FROM seconds WHERE n > 30 INTO STDOUT;`;
  const rows = Array.from({ length: 40 }, (_, n) => ({ ts: n * 500, n }));
  for (const batchRows of [1, 7, 2048]) {
    const readers = { a: () => [new BytesReader(Buffer.from(lines(rows)))] };
    const { outputs, plan } = await runPipeline({ text, readers, batchRows });
    const of = (from: number) => rows.slice(from, from + 20).reduce((sum, { n }) => sum + (n % 2 === 0 ? n : 0), 0);
    expect(parse(outputs['out'] as string)).toEqual([
      { what: 'ten', n: of(0) },
      { what: 'seconds', n: 20 },
      { what: 'ten', n: of(20) },
    ]);
    const at = (seconds: number) => new Date(seconds * 1000).toISOString().replace('.000', '');
    const large = [32, 34, 36, 38].map((n) => ({ e: at(n / 2), n }));
    expect(parse(outputs['beside'] as string)).toEqual(
      expect.arrayContaining([{ e: at(10), n: of(0) }, { e: at(20), n: of(20) }, ...large]),
    );
    expect(plan.nodes.filter(({ kind }) => kind === 'aggregate')).toHaveLength(4);
  }
});
