// What checkpoints cost: `node bench/checkpoints.ts [--only pause,part,rows,recovery,job] [--megabytes 64] [--scale 1]`.
//
//   pause     a GROUP BY of so many groups, all of them touched between two checkpoints: how long the core stands still
//   part      the same, 1 % of its keys touched: what a checkpoint writes of it
//   rows      rows that wait in a join, instead of groups
//   recovery  1 GB of groups: from the start of the process to its first row
//   job       bars-json with and without a state directory, in turns, medians of --rounds
//
// Pauses, bytes and durations are what the run itself counts (its summary, its manifests); the rest are whole processes.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { CheckpointCounters } from '../src/runtime/run.ts';
import type { Manifest } from '../src/state/manifest.ts';
import { StateDirectory } from '../src/state/state-directory.ts';
import { benchFile } from './data.ts';
import { benchJobs } from './jobs.ts';
import { type Measure, measure, median } from './processes.ts';

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string', default: 'pause,part,rows,recovery,job' },
    megabytes: { type: 'string', default: '64' },
    seconds: { type: 'string', default: '12' },
    scale: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '5' },
    bin: { type: 'string', default: path.resolve(import.meta.dirname, '../bin/laminar') },
  },
});
const MEGABYTE = 1 << 20;
/** Bytes of a group of `groups` in a checkpoint. */
const GROUP_BYTES = 64;
const RECOVERED_MEGABYTES = 1024;

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'laminar-checkpoints-'));

/** Groups that all are made first; from then on only one in `every` of them gets rows. */
function groups(count: number, every: number): string {
  return `SET checkpoint_interval = '1s';
CREATE SOURCE g (n BIGINT NOT NULL, r BIGINT NOT NULL, v BIGINT NOT NULL)
FROM GENERATOR (r.kind = 'random', r.max = ${Math.floor(count / every) - 1}, v.kind = 'random', v.max = 1000);
CREATE SINK s AS
SELECT key, COUNT(*) AS c, SUM(v) AS total, MIN(v) AS low, MAX(v) AS high
FROM (SELECT CASE WHEN n < ${count} THEN n ELSE r * ${every} + r * 7919 % ${every} END AS key, v FROM g)
GROUP BY key INTO BLACKHOLE;
`;
}

/** Rows of about as many bytes, waiting for others that do not come. */
function waiting(count: number): string {
  return `SET checkpoint_interval = '1s';
CREATE SOURCE a (n BIGINT NOT NULL, v BIGINT NOT NULL) FROM GENERATOR (rows = ${count}, v.kind = 'random', v.max = 1000);
CREATE SOURCE b (m BIGINT NOT NULL) FROM GENERATOR (m.start = -1, m.step = -1, rate = 1000);
CREATE SINK s AS SELECT a.n, a.v FROM a JOIN b ON a.n = b.m INTO BLACKHOLE;
`;
}

interface Run {
  counters: CheckpointCounters;
  /** Those that were seen, but for the one at which the run stopped, which delays nothing. */
  manifests: Manifest[];
}

/** How often the state directory is looked at: three checkpoints stay in it. */
const LOOK_MILLIS = 500;

function write(name: string, text: string): string {
  const file = path.join(folder, name);
  fs.writeFileSync(file, text);
  return file;
}

