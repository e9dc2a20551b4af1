// What counting and timing every operator costs: `node bench/telemetry.ts [--rounds 9] [--scale 0.2]`.
//
// A core runs bars-json in a process of its own, with the clock of src/runtime/meter.ts or with one that never looks,
// in turn; compared is the CPU time of its thread, without start-up. The goal is below 1 %.

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

/** A meter that measures nothing: edges ask for its `weight`, which stays 0. */
function blind(): void {
  const meter = Meter.prototype;
  const nothing = (): void => {};
  meter.look = nothing;
  meter.beginTurn = nothing;
  meter.begin = nothing;
  meter.end = nothing;
  meter.endTurn = nothing;
}

/** Runs the job in this process. @returns ms of CPU of this thread. */
async function run(): Promise<number> {
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
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

if (flags.only !== undefined) {
  if (flags.only === 'off') blind();
  console.log(await run());
} else {
  const times: Record<string, number[]> = { on: [], off: [] };
  for (let round = 0; round < Number(flags.rounds); round++) {
    for (const mode of round % 2 === 0 ? ['on', 'off'] : ['off', 'on']) {
      const command = [...process.execArgv, import.meta.filename, '--only', mode, '--scale', flags.scale];
      times[mode]?.push(Number(spawnSync(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] }).stdout));
    }
  }
  for (const [mode, list] of Object.entries(times)) {
    console.log(
      `${mode.padEnd(4)} median ${median(list).toFixed(0)} ms of CPU, least ${Math.min(...list).toFixed(0)} ms`,
    );
  }
  const [on = [], off = []] = [times['on'], times['off']];
  const share = (of: (list: readonly number[]) => number): string => `${((of(on) / of(off) - 1) * 100).toFixed(1)} %`;
  console.log(`telemetry costs ${share(median)} by medians, ${share((list) => Math.min(...list))} by the least`);
}
