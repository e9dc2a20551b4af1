// Every EMIT form equals the row-at-a-time model: random rows with more disorder than the watermark allows, random
// queries, at batch sizes 1, 7 and 2048 with the input cut at random places. More with LAMINAR_TIMES=20.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lateCounts, type PipelineInput, runPipeline } from '../support/pipeline.ts';
import { often } from '../support/random.ts';
import {
  givesChanges,
  MODEL_RESULTS,
  type ModelOutput,
  type ModelQuery,
  type ModelRow,
  type ModelWindow,
  runModel,
} from '../support/reference-model.ts';

const RUNS = often(120);

const texts = ['a', 'b', 'zebra', '', 'naïve', 'longer than twelve bytes', 'longer than twelve bytes, much'];

const rows: fc.Arbitrary<ModelRow[]> = fc
  .array(
    fc.record({
      k: fc.option(fc.constantFrom(...texts), { freq: 8 }),
      s: fc.option(fc.constantFrom(...texts), { freq: 6 }),
      v: fc.option(fc.integer({ min: -20, max: 20 }), { freq: 6 }),
      step: fc.integer({ min: -500, max: 600 }),
    }),
    { maxLength: 60 },
  )
  .map((drawn) => {
    let time = -1000;
    return drawn.map(({ step, ...row }) => {
      time += step > 0 ? step : 0;
      return { ...row, ts: step > 0 ? time : time + step * 3 };
    });
  });

const offset = fc.constantFrom(0, 0, 30, -20);

const windows: fc.Arbitrary<ModelWindow> = fc
  .oneof(
    {
      weight: 3,
      arbitrary: fc.tuple(fc.constant('tumble' as const), fc.constantFrom([100, 100], [700, 700], [1000, 1000])),
    },
    fc.tuple(fc.constant('hop' as const), fc.constantFrom([100, 300], [300, 700], [500, 500], [400, 1000])),
    fc.tuple(fc.constant('cumulate' as const), fc.constantFrom([100, 300], [250, 1000], [300, 300])),
    fc.tuple(fc.constant('session' as const), fc.constantFrom([0, 50], [0, 200], [0, 1000])),
  )
  .chain(([kind, [slide, size]]) =>
    offset.map((shift): ModelWindow => {
      return {
        kind,
        slide: slide as number,
        size: size as number,
        offset: kind === 'cumulate' || kind === 'session' ? 0 : shift,
      };
    }),
  );

const queries: fc.Arbitrary<ModelQuery> = fc.record({
  keys: fc.constantFrom<ModelQuery['keys']>([], ['k'], ['k', 's'], ['s', 'k']),
  window: fc.option(windows, { freq: 5 }),
  emit: fc.constantFrom<ModelQuery['emit']>('close', 'watermark', 'update', 'tick'),
  lateness: fc.constantFrom(0, 50, 400, 2000),
  delay: fc.constantFrom(0, 100, 1000),
  having: fc.constantFrom(0, 0, 2),
});

const FORMS: Record<ModelQuery['emit'], readonly string[]> = {
  close: ['', 'EMIT FINAL', 'EMIT ON WINDOW CLOSE'],
  watermark: ['EMIT AFTER WATERMARK', 'EMIT ON WATERMARK'],
  update: ['EMIT ON UPDATE', 'EMIT CHANGES'],
  tick: ["EMIT EVERY INTERVAL '1' HOUR", "EMIT PERIODICALLY '1 hour'"],
};

function sqlOf(query: ModelQuery, seed: number): string {
  const { window, keys, lateness } = query;
  const millis = (n: number) => `INTERVAL '${n}' MILLISECOND`;
  const results = Object.entries(MODEL_RESULTS).map(([name, sql]) => `${sql} AS ${name}`);
  const edges = window === null ? [] : ['window_start AS ws', 'window_end AS we'];
  const groups: string[] = [...keys];
  if (window !== null) {
    const slide = window.kind === 'tumble' || window.kind === 'session' ? '' : `${millis(window.slide)}, `;
    const shift = window.offset === 0 ? '' : `, ${millis(window.offset)}`;
    groups.push(`${window.kind.toUpperCase()}(ts, ${slide}${millis(window.size)}${shift})`);
  }
  const forms = FORMS[query.emit];
  let form = forms[seed % forms.length] as string;
  if (window === null && query.emit === 'close') form = 'EMIT FINAL';
  const late = window === null || lateness === 0 ? '' : `ALLOW LATENESS ${millis(lateness)}`;
  const to = window === null ? '' : 'LATE DATA TO late';
  const orders = [
    [form, late, to],
    [to, form, late],
    [late, to, form],
    [form, late, ''],
  ];
  const clauses = (orders[seed % orders.length] as string[]).join(' ');
  const sink = clauses.includes('LATE DATA')
    ? "CREATE SINK late INTO STDOUT (format = 'json', timestamp_format = 'ms');"
    : '';
  return `CREATE SOURCE e (k VARCHAR, s VARCHAR, v BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts - ${millis(query.delay)}) FROM STDIN;
${sink}
CREATE SINK out AS SELECT ${[...keys, ...edges, ...results].join(', ')} FROM e
${groups.length === 0 ? '' : `GROUP BY ${groups.join(', ')}`} HAVING COUNT(*) >= ${query.having} ${clauses}
INTO STDOUT (format = 'json', timestamp_format = 'ms');`;
}

