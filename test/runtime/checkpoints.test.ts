// A run that is cut off anywhere and gone on with from its last checkpoint gives, byte for byte, the output of one that
// was not: sources, operators and outputs of a checkpoint fit together.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Snapshot } from '../../src/state/snapshot.ts';
import { BytesReader, preparePipeline, runPipeline, textsOf } from '../support/pipeline.ts';
import { often } from '../support/random.ts';

const RUNS = often(20);

const SOURCE = (format: string): string =>
  `CREATE SOURCE t (k VARCHAR, n INTEGER, d DOUBLE, v VARCHAR, ts TIMESTAMP NOT NULL, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)
   FROM STDIN (format = '${format}', on_error = 'skip');`;

const QUERIES: Record<string, string> = {
  'a filter': 'SELECT k, n + 1 AS m, v FROM t WHERE n % 3 <> 0',
  'tumbling windows': `SELECT k, window_start, COUNT(*) AS c, SUM(d) AS s, STRING_AGG(v, ',') AS vs FROM t
     GROUP BY k, TUMBLE(ts, INTERVAL '10' SECOND)`,
  'hopping windows': `SELECT k, window_end, SUM(d) AS s, MEDIAN(n) AS m FROM t GROUP BY k, HOP(ts, INTERVAL '5' SECOND, INTERVAL '20' SECOND)`,
  sessions: `SELECT k, window_start, window_end, LAST_VALUE(v) AS v, COUNT(DISTINCT n) AS c FROM t GROUP BY k, SESSION(ts, INTERVAL '4' SECOND)`,
  'groups without windows': 'SELECT k, MIN(v) AS least, AVG(d) AS mean FROM t GROUP BY k',
  'one row': 'SELECT COUNT(*) AS c, SUM(d) AS s FROM t',
  'windows over windows': `SELECT window_start, SUM(c) AS c FROM (SELECT k, window_start, COUNT(*) AS c FROM t GROUP BY k, TUMBLE(ts, INTERVAL '5' SECOND))
     GROUP BY TUMBLE(window_start, INTERVAL '20' SECOND)`,
  'the first rows': 'SELECT k, n FROM t LIMIT 40 OFFSET 7',
};

interface Row {
  k: string | null;
  n: number | null;
  d: number | null;
  v: string | null;
  seconds: number;
}

const rows = fc.array(
  fc.record<Row>({
    k: fc.constantFrom('a', 'b', 'c', null, 'a key that is too long to be packed into its group'),
    n: fc.option(fc.integer({ min: 0, max: 20 })),
    d: fc.option(fc.constantFrom(0.1, 0.2, 0.3, 1e9, -7.5)),
    v: fc.option(fc.constantFrom('x', '', 'a "quoted", longer\ntext')),
    seconds: fc.integer({ min: -6, max: 6 }),
  }),
  { minLength: 1, maxLength: 120 },
);

function encode(given: Row[], format: string): string {
  const lines = given.map(({ seconds, ...row }, i) => {
    const ts = new Date(1.7e12 + (i + seconds) * 1000).toISOString();
    if (i % 17 === 3) return format === 'json' ? '{"broken' : 'x,y,z,,not a time';
    if (format === 'json') return JSON.stringify({ ...row, ts });
    return [row.k ?? '', row.n ?? '', row.d ?? '', `"${(row.v ?? '').replaceAll('"', '""')}"`, ts].join(',');
  });
  return `${format === 'csv' ? 'k,n,d,v,ts\n' : ''}${lines.join('\n')}\n`;
}

/** Runs with a checkpoint and a crash some turns after it, time and again. @returns the output that counts, whole. */
async function runWithCrashes(
  text: string,
  bytes: Buffer,
  given: { turns: number[]; cut: () => number; seed: number },
) {
  let restored: Snapshot | null = null;
  let output = '';
  for (let life = 0; ; life++) {
    let taken: Snapshot | null = null;
    const { core, outputs, control } = await preparePipeline({
      text,
      readers: { t: () => [new BytesReader(bytes, given.cut)] },
      batchRows: 7,
      // Nearly every turn is over before what it causes has been passed on.
      turnMicros: given.seed % 2 === 0 ? 1 : 0,
      durable: { restored, logs: null, give: ({ snapshot }) => (taken = structuredClone(snapshot)) },
    });
    const turns = given.turns[life];
    if (turns === undefined) {
      core.run();
      return output + Object.values(textsOf(outputs))[0];
    }
    control.askForCheckpoint(life + 1);
    let isOver = false;
    for (let turn = 0; turn < turns && !isOver; turn++) {
      core.turn();
      isOver = core.parts.sources.every(({ isEnded }) => isEnded) || core.parts.sinks.every((sink) => sink.isFinished);
      if (!isOver && turn === turns >> 1) core.checkpoint();
    }
    if (taken === null) continue;
    const { sinks } = taken as Snapshot;
    output += (Object.values(textsOf(outputs))[0] ?? '').slice(0, (sinks[0]?.bytes ?? 0) - output.length);
    restored = taken;
  }
}

describe('a run that is cut off and gone on with', () => {
  it.each(
    Object.keys(QUERIES).flatMap((name) => ['json', 'csv'].map((format) => [name, format] as const)),
  )('gives the output of one that was not: %s of %s', async (name, format) => {
    const text = `${SOURCE(format)} CREATE SINK out AS ${QUERIES[name]} INTO STDOUT (format = '${format}');`;
    await fc.assert(
      fc.asyncProperty(
        rows,
        fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 5 }),
        fc.nat(),
        async (given, turns, seed) => {
          const bytes = Buffer.from(encode(given, format));
          const whole = await runPipeline({ text, input: bytes, batchRows: 7 });
          const cut = (): number => 1 + ((seed * 31) % 700);
          expect(await runWithCrashes(text, bytes, { turns, cut, seed })).toBe(whole.output);
        },
      ),
      { numRuns: RUNS },
    );
  });
});
