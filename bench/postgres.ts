// Lookups in PostgreSQL with a warm cache: `node bench/postgres.ts [--rounds 5] [--cores 1,2] [--beside BIN]`.
//
// A server of this machine is started in a folder of its own; where none is installed nothing is measured. Five million
// payments of 100,000 accounts, of which the table has every second one, are read, looked up and filtered; beside that the
// same table from a file. Whole processes are measured over all rows and over a fifth of them, in which every key has come
// already: the difference is what further rows cost once all is in the cache, without start-up and questions.

import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { PostgresServer, postgresFolder } from '../test/support/postgres-server.ts';
import { BENCH_DIR, benchFile, benchRows, REGULARS } from './data.ts';
import { type Measure, measure, median } from './processes.ts';

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    cores: { type: 'string', default: '1' },
    bin: { type: 'string', default: path.resolve(import.meta.dirname, '../bin/laminar') },
    beside: { type: 'string' },
  },
});

/** Of the rows: all, and in how few every key has come. */
const SCALES = [1, 0.2] as const;

interface Case {
  label: string;
  bin: string;
  cores: string;
  from: string;
  /** By scale. */
  measures: Measure[][];
}

const SEGMENTS = ['private', 'business', 'public', 'student'];
const SEGMENT = `(ARRAY['${SEGMENTS.join("', '")}'])[1 + n % 4]`;
const TABLE = `CREATE TABLE accounts AS SELECT 'account ' || n AS account, ${SEGMENT} AS segment, 800.0::float8 + n % 200 AS most
  FROM generate_series(0, ${REGULARS - 1}, 2) n; ALTER TABLE accounts ADD PRIMARY KEY (account); ANALYZE accounts;`;

const COLUMNS = 'account VARCHAR, segment VARCHAR, most DOUBLE, PRIMARY KEY (account)';

function pipeline(input: string, from: string, output: string): string {
  return `CREATE SOURCE payments (account VARCHAR, amount DOUBLE) FROM FILE (path = '${input}', format = 'json');
CREATE LOOKUP TABLE accounts (${COLUMNS}) FROM ${from};
CREATE SINK joined AS
SELECT p.account, p.amount, a.segment FROM payments p JOIN accounts a ON p.account = a.account WHERE p.amount > a.most
INTO FILE (path = '${output}', format = 'json');
`;
}

async function main(): Promise<void> {
  const programs = postgresFolder();
  if (programs === null) {
    console.log('No PostgreSQL server is installed on this machine: nothing was measured.');
    return;
  }
  const server = await PostgresServer.start(programs);
  try {
    server.query(TABLE);
    print(await time(casesOf(server)));
  } finally {
    server.remove();
  }
}

function casesOf(server: PostgresServer): Case[] {
  const file = path.join(BENCH_DIR, 'regular-accounts.csv');
  fs.mkdirSync(BENCH_DIR, { recursive: true });
  const lines = Array.from(
    { length: REGULARS / 2 },
    (_, n) => `account ${2 * n},${SEGMENTS[(2 * n) % 4]},${800 + ((2 * n) % 200)}\n`,
  );
  fs.writeFileSync(file, `account,segment,most\n${lines.join('')}`);
  const postgres = `POSTGRES (url = '${server.url()}', table = 'accounts', cache_size = ${REGULARS})`;
  const tables = [
    ['PostgreSQL', postgres],
    ['the same rows in a file', `FILE (path = '${file}')`],
  ] as const;
  const bins = flags.beside === undefined ? [flags.bin] : [flags.bin, flags.beside];
  return bins.flatMap((bin, n) =>
    flags.cores.split(',').flatMap((cores) =>
      tables.map(([name, from]): Case => {
        const label = `${name}, ${cores === '1' ? 'one core' : `${cores} cores`}${n === 0 ? '' : ', beside'}`;
        return { label, bin, cores, from, measures: SCALES.map(() => []) };
      }),
    ),
  );
}

async function time(cases: Case[]): Promise<Case[]> {
  const folder = fs.existsSync('/dev/shm') ? '/dev/shm' : BENCH_DIR;
  const output = path.join(folder, `laminar-bench-postgres-${process.pid}.ndjson`);
  const file = path.join(BENCH_DIR, 'postgres.lsql');
  const expected: (Buffer | null)[] = [null, null];
  for (let round = 0; round < Number(flags.rounds); round++) {
    for (const each of round % 2 === 0 ? cases : [...cases].reverse()) {
      for (const [n, scale] of SCALES.entries()) {
        fs.rmSync(output, { force: true });
        fs.writeFileSync(file, pipeline(benchFile('regulars.ndjson', scale), each.from, output));
        each.measures[n]?.push(await measure([each.bin, 'run', '-q', '--cores', each.cores, file]));
        const bytes = fs.readFileSync(output);
        expected[n] ??= bytes;
        if (!bytes.equals(expected[n])) throw new Error(`${each.label}: other output than ${cases[0]?.label}`);
      }
    }
  }
  fs.rmSync(output);
  return cases;
}

function print(cases: readonly Case[]): void {
  const rows = SCALES.map((scale) => benchRows('regulars.ndjson', scale));
  const more = (rows[0] as number) - (rows[1] as number);
  console.log('| table | all rows | CPU | a fifth | CPU | warm, rows/s | rows/s of CPU |');
  console.log('|---|---|---|---|---|---|---|');
  for (const { label, measures } of cases) {
    const [all, fifth] = measures.map((list) => ({
      millis: median(list.map(({ millis }) => millis)),
      cpuMillis: median(list.map(({ cpuMillis }) => cpuMillis)),
    })) as [Pick<Measure, 'millis' | 'cpuMillis'>, Pick<Measure, 'millis' | 'cpuMillis'>];
    const times = [all.millis, all.cpuMillis, fifth.millis, fifth.cpuMillis].map((ms) => `${(ms / 1000).toFixed(2)} s`);
    const rates = [all.millis - fifth.millis, all.cpuMillis - fifth.cpuMillis].map(
      (ms) => `${(more / ms / 1000).toFixed(1)} M`,
    );
    console.log(`| ${[label, ...times, ...rates].join(' | ')} |`);
  }
}

await main();
