import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { explainSilence, explainSinks, renderCause, watchSilence } from '../../src/cli/waiting.ts';
import type { PhysicalPlan } from '../../src/plan/physical-plan.ts';
import type { RunHandle, RunProgress, SourceCounters, SplitProgress } from '../../src/runtime/run.ts';
import { compilePipeline } from '../../src/sql/compile.ts';
import { operatorOf, progressOf, sinkOf, sourceOf, splitOf } from '../support/progress.ts';

const SOURCE = 'CREATE SOURCE t (k VARCHAR, ts TIMESTAMP, WATERMARK FOR ts)';
const planOf = (query: string): PhysicalPlan =>
  compilePipeline(`${SOURCE}; ${query}`, { fileName: 'test.lsql', variables: {} }).plan;
const windowed = planOf("SELECT COUNT(*) AS n FROM t GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE);");

const MINUTE = 60_000_000;
const NOON = 1_706_702_400_000_000;

function progressWith(rowsIn: number, rowsOut: number, elapsedMillis = 0): RunProgress {
  const sources = [sourceOf('t', { rows: rowsIn, watermark: NOON })];
  return progressOf({ elapsedMillis, sources, sinks: [sinkOf('out', { rows: rowsOut })] });
}

/** With an open window [12:00, 12:01) and splits. */
function waitingWith(splits: Partial<SplitProgress>[], source: Partial<SourceCounters> = {}): RunProgress {
  const progress = progressWith(5, 0);
  Object.assign(progress.sources[0] as SourceCounters, source, {
    splits: splits.map((split, n) => splitOf(`${'abc'[n]}.ndjson`, { rows: 1, bytes: 1, watermark: NOON, ...split })),
  });
  const openWindow = { start: NOON, end: NOON + MINUTE };
  progress.operators.push(operatorOf('select.aggregate', { watermark: NOON, openWindow }));
  return progress;
}

describe('what a silent run waits for', () => {
  test('what orders rows', () => {
    const ordered = planOf('SELECT k, ts FROM t ORDER BY ts;');
    expect(explainSilence(ordered, progressWith(5, 0))).toBe(
      'rows wait for the watermark to pass them; source t is at 2024-01-31T12:00:00Z',
    );
    const ranked = planOf('SELECT k, RANK() OVER (ORDER BY k) AS place FROM t;');
    expect(explainSilence(ranked, progressWith(5, 0))).toBe('the result comes at the end of the input, or on Ctrl-C');
  });

  test('input', () => {
    expect(explainSilence(windowed, progressWith(0, 0))).toBe('nothing has come from source t');
  });

  test('the watermark', () => {
    expect(explainSilence(windowed, progressWith(5, 0))).toBe('a window waits for the watermark of source t, at 12:00');
  });

  test('a watermark that has not begun', () => {
    expect(explainSilence(windowed, waitingWith([{ watermark: null }], { watermark: null }))).toBe(
      'window [12:00, 12:01) waits for the watermark of source t, which has none yet',
    );
  });

  test('the split that is furthest behind, and how long it has been silent', () => {
    const behind = { watermark: NOON - 80_000_000, silentMillis: 9000 };
    expect(explainSilence(windowed, waitingWith([{}, behind, { state: 'idle', watermark: 1 }]))).toBe(
      'window [12:00, 12:01) waits for the watermark of source t, split b.ndjson, at 11:58:40, silent for 9.0 s',
    );
  });

  test('all splits idle: the one furthest ahead', () => {
    const idle = { state: 'idle', silentMillis: 60_000 } as const;
    const progress = waitingWith([{ ...idle, watermark: NOON + 1_000_000 }, idle]);
    expect(explainSilence(windowed, progress)).toContain('split a.ndjson, at 12:00:01, idle for 1 min 0 s');
  });

  test('a time of another day has its date', () => {
    const progress = waitingWith([{}], { watermark: NOON - 24 * 60 * MINUTE });
    expect(explainSilence(windowed, progress)).toContain('source t, at 2024-01-30T12:00:00Z');
  });

  test('the last of several files', () => {
    const progress = waitingWith([{ state: 'finished' }, {}, { state: 'pending' }]);
    expect(explainSilence(windowed, progress)).toContain('source t: file 2 of 3 is being read');
  });

  test('other sources of an alignment group', () => {
    expect(explainSilence(windowed, waitingWith([{}], { state: 'paused' }))).toContain('which is paused: it is ahead');
    const filter = planOf('SELECT k FROM t;');
    expect(explainSilence(filter, waitingWith([{}], { state: 'paused' }))).toBe(
      'source t is paused: it is ahead of its alignment group',
    );
  });

  test('nothing: rows were too late', () => {
    const progress = waitingWith([{}]);
    Object.assign(progress.operators[0] as object, { late: 7, openWindow: null });
    expect(explainSilence(windowed, progress)).toBe(
      'no window is open, and 7 rows were too late for theirs; source t, at 12:00',
    );
  });

  test('the clock', () => {
    const byClock = planOf("SELECT COUNT(*) AS n FROM t GROUP BY TUMBLE(PROCTIME(), INTERVAL '1' HOUR);");
    expect(explainSilence(byClock, waitingWith([{}]))).toBe('window [12:00, 12:01) is closed by the clock');
  });

  test('lateness that is allowed', () => {
    const patient = planOf(
      "SELECT COUNT(*) AS n FROM t GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE) ALLOW LATENESS INTERVAL '2' MINUTE;",
    );
    expect(explainSilence(patient, waitingWith([{}]))).toContain('waits and 2 min 0 s more, for late rows, for the');
  });

  test('a watermark that never comes', () => {
    const none = compilePipeline(
      "CREATE SOURCE t (ts TIMESTAMP NOT NULL); SELECT COUNT(*) AS n FROM t GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE);",
      { fileName: 'test.lsql', variables: {} },
    ).plan;
    expect(explainSilence(none, progressWith(5, 0))).toContain('they come out at the end of the input');
  });

  test('the end of the input', () => {
    const total = planOf('SELECT k, COUNT(*) AS n FROM t GROUP BY k;');
    expect(explainSilence(total, progressWith(5, 0))).toBe('the result comes at the end of the input, or on Ctrl-C');
  });

  test('the clock, where changed results come out by it', () => {
    const timed = planOf("SELECT k, COUNT(*) AS n FROM t GROUP BY k EMIT EVERY INTERVAL '10' SECOND;");
    expect(explainSilence(timed, progressWith(5, 0))).toBe('results that have changed come out every 10.0 s');
  });

  test('rows, where each changes a result that comes out', () => {
    const changing = planOf('SELECT k, COUNT(*) AS n FROM t GROUP BY k EMIT CHANGES;');
    expect(explainSilence(changing, progressWith(5, 0))).toBe('no row passes the filters, or no input comes');
  });

  test('rows that pass the filter', () => {
    const filter = planOf("SELECT k FROM t WHERE k = 'x';");
    expect(explainSilence(filter, progressWith(5, 0))).toContain('no row passes the filters');
  });
});

