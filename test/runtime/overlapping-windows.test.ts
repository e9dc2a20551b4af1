// HOP, SLIDE and CUMULATE from end to end: which windows a row counts in, late ones among them, and in what order they
// come out.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lateCounts, runPipeline } from '../support/pipeline.ts';
import { often } from '../support/random.ts';

interface Event {
  ts: number;
  k?: string;
  v?: number;
}

interface Options {
  window: string;
  delay?: string;
  more?: string;
  select?: string;
  key?: string;
}

function pipeline({ window, delay = '0', more = '', select = 'COUNT(*) AS n', key }: Options): string {
  const by = key === undefined ? '' : `${key}, `;
  return `CREATE SOURCE e (k VARCHAR, v BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '${delay}' SECOND)
FROM STDIN (format = 'json');
CREATE SINK out AS SELECT ${by}window_start AS s, window_end AS e, ${select} FROM e GROUP BY ${by}${window} ${more}
INTO STDOUT (format = 'json', timestamp_format = 'ms');`;
}

async function run(options: Options, events: Event[], batchRows = 2048) {
  const input = events.map((event) => `${JSON.stringify(event)}\n`).join('');
  const { output, error, progress } = await runPipeline({ text: pipeline(options), input, batchRows });
  expect(error).toBeNull();
  const rows = output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
  return { rows, late: lateCounts(progress)[0] };
}

const times = (...list: number[]): Event[] => list.map((ts) => ({ ts }));
const hop = (slide: string, size: string, offset?: string) =>
  `HOP(ts, INTERVAL '${slide}' SECOND, INTERVAL '${size}' SECOND${offset === undefined ? '' : `, INTERVAL '${offset}' SECOND`})`;
const BATCHES = [1, 2, 7, 2048];

describe('HOP', () => {
  test.each([
    ['20', '60', 50_000, [0, 20_000, 40_000]],
    ['0.5', '1', 1000, [500, 1000]],
    ['0.5', '1', -500, [-1000, -500]],
    ['0.3', '1', 0, [-900, -600, -300, 0]],
    ['0.3', '1', 100, [-600, -300, 0]],
  ])('a slide of %s s and a size of %s s put %i ms in the windows from %j on', async (slide, size, ts, starts) => {
    const { rows } = await run({ window: hop(slide, size) }, times(ts));
    expect(rows.map(({ s }) => s)).toEqual(starts);
    expect(rows.every(({ s, e, n }) => e - s === Number(size) * 1000 && n === 1)).toBe(true);
  });

  test('an offset moves the windows, a negative one too, and one beyond the slide as its rest', async () => {
    const starts = async (offset: string) =>
      (await run({ window: hop('10', '20', offset) }, times(0))).rows.map(({ s }) => s);
    expect(await starts('3')).toEqual([-17_000, -7000]);
    expect(await starts('-3')).toEqual([-13_000, -3000]);
    expect(await starts('23')).toEqual([-17_000, -7000]);
  });

  test('counts a row in every window that contains it', async () => {
    const { rows } = await run({ window: hop('0.5', '1'), delay: '10' }, times(100, 600, 800));
    expect(rows).toEqual([
      { s: -500, e: 500, n: 1 },
      { s: 0, e: 1000, n: 3 },
      { s: 500, e: 1500, n: 2 },
    ]);
  });

  test.each(BATCHES)('a row is late where all its windows are closed (batches of %i)', async (batchRows) => {
    const { rows, late } = await run({ window: hop('0.5', '1') }, times(2000, 500), batchRows);
    expect(rows.map(({ s, n }) => [s, n])).toEqual([
      [1500, 1],
      [2000, 1],
    ]);
    expect(late).toBe(1);
  });

  test.each(
    BATCHES,
  )('a row that is partly late counts in the windows still open (batches of %i)', async (batchRows) => {
    const { rows, late } = await run({ window: hop('0.5', '1') }, times(700, 1100, 800), batchRows);
    expect(rows.map(({ s, n }) => [s, n])).toEqual([
      [0, 1],
      [500, 3],
      [1000, 1],
    ]);
    expect(late).toBe(0);
  });

  test.each(BATCHES)('rows that are ever later count in ever fewer windows (batches of %i)', async (batchRows) => {
    // Windows of 4 s every second; 0 s is in those from -3 s to 0 s, which end at 1, 2, 3 and 4 s.
    const events = times(0, 1000, 0, 2000, 0, 3500, 0, 4000, 0);
    const { rows, late } = await run({ window: hop('1', '4') }, events, batchRows);
    expect(rows.map(({ s, n }) => [s, n])).toEqual([
      [-3000, 1],
      [-2000, 3],
      [-1000, 5],
      [0, 7],
      [1000, 4],
      [2000, 3],
      [3000, 2],
      [4000, 1],
    ]);
    expect(late).toBe(1);
  });

  test('lateness keeps windows open, the first of a row and the last', async () => {
    const options = { window: hop('0.5', '1'), more: "EMIT ON WINDOW CLOSE ALLOW LATENESS INTERVAL '1' SECOND" };
    const { rows, late } = await run(options, times(0, 1400, 100, 1500, 200, 2000, 300), 1);
    expect(rows.map(({ s, n }) => [s, n])).toEqual([
      [-500, 2],
      [0, 3],
      [500, 1],
      [1000, 2],
      [1500, 2],
      [2000, 1],
    ]);
    expect(late).toBe(1);
  });

  test('rows come out by end, then key; a window without rows of a key has none of it', async () => {
    const events: Event[] = [
      { ts: 0, k: 'b', v: 1 },
      { ts: 1500, k: 'a', v: 2 },
      { ts: 100_000, k: 'b', v: 3 },
    ];
    const { rows } = await run({ window: hop('1', '2'), delay: '1', key: 'k', select: 'SUM(v) AS n' }, events);
    expect(rows.map(({ k, s, n }) => [s / 1000, k, n])).toEqual([
      [-1, 'b', 1],
      [0, 'a', 2],
      [0, 'b', 1],
      [1, 'a', 2],
      [99, 'b', 3],
      [100, 'b', 3],
    ]);
  });

  test('the first and the last value of a window are those of its panes, ties by arrival', async () => {
    const events = [5, 1, 3, 3, 1, 9].map((second, n) => ({ ts: second * 1000, k: 'x', v: n }));
    const options = {
      window: hop('2', '4'),
      delay: '20',
      key: 'k',
      select: 'FIRST_VALUE(v) AS f, LAST_VALUE(v) AS l, COUNT(*) AS n',
    };
    expect((await run(options, events)).rows.map(({ s, f, l, n }) => [s / 1000, f, l, n])).toEqual([
      [-2, 1, 4, 2],
      [0, 1, 3, 4],
      [2, 2, 0, 3],
      [4, 0, 0, 1],
      [6, 5, 5, 1],
      [8, 5, 5, 1],
    ]);
  });

  test('SLIDE is HOP, a slide of the size is TUMBLE, and the edges have functions', async () => {
    const events = times(0, 900, 1000, 2500);
    const slide = await run({ window: hop('0.5', '1').replace('HOP', 'SLIDE') }, events);
    expect(slide.rows).toEqual((await run({ window: hop('0.5', '1') }, events)).rows);
    const tumble = await run({ window: "TUMBLE(ts, INTERVAL '1' SECOND)" }, events);
    expect((await run({ window: hop('1', '1') }, events)).rows).toEqual(tumble.rows);
    const select = "HOP_START() AS a, SLIDE_END(ts, INTERVAL '0.5' SECOND, INTERVAL '1' SECOND) AS b";
    const { rows } = await run({ window: hop('0.5', '1'), select }, times(0));
    expect(rows).toEqual([
      { s: -500, e: 500, a: -500, b: 500 },
      { s: 0, e: 1000, a: 0, b: 1000 },
    ]);
  });
});