async function run(given: PipelineInput) {
  const { outputs, error, progress } = await runPipeline(given);
  expect(error).toBeNull();
  const parse = (text: string) =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as ModelOutput);
  const lateRows = outputs['late'] === undefined ? null : parse(outputs['late']);
  return { rows: parse(outputs['out'] as string), lateRows, late: lateCounts(progress)[0] };
}

async function check(query: ModelQuery, given: ModelRow[], seed: number): Promise<void> {
  const expected = runModel(query, given);
  const late = expected.late.map(({ row: { k, s, v, ts }, watermark, start, end }) => {
    const added = { late_source: 'e', late_watermark: watermark, late_window_start: start, late_window_end: end };
    return { k, s, v, ts, ...added };
  });
  const text = sqlOf(query, seed);
  const input = given.map((row) => `${JSON.stringify(row)}\n`).join('');
  for (const batchRows of [1, 7, 2048]) {
    let state = seed + batchRows;
    const cut = () => (state = (Math.imul(state, 48271) >>> 0) % 97);
    const result = await run({ text, input, batchRows, cut, now: () => 0 });
    expect(result.rows, text).toEqual(expected.rows);
    expect(result.late, text).toBe(expected.late.length);
    if (result.lateRows !== null) expect(result.lateRows, text).toEqual(late);
  }
}

test('every EMIT form gives what the model gives, in its order', { timeout: 600_000 }, async () => {
  const possible = queries.filter(({ emit, window }) => emit !== 'watermark' || window !== null);
  await fc.assert(fc.asyncProperty(possible, rows, fc.nat(1000), check), { numRuns: RUNS });
});

/** The same rows, each under way for up to `delay`: none is late. */
function shuffled(given: readonly ModelRow[], delay: number, seed: number): ModelRow[] {
  let state = seed + 1;
  const underWay = () => {
    state = (Math.imul(state, 48271) >>> 0) % 65_521;
    return state % (delay + 1);
  };
  const arrivals = given.map((row) => ({ row, at: row.ts + underWay() }));
  return arrivals.sort((a, b) => a.at - b.at).map(({ row }) => row);
}

/** What depends on which of two rows came first. */
const BY_ARRIVAL: readonly string[] = ['last', 'all'];

/** What changes add up to: rows as text, sorted. */
function tableOf(changes: readonly ModelOutput[]): string[] {
  const sum = new Map<string, number>();
  for (const { op, ...row } of changes) {
    const text = JSON.stringify(Object.entries(row).filter(([name]) => !BY_ARRIVAL.includes(name)));
    sum.set(text, (sum.get(text) ?? 0) + (String(op ?? '+I').startsWith('+') ? 1 : -1));
  }
  const left = [...sum].filter(([, weight]) => weight !== 0);
  expect(left.filter(([, weight]) => weight !== 1)).toEqual([]);
  return left.map(([text]) => text).sort();
}

test('any order of rows within the delay adds up to the same table', { timeout: 600_000 }, async () => {
  const windowed = queries.filter(({ emit, window }) => window !== null && emit !== 'close');
  await fc.assert(
    fc.asyncProperty(windowed, rows, fc.nat(1000), async (query, given, seed) => {
      const late = { ...query, delay: Math.max(query.delay, 100) };
      const text = sqlOf(late, seed);
      let first: string[] | null = null;
      for (const order of [1, 2, 3]) {
        const arrived = shuffled(given, late.delay, seed + order);
        const input = arrived.map((row) => `${JSON.stringify(row)}\n`).join('');
        const result = await run({ text, input, batchRows: 7, now: () => 0 });
        expect(result.late).toBe(0);
        first ??= tableOf(runModel({ ...late, emit: 'close' }, arrived).rows);
        expect(tableOf(result.rows), text).toEqual(first);
      }
    }),
    { numRuns: RUNS },
  );
});

test('the changes add up to the final table', { timeout: 600_000 }, async () => {
  const changing = queries.filter(givesChanges);
  await fc.assert(
    fc.asyncProperty(changing, rows, async (query, given) => {
      const once: ModelQuery = { ...query, emit: 'close' };
      const sum = new Map<string, number>();
      for (const { op, ...row } of runModel(query, given).rows) {
        const text = JSON.stringify(row);
        sum.set(text, (sum.get(text) ?? 0) + (String(op).startsWith('+') ? 1 : -1));
      }
      const left = [...sum].filter(([, weight]) => weight !== 0);
      const table = runModel(once, given).rows.map((row) => [JSON.stringify(row), 1] as const);
      expect(left.sort()).toEqual(table.sort());
    }),
    { numRuns: RUNS },
  );
});
