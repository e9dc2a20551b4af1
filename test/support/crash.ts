// Crashes on purpose: runs a pipeline with a state directory, kills it (kill -9) again and again, at random moments and at
// named steps of the protocol, and compares what it has written at last, byte by byte, with a run that was never killed.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { tableFromIPC } from 'apache-arrow';
import { KILL_STEPS } from '../../src/base/kill-point.ts';
import { Codec } from '../../src/connectors/codec.ts';
import { startLaminar } from './program.ts';
import { createRandom, pick, type Random } from './random.ts';

export interface CrashOptions {
  seed: number;
  /** Pipelines that are run, one after another. */
  rounds: number;
  /** Kills of each, at most. */
  killsMax: number;
  rows: number;
  /** Takes a line for each round. */
  log?: (line: string) => void;
}

export interface CrashReport {
  rounds: number;
  /** How many runs ended by a kill, and how many of these at a named step. */
  kills: number;
  atSteps: number;
}

const sourceOf = (splits: string) => `CREATE SOURCE t (k VARCHAR, n INTEGER, d DOUBLE, v VARCHAR, ts TIMESTAMP NOT NULL,
    WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)
  FROM FILE (path = 'in*.ndjson*', format = 'json', on_error = 'dead_letter', dead_letter = 'bad.out', splits = '${splits}');`;

/** How an Arrow stream begins, and a frame of zstd. */
const ARROW_CONTINUATION = -1;
const ZSTD_MAGIC = 0xfd2fb528;

/** Each writes files NAME.out. */
const PIPELINES: Record<string, string> = {
  filter: `CREATE SINK a AS SELECT k, n * 2 AS m, ts FROM t WHERE n % 3 <> 0 INTO FILE (path = 'a.out', format = 'json');`,
  csv: `CREATE SINK a AS SELECT k, v, d FROM t INTO FILE (path = 'a.out', format = 'csv');`,
  gzip: `CREATE SINK a AS SELECT k, d FROM t INTO FILE (path = 'a.out', format = 'json', compression = 'gzip');`,
  zstd: `CREATE SINK a AS SELECT k, v, d FROM t INTO FILE (path = 'a.out', format = 'csv', compression = 'zstd');`,
  arrow: `CREATE SINK a AS SELECT k, n, v, ts FROM t INTO FILE (path = 'a.out', format = 'arrow');
    CREATE SINK b AS SELECT v, d FROM t INTO FILE (path = 'b.out', format = 'arrow', compression = 'gzip');`,
  tumbling: `CREATE SINK a AS SELECT k, window_start, COUNT(*) AS c, SUM(d) AS s, LAST_VALUE(v) AS l, COUNT(DISTINCT v) AS u FROM t
    GROUP BY k, TUMBLE(ts, INTERVAL '30' SECOND) INTO FILE (path = 'a.out', format = 'json');`,
  hopping: `CREATE SINK a AS SELECT k, window_end, SUM(d) AS s, MEDIAN(n) AS m FROM t
    GROUP BY k, HOP(ts, INTERVAL '10' SECOND, INTERVAL '1' MINUTE) INTO FILE (path = 'a.out', format = 'json');`,
  parts: `CREATE SINK a AS SELECT k, window_start, COUNT(*) AS c, SUM(n) AS s, MAX(d) AS m FROM t
    GROUP BY k, TUMBLE(ts, INTERVAL '30' SECOND) INTO FILE (path = 'a.out', format = 'json');`,
  sessions: `CREATE SINK a AS SELECT k, window_start, window_end, STRING_AGG(v, ',') AS vs FROM t
    GROUP BY k, SESSION(ts, INTERVAL '4' SECOND) INTO FILE (path = 'a.out', format = 'json');`,
  groups: `CREATE SINK a AS SELECT k, n, COUNT(*) AS c, MIN(v) AS least FROM t GROUP BY k, n INTO FILE (path = 'a.out', format = 'json');`,
  ordered: `CREATE SINK a AS SELECT k, n, ts FROM t ORDER BY ts, n DESC INTO FILE (path = 'a.out', format = 'json');`,
  over: `CREATE SINK a AS SELECT k, n, LAG(v) OVER (PARTITION BY k ORDER BY ts) AS before, SUM(d) OVER (PARTITION BY k ORDER BY ts ROWS 20 PRECEDING) AS s,
      MAX(v) OVER (PARTITION BY n ORDER BY ts RANGE BETWEEN INTERVAL '9' SECOND PRECEDING AND INTERVAL '2' SECOND FOLLOWING) AS m
    FROM t INTO FILE (path = 'a.out', format = 'json');`,
  changing: `CREATE SINK a AS SELECT n, COUNT(*) AS c, MEDIAN(c) AS m, MAX(s) AS s FROM (SELECT k, n, COUNT(*) AS c, MIN(v) AS s FROM t GROUP BY k, n)
    GROUP BY n ORDER BY c DESC, n LIMIT 5 EMIT CHANGES INTO FILE (path = 'a.out', format = 'json');`,
  corrected: `CREATE SINK a AS SELECT k, window_start, window_end, COUNT(*) AS c, STRING_AGG(v, ',') AS vs FROM t
    GROUP BY k, SESSION(ts, INTERVAL '4' SECOND) EMIT AFTER WATERMARK ALLOW LATENESS INTERVAL '20' SECOND INTO FILE (path = 'a.out', format = 'json');`,
  joined: `CREATE SINK a AS SELECT x.k, x.n, y.v FROM t x LEFT JOIN t y ON x.k = y.k AND x.n = y.n + 1
      AND y.ts BETWEEN x.ts - INTERVAL '3' SECOND AND x.ts INTO FILE (path = 'a.out', format = 'json');
    CREATE SINK b AS SELECT x.k, y.n FROM t x ASOF LEFT JOIN t y ON x.v = y.k AND x.ts >= y.ts INTO FILE (path = 'b.out', format = 'csv');`,
  matched: `CREATE SOURCE u (k VARCHAR, n INTEGER, v VARCHAR, ts TIMESTAMP NOT NULL, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)
      FROM FILE (path = 'in0.ndjson*', format = 'json', on_error = 'skip');
    CREATE SINK a AS SELECT t.k, t.n, u.v FROM t LEFT JOIN u ON t.k = u.k AND t.n = u.n + 1
      AND u.ts BETWEEN t.ts - INTERVAL '3' SECOND AND t.ts INTO FILE (path = 'a.out', format = 'json');`,
  ranked: `CREATE SINK a AS SELECT k, n, v, ROW_NUMBER() OVER (PARTITION BY k ORDER BY ts) AS r, SUM(d) OVER (PARTITION BY k ORDER BY ts ROWS 9 PRECEDING) AS s
    FROM t INTO FILE (path = 'a.out', format = 'json');`,
  several: `CREATE STREAM w AS SELECT k, window_start, SUM(n) AS s FROM t GROUP BY k, TUMBLE(ts, INTERVAL '10' SECOND);
    CREATE SINK a AS SELECT window_start, SUM(s) AS s FROM w GROUP BY TUMBLE(window_start, INTERVAL '1' MINUTE) INTO FILE (path = 'a.out', format = 'json');
    CREATE SINK b AS SELECT k, s FROM w WHERE s > 40 INTO FILE (path = 'b.out', format = 'csv');`,
};