describe('CUMULATE', () => {
  const window = "CUMULATE(ts, INTERVAL '2' SECOND, INTERVAL '6' SECOND)";

  test('windows share the start of the period and grow by a step', async () => {
    const { rows } = await run({ window, delay: '1' }, times(0, 3000, 3500, 7000));
    expect(rows.map(({ s, e, n }) => [s / 1000, e / 1000, n])).toEqual([
      [0, 2, 1],
      [0, 4, 3],
      [0, 6, 3],
      [6, 8, 1],
      [6, 10, 1],
      [6, 12, 1],
    ]);
  });

  test('begin with the first step that has rows, before 1970 too', async () => {
    const { rows } = await run({ window }, times(-1000));
    expect(rows.map(({ s, e, n }) => [s / 1000, e / 1000, n])).toEqual([[-6, 0, 1]]);
  });

  test.each(BATCHES)('a late row counts in the windows still open (batches of %i)', async (batchRows) => {
    const { rows, late } = await run({ window }, times(1000, 3000, 1000, 5000, 1000, 3000, 6000, 1000), batchRows);
    expect(rows.map(({ s, e, n }) => [s / 1000, e / 1000, n])).toEqual([
      [0, 2, 1],
      [0, 4, 3],
      [0, 6, 6],
      [6, 8, 1],
      [6, 10, 1],
      [6, 12, 1],
    ]);
    expect(late).toBe(1);
  });

  test('the edges have functions', async () => {
    const select = 'CUMULATE_START() AS a, CUMULATE_END() AS b';
    const { rows } = await run({ window, select }, times(5000));
    expect(rows).toEqual([{ s: 0, e: 6000, a: 0, b: 6000 }]);
  });
});

describe('sums of doubles', () => {
  const windows = [
    "HOP(ts, INTERVAL '5' SECOND, INTERVAL '20' SECOND)",
    "HOP(ts, INTERVAL '4' SECOND, INTERVAL '10' SECOND)",
    "CUMULATE(ts, INTERVAL '5' SECOND, INTERVAL '20' SECOND)",
  ];

  // Late rows are added to what is merged already: in which order must not depend on where batches end.
  test.each(windows)('%s: have the same last digit whatever the size of batches', async (window) => {
    const select = 'SUM(CAST(v AS DOUBLE) / 10) AS x, COUNT(*) AS n';
    const row = fc.record({ ts: fc.integer({ min: -7, max: 3 }), v: fc.constantFrom(1, 2, 3, -75, 1e9) });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 60 }), fc.integer({ min: 1, max: 9 }), async (given, batchRows) => {
        const events = given.map(({ ts, v }, i) => ({ ts: (i + ts) * 1000, v }));
        const options = { window, delay: '3', select };
        expect(await run(options, events, batchRows)).toEqual(await run(options, events));
      }),
      { numRuns: often(40) },
    );
  });
});
