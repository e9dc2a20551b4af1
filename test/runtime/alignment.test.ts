// Alignment groups: sources stay near to each other in event time; who is ahead waits, is told of, or loses rows.

import { beforeEach, describe, expect, test } from 'vitest';
import { PROGRESS_ACTIVE, PROGRESS_FINISHED, PROGRESS_IDLE } from '../../kernels/layout-time.ts';
import { READ_END, READ_NOTHING, type SplitReader } from '../../src/connectors/connector.ts';
import type { LinearMemory } from '../../src/data/memory.ts';
import { AlignmentGroup } from '../../src/runtime/alignment.ts';
import { BytesReader, preparePipeline, runPipeline } from '../support/pipeline.ts';

const SECOND = 1_000_000;

describe('the drift of a source', () => {
  let group: AlignmentGroup;
  beforeEach(() => {
    group = new AlignmentGroup();
    for (let member = 0; member < 3; member++) group.join();
  });

  test('is its distance to the least of the others, negative behind them', () => {
    group.report(0, 70 * SECOND);
    group.report(1, 0);
    group.report(2, 50 * SECOND);
    expect([0, 1, 2].map((member) => group.driftOf(member) / SECOND)).toEqual([70, -50, 50]);
    group.report(1, -100 * SECOND);
    group.report(2, -50 * SECOND);
    group.report(0, -100 * SECOND);
    expect(group.driftOf(2) / SECOND).toBe(50);
  });

  test('does not count members that have given nothing, are idle or have ended', () => {
    group.report(0, 70 * SECOND);
    expect(group.driftOf(0)).toBeNaN();
    group.report(1, 0);
    expect(group.driftOf(0)).toBe(70 * SECOND);
    group.setState(1, PROGRESS_IDLE);
    expect(group.driftOf(0)).toBeNaN();
    group.setState(1, PROGRESS_ACTIVE);
    expect(group.driftOf(0)).toBe(70 * SECOND);
    group.setState(1, PROGRESS_FINISHED);
    group.report(2, 60 * SECOND);
    expect(group.driftOf(0)).toBe(10 * SECOND);
  });
});

const lines = (count: number, stepSeconds: number) =>
  Array.from({ length: count }, (_, n) => `${JSON.stringify({ n, ts: n * stepSeconds * 1000 })}\n`).join('');

const pipeline = (options: { a?: string; b?: string } = {}) =>
  ['a', 'b']
    .map(
      (name) => `CREATE SOURCE ${name} (n BIGINT, ts TIMESTAMP, WATERMARK FOR ts)
        FROM FILE (path = 'x', alignment_group = 'g'${options[name as 'a' | 'b'] ?? ''});
        CREATE SINK out_${name} AS SELECT n FROM ${name} INTO STDOUT (format = 'json');`,
    )
    .join('\n');

const readers = (a: string, b: string) => ({
  a: () => [new BytesReader(Buffer.from(a))],
  b: () => [new BytesReader(Buffer.from(b))],
});

async function watch(text: string, batchRows: number) {
  const notices: string[] = [];
  const { core, telemetry, outputs } = await preparePipeline({
    text,
    batchRows,
    // One minute a row against one second a row.
    readers: readers(lines(300, 60), lines(6000, 1)),
    notify: (notice) => notices.push(notice),
  });
  let drift = 0;
  const { sources } = core.parts;
  while (!sources.every(({ isEnded }) => isEnded)) {
    core.turn();
    if (sources.some(({ isEnded }) => isEnded)) continue;
    const [a, b] = telemetry.progress(0).sources.map(({ watermark }) => watermark);
    if (a != null && b != null) drift = Math.max(drift, Math.abs(a - b));
  }
  const [a, b] = telemetry.progress(0).sources;
  const rows = ['out_a', 'out_b'].map((name) => String(Buffer.concat(outputs[name] ?? [])).split('\n').length - 1);
  return { a, b, drift: drift / SECOND, rows, notices };
}