/** Runs for a time. @returns what it counted, and its checkpoints. */
async function run(pipeline: string, state: string, seconds: number): Promise<Run> {
  const words = ['run', pipeline, '--json', '--cores=1', '-s', state, '--for', `${seconds}s`];
  const child = spawn(flags.bin, words, { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (text) => (stderr += text));
  const seen = new Map<number, Manifest>();
  const closed = once(child, 'close');
  for (let isOpen = true; isOpen; ) {
    isOpen = await Promise.race([closed.then(() => false), setTimeout(LOOK_MILLIS, true)]);
    for (const manifest of await manifestsIn(state)) seen.set(manifest.epoch, manifest);
  }
  const lines = stderr.split('\n').filter((line) => line.startsWith('{'));
  const summary = lines.map((line) => JSON.parse(line)).find(({ event }) => event === 'summary');
  if (summary === undefined) throw new Error(stderr);
  const manifests = [...seen.values()].sort((a, b) => a.epoch - b.epoch).slice(0, -1);
  return { counters: summary.checkpoints, manifests };
}

async function manifestsIn(state: string): Promise<Manifest[]> {
  if (!fs.existsSync(path.join(state, 'core-0', 'data.mdb'))) return [];
  const directory = await StateDirectory.read(state);
  const manifests = directory.checkpoints.map(({ manifest }) => manifest);
  await directory.close();
  return manifests;
}

function megabytes(bytes: number): string {
  return `${(bytes / MEGABYTE).toFixed(1)} MB`;
}

function describe(name: string, { counters, manifests }: Run): void {
  const { count, bytes } = counters;
  const pauses = manifests.map(({ pauseMillis }) => pauseMillis);
  const parts = manifests.map((m) => `${megabytes(m.bytesWritten)} in ${m.durationMillis.toFixed(0)} ms`);
  console.log(`${name}: ${megabytes(bytes)} of state, ${count} checkpoints`);
  const times = { longest: Math.max(...pauses), median: median(pauses), shortest: Math.min(...pauses) };
  const told = Object.entries(times).map(([what, millis]) => `${what} ${millis.toFixed(1)} ms`);
  console.log(`  pauses: ${told.join(', ')} (goal: 10)`);
  console.log(`  written: ${parts.join(', ')}`);
}

async function measurePauses(name: string, text: string): Promise<Run> {
  const state = path.join(folder, `${name}.state`);
  const result = await run(write(`${name}.lsql`, text), state, Number(flags.seconds));
  describe(name, result);
  fs.rmSync(state, { recursive: true });
  return result;
}

async function measurePart(count: number): Promise<void> {
  const { manifests } = await measurePauses('part', groups(count, 100));
  // The first has all of it.
  const shares = manifests.slice(1).map(({ bytes, bytesWritten }) => (bytesWritten / bytes) * 100);
  console.log(`  1 % of the keys touched: ${shares.map((share) => share.toFixed(1)).join(', ')} % written (goal: 10)`);
}

/**
 * Groups of the lines of a file, which can be gone on with anywhere in no time, and a source without an end, so that the run
 * does not end with the file either.
 */
function groupsOfFile(count: number): string {
  const file = path.join(folder, 'keys.csv');
  const descriptor = fs.openSync(file, 'w');
  fs.writeSync(descriptor, 'n,v\n');
  for (let at = 0; at < count; at += MEGABYTE) {
    const keys = Array.from({ length: Math.min(MEGABYTE, count - at) }, (_, i) => `${at + i},${i % 1000}\n`);
    fs.writeSync(descriptor, keys.join(''));
  }
  fs.closeSync(descriptor);
  return `SET checkpoint_interval = '1h';
CREATE SOURCE g (n BIGINT NOT NULL, v BIGINT NOT NULL) FROM FILE (path = '${file}');
CREATE SOURCE tick (n BIGINT NOT NULL) FROM GENERATOR (rate = 1000);
CREATE SINK s AS
SELECT key, COUNT(*) AS c, SUM(v) AS total, MIN(v) AS low, MAX(v) AS high
FROM (SELECT n AS key, v FROM g UNION ALL SELECT n, 0 AS v FROM tick WHERE n < 0)
GROUP BY key INTO BLACKHOLE;
`;
}

/** The run ends at its first row, which it writes when it has its state again, and takes no checkpoint then. */
async function measureRecovery(): Promise<void> {
  const count = Math.round((RECOVERED_MEGABYTES * Number(flags.scale) * MEGABYTE) / GROUP_BYTES);
  const text = groupsOfFile(count);
  const state = path.join(folder, 'recovery.state');
  const { counters } = await run(write('recovery.lsql', text), state, 5 + (count / MEGABYTE) * 1.5);
  const again = write('again.lsql', `${text}CREATE SINK first AS SELECT n FROM tick INTO BLACKHOLE;\n`);
  const empty = await measure([flags.bin, 'run', again, '-q', '--cores=1', '--max-rows', '1']);
  const full = await measure([flags.bin, 'run', again, '-q', '--cores=1', '--max-rows', '1', '-s', state]);
  console.log(`recovery: ${megabytes(counters.bytes)} of state, ${count} groups`);
  const took = ({ millis, memoryBytes }: Measure): string =>
    `${millis.toFixed(0)} ms, ${megabytes(memoryBytes)} resident`;
  console.log(`  to the first row: ${took(full)}; without state ${took(empty)} (goal: 5000 ms)`);
}

async function measureJob(): Promise<void> {
  const job = benchJobs(1).find(({ name }) => name === 'bars-json');
  if (job === undefined) throw new Error('no job bars-json');
  const input = benchFile('trades.ndjson', Number(flags.scale));
  const output = path.join(folder, 'bars.ndjson');
  const text = job.pipeline(`FILE (path = '${input}', format = 'json')`, `FILE (path = '${output}', format = 'json')`);
  const intervals = [null, '10s', '1s', '100ms'];
  const measures = intervals.map((): Measure[] => []);
  for (let round = 0; round < Number(flags.rounds); round++) {
    for (const [index, interval] of intervals.entries()) {
      const pipeline = write('job.lsql', `SET checkpoint_interval = '${interval ?? '10s'}';\n${text}`);
      const state = path.join(folder, 'job.state');
      const kept = interval === null ? [] : ['-s', state];
      measures[index]?.push(await measure([flags.bin, 'run', pipeline, '-q', '--cores=1', ...kept]));
      fs.rmSync(state, { recursive: true, force: true });
      fs.rmSync(output);
    }
  }
  const medians = measures.map((list) => ({
    wall: median(list.map(({ millis }) => millis)),
    cpu: median(list.map(({ cpuMillis }) => cpuMillis)),
  }));
  console.log('job: bars-json into a file');
  for (const [index, interval] of intervals.entries()) {
    const { wall = 0, cpu = 0 } = medians[index] ?? {};
    const more = ((wall / (medians[0]?.wall ?? 0) - 1) * 100).toFixed(1);
    const name = interval === null ? 'nothing kept' : `a checkpoint every ${interval}`;
    console.log(`  ${name}: ${wall.toFixed(0)} ms, ${cpu.toFixed(0)} ms of CPU (${more} %)`);
  }
}

const only = flags.only.split(',');
const groupCount = Math.round((Number(flags.megabytes) * MEGABYTE) / GROUP_BYTES);
try {
  if (only.includes('pause')) await measurePauses('pause', groups(groupCount, 1));
  if (only.includes('part')) await measurePart(groupCount);
  if (only.includes('rows')) await measurePauses('rows', waiting(groupCount));
  if (only.includes('recovery')) await measureRecovery();
  if (only.includes('job')) await measureJob();
} finally {
  fs.rmSync(folder, { recursive: true });
}