/** @throws what differs, with the seed that leads there. */
export async function crashRounds(options: CrashOptions): Promise<CrashReport> {
  const random = createRandom(options.seed);
  const report: CrashReport = { rounds: 0, kills: 0, atSteps: 0 };
  for (let round = 0; round < options.rounds; round++) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'laminar-crash-'));
    try {
      const line = await crashRound(folder, random, { ...options, round, report });
      options.log?.(line);
      report.rounds++;
    } catch (cause) {
      throw new Error(`seed ${options.seed}, round ${round}: ${(cause as Error).message}`, { cause });
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  }
  return report;
}

async function crashRound(
  folder: string,
  random: Random,
  { rows, killsMax, round, report }: CrashOptions & { round: number; report: CrashReport },
): Promise<string> {
  const names = Object.keys(PIPELINES);
  const name = names[round % names.length] as string;
  writeInputs(folder, random, rows);
  const text = `${sourceOf(pick(random, ['sequential', 'merged']))} SET checkpoint_interval = '100ms'; SET batch_size = 8; ${PIPELINES[name]}`;
  fs.writeFileSync(path.join(folder, 'p.lsql'), text);
  const started = performance.now();
  const whole = await life(folder, ['--cores', '1'], {});
  const usualMillis = performance.now() - started;
  if (whole.code !== 0) throw new Error(`${name}: the run that is not killed fails: ${whole.stderr}`);
  const expected = outputs(folder);
  for (const file of expected.keys()) fs.rmSync(path.join(folder, file));
  const told: string[] = [];
  for (let kill = 0; ; kill++) {
    const cores = random.below(6) + 1;
    // Where that is possible all cores compute, whatever their number.
    const exchange: Record<string, string> = random.below(4) > 0 ? { LAMINAR_TEST_EXCHANGE: String(1 << 20) } : {};
    const step = random.below(5) < 3 ? pick(random, KILL_STEPS) : null;
    const isLast = kill === killsMax;
    const millis = isLast || step !== null ? null : usualMillis * (0.3 + random.below(100) / 160);
    const environment: Record<string, string> = {
      ...exchange,
      ...(isLast || step === null ? {} : { LAMINAR_TEST_KILL: `${step}:1` }),
    };
    const flags = ['--cores', String(cores), '--state-dir', 'state'];
    const ending = await life(folder, flags, { environment, millis });
    told.push(isLast ? 'end' : `${step ?? 'kill'}@${cores}`);
    if (ending.signal === 'SIGKILL') {
      report.kills++;
      if (step !== null) report.atSteps++;
      continue;
    }
    if (ending.code !== 0) throw new Error(`${name} [${told.join(' ')}]: ${ending.stderr}`);
    break;
  }
  const given = outputs(folder);
  // Rows of two sources come in any order.
  if (name === 'matched') for (const files of [expected, given]) sortLines(files);
  compare(expected, given, `${name} [${told.join(' ')}]`);
  return `${name}: ${told.join(' ')}`;
}