describe('two files, one of them sixty times as fast', () => {
  test('pause: the one ahead is not read until the other has come near, and nothing is lost', async () => {
    const aligned = await watch(pipeline(), 10);
    // Five minutes, and a batch of ten minutes.
    expect(aligned.drift).toBeLessThanOrEqual(5 * 60 + 10 * 60);
    expect(aligned.rows).toEqual([300, 6000]);
    expect(aligned.a?.ahead).toBeGreaterThan(5);
    expect(aligned.a?.state).toBe('finished');
    expect(aligned.b?.ahead).toBe(0);
    const free = await watch(pipeline().replaceAll(", alignment_group = 'g'", ''), 10);
    expect(free.drift).toBeGreaterThan(4 * 3600);
  });

  test('pause: how far is said by the source', async () => {
    const { drift } = await watch(pipeline({ a: ", alignment_max_drift = '1h'" }), 1);
    expect(drift).toBeGreaterThan(3600 - 60);
    expect(drift).toBeLessThanOrEqual(3600 + 60);
  });

  test('warn: it is told once and counted, and nobody waits', async () => {
    const { a, rows, notices } = await watch(pipeline({ a: ", alignment_mode = 'warn'" }), 10);
    expect(rows).toEqual([300, 6000]);
    expect(a?.ahead).toBeGreaterThan(5);
    expect(notices).toEqual([
      expect.stringMatching(/^source a is .+ ahead of the others in alignment group g, more than 5m$/),
    ]);
  });

  test('drop: rows that are too far ahead are left out and counted', async () => {
    const { a, b, rows, drift } = await watch(pipeline({ a: ", alignment_mode = 'drop'" }), 10);
    expect(a?.dropped).toBeGreaterThan(100);
    expect((a?.rows ?? 0) + (a?.dropped ?? 0)).toBe(300);
    expect(rows).toEqual([a?.rows, 6000]);
    expect(b?.dropped).toBe(0);
    // The first row came before anything was known of the other source.
    expect(drift).toBeLessThanOrEqual(600);
  });

  test.each([
    'a',
    'b',
  ] as const)('drop by %s: what is left out does not depend on the size of batches', async (name) => {
    const text = pipeline({ [name]: ", alignment_mode = 'drop', alignment_max_drift = '90s'" });
    const files = readers(lines(300, 45), lines(600, 40));
    const results = [];
    for (const batchRows of [1, 7, 2048]) {
      const { outputs, progress } = await runPipeline({ text, batchRows, readers: files });
      results.push({ outputs, dropped: progress.sources.map(({ dropped }) => dropped) });
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
    expect(results[0]?.dropped.some((count) => count > 10)).toBe(name === 'a');
  });
});

test('dropping keeps the rows that are near enough, wherever they stand', async () => {
  const events = [0, 900, 5, 901, 902, 10, 300, 301, 299].map((seconds, n) => ({ n, ts: seconds * 1000 }));
  const { outputs, progress } = await runPipeline({
    text: pipeline({ b: ", alignment_mode = 'drop'" }).replace(
      /n BIGINT, ts TIMESTAMP/g,
      'n BIGINT, ts TIMESTAMP, k VARCHAR',
    ),
    readers: readers(
      '{"n":1,"ts":0,"k":"x"}\n'.repeat(events.length + 1),
      events.map((event) => `${JSON.stringify(event)}\n`).join(''),
    ),
  });
  expect(outputs['out_b']?.match(/\d+/g)?.map(Number)).toEqual([0, 2, 5, 6, 8]);
  expect(progress.sources[1]).toMatchObject({ rows: 5, dropped: 4 });
});

/** Gives its first bytes, and then nothing until it is told to end. */
class SilentReader implements SplitReader {
  readonly name = 'silent';
  readonly sizeBytes = null;
  readonly waitDescriptor = null;
  consumedBytes = 0;
  isEnded = false;
  readonly #bytes: Buffer;

  constructor(text: string) {
    this.#bytes = Buffer.from(text);
  }

  read(memory: LinearMemory, address: number): number {
    if (this.consumedBytes > 0) return this.isEnded ? READ_END : READ_NOTHING;
    memory.u8.set(this.#bytes, address);
    this.consumedBytes = this.#bytes.length;
    return this.consumedBytes;
  }

  close(): void {}
}

describe('a member that gives nothing', () => {
  async function start(options: string) {
    const silent = new SilentReader('{"n":1,"ts":0}\n');
    const clock = { millis: 1000 };
    const { core, telemetry } = await preparePipeline({
      text: pipeline({ b: options }),
      batchRows: 10,
      readers: { a: () => [new BytesReader(Buffer.from(lines(300, 60)))], b: () => [silent] },
      now: () => clock.millis,
    });
    const rows = () => {
      while (core.turn());
      return telemetry.progress(0).sources[0]?.rows;
    };
    return { silent, clock, rows, state: () => telemetry.progress(0).sources[0]?.state };
  }

  test('is waited for until it is idle', async () => {
    const { clock, rows, state } = await start(", idle_timeout = '2s'");
    expect([rows(), state()]).toEqual([10, 'paused']);
    clock.millis += 1999;
    expect(rows()).toBe(10);
    clock.millis += 1;
    rows();
    expect([rows(), state()]).toEqual([300, 'finished']);
  });

  test('is waited for until it ends', async () => {
    const { silent, rows } = await start('');
    expect(rows()).toBe(10);
    silent.isEnded = true;
    rows();
    expect(rows()).toBe(300);
  });
});

test('generators are aligned like anything else', async () => {
  const source = (name: string, step: string) => `CREATE SOURCE ${name} (ts TIMESTAMP, WATERMARK FOR ts)
    FROM GENERATOR (rows = 3000, ts.step = '${step}', alignment_group = 'g', alignment_max_drift = '10s');
    CREATE SINK out_${name} AS SELECT ts FROM ${name} INTO BLACKHOLE;`;
  const { progress } = await runPipeline({ text: source('a', '1s') + source('b', '10ms'), batchRows: 16 });
  expect(progress.sources.map(({ rows }) => rows)).toEqual([3000, 3000]);
  expect(progress.sources[0]?.ahead).toBeGreaterThan(0);
});
