// What counting and timing every operator costs: `node bench/telemetry.ts [--rounds 9] [--scale 0.2]`.
//
// A core runs bars-json in a process of its own, with the clock of src/runtime/meter.ts or with one that never looks,
// in turn; compared is the CPU time of its thread, without start-up. The goal is below 1 %. As a machine that is busy with
// other things varies by more than that, the looks at the clock are also counted, and timed by themselves.

import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import * as endpoints from '../src/connectors/registry.ts';
import { loadKernelModule } from '../src/platform/resources.ts';
import { buildCore } from '../src/runtime/build.ts';
import { Control } from '../src/runtime/control.ts';
import { Meter } from '../src/runtime/meter.ts';
import { Telemetry } from '../src/runtime/telemetry.ts';
import { compilePipeline } from '../src/sql/compile.ts';
import { benchFile } from './data.ts';
import { benchJobs } from './jobs.ts';
import { median } from './processes.ts';

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    scale: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
});

/** A meter that measures nothing: edges ask for its `weight`, which stays 0. Turns still have their clock. */
function blind(): void {
  const meter = Meter.prototype;
  const nothing = (): void => {};
  meter.beginTurn = nothing;
  meter.begin = nothing;
  meter.end = nothing;
  meter.endTurn = nothing;
}

/** CPU of the thread and, with the clock: how often it was looked at, and how long a look took. */
interface Result {
  millis: number;
  looks: number;
  nanosPerLook: number;
}

const PAIRS = 200_000;
let looks = 0;

/** Counts from now on, which costs as much again: not in a run that is timed. */
function countLooks(): void {
  const now = performance.now.bind(performance);
  performance.now = () => {
    looks++;
    return now();
  };
}

/** Runs the job in this process. */
async function run(): Promise<Result> {
  const job = benchJobs(1).find(({ name }) => name === 'bars-json');
  if (job === undefined) throw new Error('no job bars-json');
  const input = benchFile('trades.ndjson', Number(flags.scale));
  const text = job.pipeline(`FILE (path = '${input}', format = 'json')`, "BLACKHOLE (format = 'json')");
  const { plan } = compilePipeline(text, { fileName: 'bench.lsql', variables: {} });
  const options = { maxRows: null, maxMillis: null, maxErrors: null, cores: 1, startsAllCores: false, verify: false };
  const core = await buildCore(plan, {
    kernels: loadKernelModule(),
    endpoints,
    telemetry: new Telemetry(plan, { coreCount: 1 }),
    control: new Control(),
    options: { ...options, placement: { pin: null, numa: false } },
  });
  const before = process.threadCpuUsage();
  core.run();
  const millis = cpuMillisSince(before);
  return { millis, looks, nanosPerLook: nanosPerLook(core.parts.meter) };
}

function cpuMillisSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

function nanosPerLook(meter: Meter): number {
  meter.begin(0);
  let best = Number.POSITIVE_INFINITY;
  for (let repeat = 0; repeat < 10; repeat++) {
    const before = process.threadCpuUsage();
    for (let n = 0; n < PAIRS; n++) meter.leave(meter.enter(0));
    best = Math.min(best, (cpuMillisSince(before) * 1e6) / (2 * PAIRS));
  }
  meter.end();
  return best;
}

type Mode = 'on' | 'off' | 'count';

function runApart(mode: Mode): Result {
  const command = [...process.execArgv, import.meta.filename, '--only', mode, '--scale', flags.scale];
  return JSON.parse(spawnSync(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] }).stdout.toString());
}

function compare(): void {
  const times = { on: [] as Result[], off: [] as Result[] };
  for (let round = 0; round < Number(flags.rounds); round++) {
    const order = ['on', 'off'] as const;
    for (const mode of round % 2 === 0 ? order : order.toReversed()) times[mode].push(runApart(mode));
  }
  const millis = (mode: 'on' | 'off'): number[] => times[mode].map((result) => result.millis);
  for (const mode of ['on', 'off'] as const) {
    const [middle, least] = [median(millis(mode)), Math.min(...millis(mode))];
    console.log(`${mode.padEnd(4)} median ${middle.toFixed(0)} ms of CPU, least ${least.toFixed(0)} ms`);
  }
  const share = (of: (list: readonly number[]) => number): string =>
    `${((of(millis('on')) / of(millis('off')) - 1) * 100).toFixed(1)} %`;
  console.log(`telemetry costs ${share(median)} by medians, ${share((list) => Math.min(...list))} by the least`);
  const { looks: count } = runApart('count');
  const nanos = Math.min(...times.on.map(({ nanosPerLook: each }) => each));
  const percent = ((count * nanos) / 1e4 / Math.min(...millis('on'))).toFixed(2);
  console.log(`${count} looks at the clock of ${nanos.toFixed(0)} ns are ${percent} %`);
}

if (flags.only === undefined) compare();
else {
  if (flags.only === 'off') blind();
  if (flags.only === 'count') countLooks();
  console.log(JSON.stringify(await run()));
}
