import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { explainSilence, watchSilence } from '../../src/cli/waiting.ts';
import type { PhysicalPlan } from '../../src/plan/physical-plan.ts';
import type { RunHandle, RunProgress } from '../../src/runtime/run.ts';
import { compilePipeline } from '../../src/sql/compile.ts';

const SOURCE = 'CREATE SOURCE t (k VARCHAR, ts TIMESTAMP, WATERMARK FOR ts)';
const planOf = (query: string): PhysicalPlan =>
  compilePipeline(`${SOURCE}; ${query}`, { fileName: 'test.lsql', variables: {} }).plan;
const windowed = planOf("SELECT COUNT(*) AS n FROM t GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE);");

function progressWith(rowsIn: number, rowsOut: number, elapsedMillis = 0): RunProgress {
  const source = {
    name: 't',
    rows: rowsIn,
    bytes: 0,
    sizeBytes: null,
    rejected: 0,
    nulled: 0,
    future: 0,
    splits: [],
    isPaused: false,
    ahead: 0,
    dropped: 0,
  };
  return {
    elapsedMillis,
    sources: [{ ...source, watermark: 1_706_702_400_000_000 }],
    operators: [],
    sinks: [{ name: 'out', rows: rowsOut, bytes: 0 }],
  };
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
    expect(explainSilence(windowed, progressWith(5, 0))).toBe(
      'windows wait for the watermark to pass their end; source t is at 2024-01-31T12:00:00Z',
    );
  });

  test('a watermark that never comes', () => {
    const progress = progressWith(5, 0);
    (progress.sources[0] as { watermark: number | null }).watermark = null;
    expect(explainSilence(windowed, progress)).toContain('its windows come out at the end of the input');
  });

  test('the end of the input', () => {
    const total = planOf('SELECT k, COUNT(*) AS n FROM t GROUP BY k;');
    expect(explainSilence(total, progressWith(5, 0))).toBe('the result comes at the end of the input, or on Ctrl-C');
  });

  test('rows that pass the filter', () => {
    const filter = planOf("SELECT k FROM t WHERE k = 'x';");
    expect(explainSilence(filter, progressWith(5, 0))).toContain('no row passes the filters');
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
