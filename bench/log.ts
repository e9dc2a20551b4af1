// What the log of standard input costs: `node bench/log.ts [--rounds 7] [--scale 1] [--modes 10ms,checkpoint,always]`.
//
// `cat trades.ndjson | laminar run bars.lsql`, output into a file in memory: without a state directory, and with one for each
// `wal_sync`, in turns. Of every round the share of the throughput that is kept; of all rounds the median and the least.
// CPU time is that of all threads, and of `cat`.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { benchFile } from './data.ts';
import { benchJobs } from './jobs.ts';
import { type Measure, measure, median } from './processes.ts';

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    scale: { type: 'string', default: '1' },
    modes: { type: 'string', default: '10ms,checkpoint,always' },
    /** More words for every run, as `--cores 1`. */
    more: { type: 'string', default: '' },
    /** Where the state is: on the disk that is measured. */
    folder: { type: 'string', default: os.tmpdir() },
    bin: { type: 'string', default: path.resolve(import.meta.dirname, '../bin/laminar') },
  },
});
const GOAL_PERCENT = 70;

const job = benchJobs(1).find(({ name }) => name === 'bars-json');
if (job === undefined) throw new Error('no job bars-json');
const input = benchFile('trades.ndjson', Number(flags.scale));
const folder = fs.mkdtempSync(path.join(flags.folder, 'laminar-log-'));
const memory = fs.existsSync('/dev/shm') ? '/dev/shm' : folder;
const output = path.join(memory, `laminar-log-${process.pid}.ndjson`);
const pipeline = path.join(folder, 'bars.lsql');
fs.writeFileSync(pipeline, job.pipeline(`STDIN (format = 'json')`, `FILE (path = '${output}', format = 'json')`));

async function run(mode: string | null): Promise<Measure> {
  const state = path.join(folder, 'state');
  const kept = mode === null ? [] : ['--state-dir', state, '--set', `wal_sync=${mode}`];
  const more = flags.more.split(' ').filter((word) => word !== '');
  // A shell's pipe: one that Node makes is a socket.
  const words = ['sh', '-c', 'cat "$0" | "$@"', input, flags.bin, 'run', pipeline, '-q', ...kept, ...more];
  const measured = await measure(words);
  fs.rmSync(state, { recursive: true, force: true });
  fs.rmSync(output);
  return measured;
}

function summarise(name: string, runs: readonly Measure[]): string {
  const walls = runs.map(({ millis }) => millis);
  const wall = `${median(walls).toFixed(0)} ms (least ${Math.min(...walls).toFixed(0)})`;
  return `${name.padEnd(14)} ${wall}, ${median(runs.map(({ cpuMillis }) => cpuMillis)).toFixed(0)} ms of CPU`;
}

try {
  const modes = flags.modes.split(',');
  const without: Measure[] = [];
  const kept = modes.map((): Measure[] => []);
  for (let round = 0; round < Number(flags.rounds); round++) {
    without.push(await run(null));
    for (const [index, mode] of modes.entries()) kept[index]?.push(await run(mode));
  }
  console.log(`${(fs.statSync(input).size / 1e6).toFixed(0)} MB through a pipe, ${flags.rounds} rounds, medians`);
  console.log(summarise('nothing kept', without));
  for (const [index, mode] of modes.entries()) {
    const runs = kept[index] ?? [];
    const shares = runs.map(({ millis }, round) => ((without[round] as Measure).millis / millis) * 100);
    const share = `${median(shares).toFixed(0)} % of the throughput, ${Math.min(...shares).toFixed(0)} % in the worst round`;
    console.log(`${summarise(mode, runs)}: ${share}${mode === '10ms' ? ` (goal: ${GOAL_PERCENT} %)` : ''}`);
  }
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}
