// Start-up time: `node bench/startup.ts [--bin build/laminar] [--rounds 21]`. Medians of whole processes, beside a bare
// Node that does nothing, interleaved.

import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { BENCH_DIR } from './data.ts';
import { type Measure, measure, median } from './processes.ts';

const { values: flags } = parseArgs({
  options: {
    bin: { type: 'string', default: path.resolve(import.meta.dirname, '../build/laminar') },
    rounds: { type: 'string', default: '21' },
  },
});

fs.mkdirSync(BENCH_DIR, { recursive: true });
const pipeline = path.join(BENCH_DIR, 'startup.lsql');
const input = path.join(BENCH_DIR, 'startup.ndjson');
fs.writeFileSync(
  pipeline,
  `CREATE SOURCE t (k VARCHAR, v BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) FROM STDIN (format = 'json');
SELECT k, window_start, COUNT(*) AS n, SUM(v) AS total FROM t GROUP BY k, TUMBLE(ts, INTERVAL '10' SECOND);\n`,
);
const rows = Array.from({ length: 10 }, (_, n) =>
  JSON.stringify({ k: `k${n % 3}`, v: n, ts: 1_700_000_000_000 + n * 1000 }),
);
fs.writeFileSync(input, `${rows.join('\n')}\n`);

const cases: { label: string; command: string[]; input: string | null; measures: Measure[] }[] = [
  { label: 'node -e 0', command: [process.execPath, '-e', '0'], input: null, measures: [] },
  { label: 'laminar --version', command: [flags.bin, '--version'], input: null, measures: [] },
  { label: 'laminar run, 10 rows', command: [flags.bin, 'run', '-q', pipeline], input, measures: [] },
];
for (let round = 0; round < Number(flags.rounds); round++) {
  for (const each of cases) each.measures.push(await measure(each.command, each.input));
}
for (const { label, measures } of cases) {
  const memory = median(measures.map((m) => m.memoryBytes)) / 2 ** 20;
  console.log(
    `${label.padEnd(24)} ${median(measures.map((m) => m.millis))
      .toFixed(0)
      .padStart(5)} ms ${memory.toFixed(0).padStart(5)} MB`,
  );
}
