// One core and several, in turn: `node bench/cores.ts [--cores 1,2] [--job bars-json] [--scale 1] [--rounds 7]`.
//
// Whole processes, start-up included; outputs are compared byte by byte. `--pipe` reads through `cat`; `--beside BIN`
// measures another build in the same rounds. Wall-clock time means something on a quiet machine only; the time of CPU,
// which a busy one changes less, tells what the cores cost each other. `--pipeline FILE` measures any other pipeline,
// with `${INPUT}` and `${OUTPUT}` for the files.

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
  cores: number;
  measures: Measure[];
}

function writePipeline(input: string, output: string): string {
  const file = path.join(BENCH_DIR, 'cores.lsql');
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
  const output = path.join(
    fs.existsSync('/dev/shm') ? '/dev/shm' : BENCH_DIR,
    `laminar-bench-cores-${process.pid}.ndjson`,
  );
  const pipeline = writePipeline(input, output);
  const bins = [flags.bin, ...(flags.beside === undefined ? [] : [flags.beside])];
  const cases = bins.flatMap((bin, index) =>
    flags.cores.split(',').map((cores): Case => {
      const label = `${cores} ${cores === '1' ? 'core' : 'cores'}${index === 0 ? '' : ', beside'}`;
      return { label, bin, cores: Number(cores), measures: [] };
    }),
  );
  let expected: Buffer | null = null;
  for (let round = 0; round < Number(flags.rounds); round++) {
    for (const each of round % 2 === 0 ? cases : [...cases].reverse()) {
      const command = [each.bin, 'run', '-q', '--cores', `${each.cores}`, pipeline];
      each.measures.push(await measure(command, flags.pipe ? input : null));
      const bytes = fs.readFileSync(output);
      expected ??= bytes;
      if (!bytes.equals(expected)) throw new Error(`${each.label}: other output than ${cases[0]?.label}`);
    }
  }
  fs.rmSync(output);
  print(cases);
}

function print(cases: readonly Case[]): void {
  const [first] = cases;
  const wall = (each: Case): number => median(each.measures.map(({ millis }) => millis));
  console.log(`${flags.pipeline ?? flags.job}, scale ${flags.scale}${flags.pipe ? ', from cat' : ''}\n`);
  console.log('| | wall, median | fastest | CPU, median | least | |\n|---|---|---|---|---|---|');
  for (const each of cases) {
    const cpus = each.measures.map(({ cpuMillis }) => cpuMillis);
    const fastest = Math.min(...each.measures.map(({ millis }) => millis));
    const ratio = first === undefined ? 1 : wall(first) / wall(each);
    const times = [wall(each), fastest, median(cpus), Math.min(...cpus)].map(
      (millis) => `${(millis / 1000).toFixed(3)} s`,
    );
    console.log(`| ${each.label} | ${times.join(' | ')} | ${ratio.toFixed(2)}× |`);
  }
}

await main();
