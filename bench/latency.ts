// How long a row takes from standard input to standard output, one line at a time, and what a run costs that has nothing
// to do: `node bench/latency.ts [--seconds 10] [--rate 1000] [--cores 1]`.
//
// Inside: from reading the bytes to having written the result, as the run itself counts it (src/runtime/latency.ts).
// Outside: from this process's write to its read, with two pipes and two wake-ups in between; beside it the same
// through `cat`, which is what the pipes and this process take.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { SinkCounters } from '../src/runtime/run.ts';

const { values: flags } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    rate: { type: 'string', default: '1000' },
    cores: { type: 'string', default: '1' },
    bin: { type: 'string', default: path.resolve(import.meta.dirname, '../bin/laminar') },
  },
});
const seconds = Number(flags.seconds);
const rate = Number(flags.rate);
/** Lines before the measured ones: code is compiled meanwhile. */
const WARM_LINES = 2 * rate;
const NEWLINE = 10;
const USER_HZ = 100;

const SOURCE = 'CREATE SOURCE t (k VARCHAR, v BIGINT, price DOUBLE)';
const QUERIES = {
  filter: `${SOURCE}; SELECT k, v, price * 2 AS twice FROM t WHERE v >= 0;`,
  'EMIT ON UPDATE': `${SOURCE}; SELECT k, COUNT(*) AS n, SUM(price) AS s FROM t GROUP BY k EMIT ON UPDATE;`,
};

interface Outside {
  /** µs, ascending. */
  micros: number[];
}

/** Sends lines at the rate, and times each from here to here. The first line of a result is its answer. */
async function measure(child: ChildProcess): Promise<Outside> {
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error('no pipes');
  const count = WARM_LINES + seconds * rate;
  const micros: number[] = [];
  let sentAt = 0;
  let sent = 0;
  let isOpen = false;
  stdout.on('data', (bytes: Buffer) => {
    if (!isOpen || bytes.at(-1) !== NEWLINE) return;
    isOpen = false;
    if (sent > WARM_LINES) micros.push((performance.now() - sentAt) * 1000);
  });
  const send = () => {
    sentAt = performance.now();
    isOpen = true;
    stdin.write(`{"k":"key${sent % 100}","v":${sent},"price":${sent % 1000}.25}\n`);
    sent++;
  };
  // Lines that wait for the program to start would be a batch.
  send();
  await once(stdout, 'data');
  const started = performance.now();
  while (sent < count) {
    // No timer is as fine: this process waits busily, on a processor of its own.
    while (performance.now() - started < (sent * 1000) / rate) await new Promise(setImmediate);
    send();
  }
  stdin.end();
  return { micros: micros.sort((a, b) => a - b) };
}

async function measureLaminar(
  query: string,
): Promise<{ outside: Outside; inside: NonNullable<SinkCounters['latency']> }> {
  const command = ['run', '--json', '--cores', flags.cores, '-e', query];
  const child = spawn(flags.bin, command, { stdio: ['pipe', 'pipe', 'pipe'] });
  const errors: Buffer[] = [];
  child.stderr.on('data', (bytes: Buffer) => errors.push(bytes));
  const ended = once(child, 'close');
  const outside = await measure(child);
  await ended;
  const last = Buffer.concat(errors).toString().trimEnd().split('\n').at(-1) ?? '';
  const { latency } = (JSON.parse(last) as { sinks: SinkCounters[] }).sinks[0] as SinkCounters;
  if (latency === null) throw new Error('nothing was written');
  return { outside, inside: latency };
}

/** Share of one CPU that a run takes which waits for input. */
async function measureIdle(): Promise<number> {
  const child = spawn(flags.bin, ['run', '-q', '--cores', flags.cores, '-e', QUERIES.filter], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  child.stdin.write('{"k":"a","v":1,"price":1}\n');
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const before = cpuSeconds(child.pid as number);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const share = (cpuSeconds(child.pid as number) - before) / seconds;
  child.stdin.end();
  await once(child, 'close');
  return share;
}

/** User and system time of a process and its threads. */
function cpuSeconds(pid: number): number {
  const fields = fs
    .readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / USER_HZ;
}

function quantile({ micros }: Outside, share: number): number {
  return micros[Math.min(micros.length - 1, Math.floor(micros.length * share))] ?? 0;
}

const row = (cells: (string | number)[]) => `| ${cells.join(' | ')} |`;
const whole = (micros: number) => micros.toFixed(0);
console.log(`${rate} lines/s for ${seconds} s, after ${WARM_LINES} more; µs\n`);
console.log(row(['', 'p50', 'p90', 'p99', 'slowest', 'p50 outside', 'p99 outside']));
console.log(row(['---', '---', '---', '---', '---', '---', '---']));
for (const [name, query] of Object.entries(QUERIES)) {
  const { inside, outside } = await measureLaminar(query);
  const { p50Micros, p90Micros, p99Micros, maxMicros } = inside;
  const cells = [p50Micros, p90Micros, p99Micros, maxMicros, quantile(outside, 0.5), quantile(outside, 0.99)];
  console.log(row([name, ...cells.map(whole)]));
}
const cat = await measure(spawn('cat', { stdio: ['pipe', 'pipe', 'inherit'] }));
console.log(row(['cat', '', '', '', '', whole(quantile(cat, 0.5)), whole(quantile(cat, 0.99))]));
console.log(`\nGoals inside: p50 < 100, p99 < 1000.`);
console.log(`\nA run that waits for input takes ${((await measureIdle()) * 100).toFixed(2)} % of a CPU; goal < 1 %.`);
