// One core and several, in turn: `node bench/cores.ts [--cores 1,2] [--job bars-json] [--scale 1] [--rounds 7]`.
//
// Whole processes, start-up included; outputs are compared byte by byte. Beside one core there is one CPU, where taskset
// can pin the process to it: V8's own threads and the main thread take a second one when there is, with one core too.
// What an earlier run has written is removed first: truncating it takes 25 ms. `--pipe` reads through `cat`; `--beside BIN`
// measures another build in the same rounds. Wall-clock time means something on a quiet machine only; the time of CPU,
// which a busy one changes less, tells what the cores cost each other. `--pipeline FILE` measures any other pipeline,
// with `${INPUT}` and `${OUTPUT}` for the files. Last come two runs at once, on a CPU each: what this machine gives to a
// second CPU at that moment. Nothing that two cores do can be better.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { BENCH_DIR, benchFile } from './data.ts';
import { benchJobs } from './jobs.ts';
import { type Measure, measure, median } from './processes.ts';

const { values: flags } = parseArgs({
  options: {
    cores: { type: 'string', default: '1,2' },
    job: { type: 'string', default: 'bars-json' },
    pipeline: { type: 'string' },
    scale: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '7' },
    pipe: { type: 'boolean', default: false },
    bin: { type: 'string', default: path.resolve(import.meta.dirname, '../bin/laminar') },
    beside: { type: 'string' },
  },
});

interface Case {
  label: string;
  bin: string;
  cores: string;
  /** Before the command, of each run that is begun at once: one, but for the last case. */
  pins: string[][];
  measures: Measure[];
}

function writePipeline(input: string, output: string): string {
  const file = path.join(BENCH_DIR, `${path.basename(output, '.ndjson')}.lsql`);
  const from = flags.pipe ? "STDIN (format = 'json')" : `FILE (path = '${input}', format = 'json')`;
  const to = `FILE (path = '${output}', format = 'json')`;
  const job = benchJobs(1).find(({ name }) => name === flags.job);
  if (job === undefined) throw new Error(`no job ${flags.job}`);
  const given = flags.pipeline === undefined ? null : fs.readFileSync(flags.pipeline, 'utf8');
  fs.writeFileSync(
    file,
    given?.replaceAll('${INPUT}', input).replaceAll('${OUTPUT}', output) ?? job.pipeline(from, to),
  );
  return file;
}

async function main(): Promise<void> {
  const input = benchFile('trades.ndjson', Number(flags.scale));
  const folder = fs.existsSync('/dev/shm') ? '/dev/shm' : BENCH_DIR;
  const outputs = [0, 1].map((run) => path.join(folder, `laminar-bench-cores-${process.pid}-${run}.ndjson`));
  const pipelines = outputs.map((output) => writePipeline(input, output));
  const bins = [flags.bin, ...(flags.beside === undefined ? [] : [flags.beside])];
  const cases = bins.flatMap((bin, index) => casesOf(bin, index === 0 ? '' : ', beside'));
  let expected: Buffer | null = null;
  for (let round = 0; round < Number(flags.rounds); round++) {
    for (const each of round % 2 === 0 ? cases : [...cases].reverse()) {
      for (const output of outputs) fs.rmSync(output, { force: true });
      each.measures.push(await measureAtOnce(each, pipelines, input));
      for (const output of outputs.slice(0, each.pins.length)) {
        const bytes = fs.readFileSync(output);
        expected ??= bytes;
        if (!bytes.equals(expected)) throw new Error(`${each.label}: other output than ${cases[0]?.label}`);
      }
    }
  }
  for (const file of [...outputs, ...pipelines]) fs.rmSync(file, { force: true });
  print(cases);
}

/** Of runs at once: until the last has ended, and CPU time of one. */
async function measureAtOnce({ pins, bin, cores }: Case, pipelines: string[], input: string): Promise<Measure> {
  const measures = await Promise.all(
    pins.map((pin, run) => {
      const command = [...pin, bin, 'run', '-q', '--cores', cores, pipelines[run] as string];
      return measure(command, flags.pipe ? input : null);
    }),
  );
  const [first] = measures as [Measure];
  const cpuMillis = measures.reduce((sum, each) => sum + each.cpuMillis, 0) / measures.length;
  return { ...first, millis: Math.max(...measures.map(({ millis }) => millis)), cpuMillis };
}

/** One CPU, then each number of cores, then two runs with a CPU each. */
function casesOf(bin: string, suffix: string): Case[] {
  const pinTo = (cpu: string): string[] => ['taskset', '-c', cpu];
  const canPin = spawnSync('taskset', ['-c', '0,1', 'true']).status === 0;
  const counts = flags.cores.split(',');
  const one = (label: string, pins: string[][]): Case[] =>
    canPin && counts.includes('1') ? [{ label: `${label}${suffix}`, bin, cores: '1', pins, measures: [] }] : [];
  const named = (cores: string) => `${cores} ${cores === '1' ? 'core' : 'cores'}${suffix}`;
  return [
    ...one('one CPU', [pinTo('0')]),
    ...counts.map((cores): Case => ({ label: named(cores), bin, cores, pins: [[]], measures: [] })),
    ...one('two runs, a CPU each', [pinTo('0'), pinTo('1')]),
  ];
}

function print(cases: readonly Case[]): void {
  const wall = (each: Case | undefined): number => median(each?.measures.map(({ millis }) => millis) ?? [Number.NaN]);
  const onOneCpu = wall(cases.find(({ label }) => label.startsWith('one CPU')));
  const onOneCore = wall(cases.find(({ label }) => label.startsWith('1 core')));
  console.log(`${flags.pipeline ?? flags.job}, scale ${flags.scale}${flags.pipe ? ', from cat' : ''}\n`);
  console.log('| | wall, median | fastest | CPU, median | least | to one CPU | to one core |');
  console.log('|---|---|---|---|---|---|---|');
  for (const each of cases) {
    const cpus = each.measures.map(({ cpuMillis }) => cpuMillis);
    const fastest = Math.min(...each.measures.map(({ millis }) => millis));
    const times = [wall(each), fastest, median(cpus), Math.min(...cpus)].map(
      (millis) => `${(millis / 1000).toFixed(3)} s`,
    );
    const ratios = [onOneCpu, onOneCore].map((one) =>
      Number.isNaN(one) ? '' : `${((one * each.pins.length) / wall(each)).toFixed(2)}×`,
    );
    console.log(`| ${[each.label, ...times, ...ratios].join(' | ')} |`);
  }
}

await main();