describe('a sink among others', () => {
  const { plan } = compilePipeline(
    `CREATE SOURCE fast (k VARCHAR, ts TIMESTAMP, WATERMARK FOR ts); CREATE SOURCE slow (k VARCHAR, ts TIMESTAMP, WATERMARK FOR ts) FROM FILE (path = 'slow.ndjson', format = 'json');
     CREATE SINK rows AS SELECT k FROM fast INTO STDOUT (format = 'json');
     CREATE SINK counts AS SELECT COUNT(*) AS n FROM slow GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE) INTO BLACKHOLE (format = 'json');`,
    { fileName: 'test.lsql', variables: {} },
  );

  test('waits for what it is computed from, whatever the others wait for', () => {
    const sources = [sourceOf('fast', { rows: 5 }), sourceOf('slow', { rows: 5, watermark: NOON })];
    const sinks = [sinkOf('rows', { rows: 5, silentMillis: 40 }), sinkOf('counts', { silentMillis: null })];
    const openWindow = { start: NOON, end: NOON + MINUTE };
    const operators = [operatorOf('counts.query.aggregate', { watermark: NOON, openWindow })];
    const causes = explainSinks(plan, progressOf({ sources, sinks, operators }));
    expect(causes).toEqual([
      { sink: 'rows', silentMillis: 40, why: 'no row passes the filters, or no input comes' },
      {
        sink: 'counts',
        silentMillis: null,
        why: 'window [12:00, 12:01) waits for the watermark of source slow, at 12:00',
      },
    ]);
    expect(causes.map(renderCause)).toEqual([
      'rows come out',
      'no output yet: window [12:00, 12:01) waits for the watermark of source slow, at 12:00',
    ]);
  });

  test('does not wait for a source that it does not read', () => {
    const sources = [sourceOf('fast', { rows: 5 }), sourceOf('slow')];
    const sinks = [sinkOf('rows', { silentMillis: 12_000 }), sinkOf('counts')];
    const [rows, counts] = explainSinks(plan, progressOf({ sources, sinks })).map(renderCause);
    expect(rows).toBe('no output for 12.0 s: no row passes the filters, or no input comes');
    expect(counts).toBe('no output yet: nothing has come from source slow');
  });
});

describe('watching', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('speaks once per silence of ten seconds, and again after the next rows', () => {
    let rowsOut = 0;
    const said: number[] = [];
    const started = Date.now();
    const handle: RunHandle = {
      done: Promise.reject(new Error('never awaited')),
      progress: () => progressWith(5, rowsOut, Date.now() - started),
      tap: () => expect.unreachable(),
      snapshot: async () => progressWith(5, rowsOut, Date.now() - started),
      checkpoint: () => Promise.reject(new Error('never asked')),
      stop: () => {},
    };
    handle.done.catch(() => {});
    const stop = watchSilence(windowed, handle, () => said.push((Date.now() - started) / 1000));
    vi.advanceTimersByTime(30_000);
    rowsOut = 1;
    vi.advanceTimersByTime(30_000);
    stop();
    vi.advanceTimersByTime(60_000);
    expect(said).toEqual([11, 41]);
  });
});
