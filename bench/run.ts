// Laminar against DuckDB on the same files, interleaved: `npm run bench [-- --rounds 5 --scale 1 --job bars-json]`.
//
// Laminar is measured as a whole process, start-up included; DuckDB (1 thread) by the time of its statement alone.
// Each round runs every engine once, so that a slow minute of the machine hits all of them; medians are compared.
// The results of both are compared row by row before anything is timed.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { BENCH_DIR } from './data.ts';
import { benchJobs, type Job } from './jobs.ts';
import { type Measure, measure, median } from './processes.ts';

const here = import.meta.dirname;
const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    scale: { type: 'string', default: '1' },
    job: { type: 'string' },
    bin: { type: 'string', default: defaultBinary() },
  },
});

interface Timing {
  label: string;
  goal: number | null;
  measures: Measure[];
}

function defaultBinary(): string {
  const executable = path.resolve(here, '../build/laminar');
  return fs.existsSync(executable) ? executable : path.resolve(here, '../bin/laminar');
}

async function main(): Promise<void> {
  const rounds = Number(flags.rounds);
  const jobs = benchJobs(Number(flags.scale)).filter((job) => flags.job === undefined || job.name === flags.job);
  console.log(await describeMachine());
  for (const job of jobs) {
    await verify(job);
    const timings = await time(job, rounds);
    console.log(table(job, timings));
    if (job.beside?.most !== undefined) console.log(`\n${besideLine(job.beside.label, job.beside.most, timings)}`);
  }
}

async function time(job: Job, rounds: number): Promise<Timing[]> {
  const duckdb: Timing = { label: 'DuckDB, 1 thread', goal: null, measures: [] };
  const file: Timing = { label: 'Laminar, file', goal: job.goal, measures: [] };
  const piped: Timing = { label: 'Laminar, from a pipe', goal: 2, measures: [] };
  const beside: Timing = { label: job.beside?.label ?? '', goal: null, measures: [] };
  const naive: Timing = { label: 'JSON.parse and a Map', goal: null, measures: [] };
  for (let round = 0; round < rounds; round++) {
    duckdb.measures.push(await runDuckdb(job));
    file.measures.push(await runLaminar(job, false));
    if (job.beside !== undefined) beside.measures.push(await runLaminar(job, false, job.beside.pipeline));
    if (job.isPiped) piped.measures.push(await runLaminar(job, true));
    if (job.isPiped && round === 0) naive.measures.push(await runNaive(job));
  }
  return [duckdb, file, beside, piped, naive].filter((timing) => timing.measures.length > 0);
}

async function runDuckdb(job: Job): Promise<Measure> {
  const result = await measure([
    process.execPath,
    path.join(here, 'duckdb.ts'),
    '1',
    job.duckdb(outputOf(job, 'duckdb')),
  ]);
  return { ...result, millis: Number(result.stdout) };
}

function runLaminar(job: Job, isPiped: boolean, pipelineOf = job.pipeline): Promise<Measure> {
  const from = isPiped ? "STDIN (format = 'json')" : `FILE (path = '${job.input}', format = 'json')`;
  const pipeline = path.join(BENCH_DIR, `${job.name}.lsql`);
  fs.writeFileSync(pipeline, pipelineOf(from, `FILE (path = '${outputOf(job, 'laminar')}', format = 'json')`));
  return measure([flags.bin, 'run', '-q', pipeline], isPiped ? job.input : null);
}

async function runNaive(job: Job): Promise<Measure> {
  const result = await measure([process.execPath, path.join(here, 'json-parse.ts'), job.input, outputOf(job, 'naive')]);
  return { ...result, millis: Number(result.stdout) };
}

/** Results go to memory where there is a file system for it: both engines write, and the disk decides nothing. */
const OUTPUT_DIR = fs.existsSync('/dev/shm') ? '/dev/shm' : BENCH_DIR;

function outputOf(job: Job, engine: string): string {
  return path.join(OUTPUT_DIR, `laminar-bench-${job.name}.${engine}.ndjson`);
}

/** Compares both results as multisets. @throws when they differ. */
async function verify(job: Job): Promise<void> {
  await runDuckdb(job);
  await runLaminar(job, false);
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  // Both write times as text, each in its own form.
  const exact = job.exact.map((column) =>
    /ts|window_start/.test(column) ? `CAST(CAST(${column} AS VARCHAR) AS TIMESTAMP) AS ${column}` : column,
  );
  // Moved a little, because averages of prices often lie exactly between two rounded numbers.
  const columns = [...exact, ...job.close.map((column) => `round(${column} + 1.234e-6, 4) AS ${column}`)].join(', ');
  for (const engine of ['duckdb', 'laminar']) {
    await connection.run(`CREATE TABLE ${engine} AS SELECT ${columns} FROM read_ndjson('${outputOf(job, engine)}') `);
  }
  const differences = await connection.runAndReadAll(
    `SELECT (SELECT count(*) FROM (FROM duckdb EXCEPT ALL FROM laminar)) AS missing,
            (SELECT count(*) FROM (FROM laminar EXCEPT ALL FROM duckdb)) AS extra, (SELECT count(*) FROM laminar) AS rows`,
  );
  const [missing, extra, rows] = (differences.getRows()[0] as bigint[]).map(Number);
  if (missing !== 0 || extra !== 0) throw new Error(`${job.name}: ${missing} rows missing, ${extra} rows too many`);
  console.log(`\n### ${job.title}\n\n\`${job.name}\`: ${rows} result rows, equal to DuckDB's.\n`);
}

async function describeMachine(): Promise<string> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const version = (await connection.runAndReadAll('SELECT version()')).getRows()[0]?.[0];
  return `${os.cpus().length} × ${os.cpus()[0]?.model}, Node ${process.version}, DuckDB ${version}, ${flags.rounds} rounds, medians`;
}

function besideLine(label: string, most: number, timings: readonly Timing[]): string {
  const millis = (name: string) => median(timings.find((t) => t.label === name)?.measures.map((m) => m.millis) ?? []);
  const ratio = millis('Laminar, file') / millis(label);
  return `${ratio.toFixed(2)}× the time of "${label}", goal ≤ ${most}×.`;
}

function table(job: Job, timings: Timing[]): string {
  const bytes = fs.statSync(job.input).size;
  const base = median((timings[0] as Timing).measures.map((m) => m.millis));
  const lines = timings.map(({ label, goal, measures }) => {
    const millis = median(measures.map((m) => m.millis));
    const cells = [
      label,
      `${(millis / 1000).toFixed(2)} s`,
      `${(job.rows / millis / 1000).toFixed(2)} M/s`,
      `${(bytes / millis / 1e3).toFixed(0)} MB/s`,
      `${(median(measures.map((m) => m.memoryBytes)) / 2 ** 20).toFixed(0)} MB`,
      `${(base / millis).toFixed(2)}×`,
      goal === null ? '' : `≥ ${goal}×`,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const size = `${(job.rows / 1e6).toFixed(1)} M rows, ${(bytes / 1e6).toFixed(0)} MB`;
  return [
    `| ${size} | time | rows | input | memory | vs DuckDB | goal |`,
    '|---|---|---|---|---|---|---|',
    ...lines,
  ].join('\n');
}

await main();