async function life(
  folder: string,
  flags: readonly string[],
  { environment = {}, millis = null }: { environment?: Record<string, string>; millis?: number | null },
) {
  const running = startLaminar(['run', 'p.lsql', ...flags], { cwd: folder, env: environment });
  running.child.stdin.end();
  const timer = millis === null ? undefined : setTimeout(() => running.child.kill('SIGKILL'), millis);
  const ending = await running.ending();
  clearTimeout(timer);
  return ending;
}

function writeInputs(folder: string, random: Random, rows: number): void {
  const fileCount = 1 + random.below(3);
  const isCompressed = random.below(4) === 0;
  let time = 1.7e12;
  for (let file = 0; file < fileCount; file++) {
    const lines: string[] = [];
    for (let row = 0; row < rows / fileCount; row++) {
      time += random.below(200);
      const k = `key ${random.below(30)}${random.below(9) === 0 ? ' that is longer than what is packed' : ''}`;
      const v = random.below(5) === 0 ? null : 'x'.repeat(random.below(9));
      const d = random.below(1000) / 8;
      const row = { k, n: random.below(100), d, v, ts: time - random.below(7000) };
      lines.push(random.below(500) === 0 ? '{"k": "broken' : JSON.stringify(row));
    }
    const bytes = Buffer.from(`${lines.join('\n')}\n`);
    const name = path.join(folder, `in${file}.ndjson`);
    if (isCompressed) fs.writeFileSync(`${name}.gz`, gzipSync(bytes));
    else fs.writeFileSync(name, bytes);
  }
}

function outputs(folder: string): Map<string, Buffer> {
  const files = fs.readdirSync(folder).filter((file) => file.endsWith('.out'));
  return new Map(files.map((file) => [file, readOutput(path.join(folder, file))]));
}

function sortLines(files: Map<string, Buffer>): void {
  for (const [file, bytes] of files) files.set(file, Buffer.from(bytes.toString().split('\n').sort().join('\n')));
}

/** A compressed file ends a member at every checkpoint, an Arrow stream a record batch: what counts is what is in them. */
function readOutput(file: string): Buffer {
  const bytes = unpacked(fs.readFileSync(file));
  if (bytes.length < 4 || bytes.readInt32LE(0) !== ARROW_CONTINUATION) return bytes;
  return Buffer.from(tableFromIPC(bytes).toArray().join('\n'));
}

function unpacked(bytes: Buffer): Buffer {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return gunzipSync(bytes);
  if (bytes.length < 4 || bytes.readUInt32LE(0) !== ZSTD_MAGIC) return bytes;
  // What Node has for whole buffers stops behind the first frame.
  const codec = new Codec('decompress', 'zstd');
  const parts: Buffer[] = [];
  codec.feed(bytes, 0, bytes.length);
  for (let produced = 1; produced > 0 || codec.inputBytes > 0; ) {
    const part = Buffer.alloc(1 << 16);
    produced = codec.run(part, 0, part.length);
    parts.push(part.subarray(0, produced));
  }
  codec.close();
  return Buffer.concat(parts);
}

function compare(expected: Map<string, Buffer>, actual: Map<string, Buffer>, what: string): void {
  for (const [file, bytes] of expected) {
    const other = actual.get(file);
    if (other !== undefined && bytes.equals(other)) continue;
    const at = other === undefined ? 0 : firstDifference(bytes, other);
    const shown = (given: Buffer | undefined) =>
      JSON.stringify(given?.subarray(Math.max(0, at - 60), at + 60).toString());
    throw new Error(
      `${what}: ${file} differs at byte ${at} of ${bytes.length}: ${shown(bytes)} is now ${shown(other)}`,
    );
  }
}

function firstDifference(a: Buffer, b: Buffer): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at;
}
