// Measures the JavaScript heap over windows of a core's turns: `node test/support/allocation.ts PIPELINE`.
//
// Prints {"windows": bytes per window, "calls": reads and writes in it, "culprits": parts that allocate}. The probe's own
// cost is measured first and taken off. All but `memory` read a real file and write to /dev/null, so that everything a
// row passes is inside; `memory` does the same without the operating system.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import v8 from 'node:v8';
import type { Core } from '../../src/runtime/core.ts';
import { preparePipeline } from './pipeline.ts';

const BATCH_ROWS = 32;
const WARM_TURNS = 12_000;
const WINDOWS = 16;
const WINDOW_TURNS = 64;

const used = new Float64Array(WINDOWS + 1);
const calls = new Float64Array(WINDOWS + 1);
let callCount = 0;

/** Node's own file calls make an object each: they are counted. */
for (const name of ['readSync', 'writeSync'] as const) {
  const original = fs[name] as (...given: unknown[]) => number;
  fs[name] = ((fd: number, buffer: Uint8Array, offset: number, length: number, position: null) => {
    callCount++;
    return original(fd, buffer, offset, length, position);
  }) as never;
}

function probe(index: number): void {
  used[index] = v8.getHeapStatistics().used_heap_size;
  calls[index] = callCount;
}

/** Bytes that one probe leaves behind, once it is compiled. */
function probeCost(): number {
  for (let n = 0; n < 30_000; n++) probe(0);
  for (let n = 0; n <= WINDOWS; n++) probe(n);
  return (used[WINDOWS] as number) - (used[WINDOWS - 1] as number);
}

function turns(core: Core, count: number): void {
  for (let n = 0; n < count; n++) if (!core.turn()) throw new Error('the input is too short');
}

function measureWindows(core: Core, cost: number): number[] {
  for (let n = 0; n < WINDOWS; n++) {
    probe(n);
    turns(core, WINDOW_TURNS);
  }
  probe(WINDOWS);
  return Array.from({ length: WINDOWS }, (_, n) => (used[n + 1] as number) - (used[n] as number) - cost);
}

/** Wraps the parts of a core so that each one's own allocation is known; slow, and only for the message. */
function findCulprits(core: Core, cost: number): string[] {
  const own = new Map<string, number>();
  let inner = 0;
  const wrap = (name: string, target: Record<string, (...given: never[]) => unknown>, method: string) => {
    const original = (target[method] as (...given: unknown[]) => unknown).bind(target);
    target[method] = (...given: unknown[]) => {
      const outer = inner;
      inner = 0;
      const before = v8.getHeapStatistics().used_heap_size;
      const result = original(...given);
      const total = v8.getHeapStatistics().used_heap_size - before - cost;
      own.set(name, (own.get(name) ?? 0) + total - inner);
      inner = outer + total;
      return result;
    };
  };
  const { sources, operators, sinks } = core.parts;
  for (const part of [...operators, ...sinks]) wrap(part.id, part as never, 'process');
  for (const source of sources) wrap(`source ${source.node.name}`, source as never, 'turn');
  turns(core, WINDOW_TURNS);
  own.clear();
  turns(core, WINDOW_TURNS);
  return [...own].filter(([, bytes]) => bytes > 0).map(([name, bytes]) => `${name} ${bytes} B`);
}

const COLUMNS = 'symbol VARCHAR NOT NULL, price DOUBLE, volume BIGINT, ts TIMESTAMP';

const PIPELINES: Record<string, (file: string) => string> = {
  memory: () => `CREATE SOURCE bids FROM NEXMARK (kind = 'bid');
    CREATE SINK out AS SELECT channel, window_start, COUNT(*) AS n, SUM(price) AS s, AVG(price) AS mean, MAX(bidder) AS m
    FROM bids WHERE price > 10 GROUP BY channel, TUMBLE("dateTime", INTERVAL '1' SECOND) INTO BLACKHOLE (format = 'json');`,
  aggregate: (file) => `CREATE SOURCE t (${COLUMNS}, WATERMARK FOR ts AS ts - INTERVAL '2' SECOND)
    FROM FILE (path = '${file}', format = 'json');
    CREATE SINK out AS SELECT symbol, window_start, COUNT(*) AS n, SUM(volume) AS v, SUM(price * volume) / SUM(volume) AS vwap,
      MIN(price) AS low, MAX(price) AS high, LAST_VALUE(price) AS close, AVG(volume) AS mean
    FROM t GROUP BY symbol, TUMBLE(ts, INTERVAL '1' SECOND) HAVING COUNT(*) > 1 INTO FILE (path = '/dev/null', format = 'json');`,
  hop: (file) => `CREATE SOURCE t (${COLUMNS}, WATERMARK FOR ts AS ts - INTERVAL '2' SECOND)
    FROM FILE (path = '${file}', format = 'json');
    CREATE SINK out AS SELECT symbol, window_start, COUNT(*) AS n, AVG(price) AS mean, LAST_VALUE(symbol) AS last
    FROM t GROUP BY symbol, HOP(ts, INTERVAL '0.2' SECOND, INTERVAL '1' SECOND) INTO FILE (path = '/dev/null', format = 'json');
    CREATE SINK sessions AS SELECT symbol, window_end, COUNT(*) AS n, AVG(price) AS mean, LAST_VALUE(symbol) AS last
    FROM t GROUP BY symbol, SESSION(ts, INTERVAL '0.03' SECOND) INTO FILE (path = '/dev/null', format = 'json');`,
  values: (file) => `CREATE SOURCE t (${COLUMNS}, WATERMARK FOR ts AS ts - INTERVAL '2' SECOND)
    FROM FILE (path = '${file}', format = 'json');
    CREATE SINK out AS SELECT symbol, window_start, COUNT(DISTINCT volume) AS n, MEDIAN(price) AS m, MODE(volume) AS o,
      ARG_MAX(volume, price) AS a, STDDEV(price) AS d, APPROX_QUANTILE(price, 0.9) AS q, APPROX_COUNT_DISTINCT(volume) AS c,
      STRING_AGG(symbol, '+' ORDER BY price DESC) AS s
    FROM t GROUP BY symbol, TUMBLE(ts, INTERVAL '1' SECOND) INTO FILE (path = '/dev/null', format = 'json');`,
  filter: (file) => `CREATE SOURCE t (${COLUMNS}) FROM FILE (path = '${file}', format = 'json');
    CREATE SINK out AS SELECT upper(symbol) || '!' AS name, price * 2 AS twice, CAST(volume AS VARCHAR) AS v, ts FROM t
    WHERE price > 120 AND symbol LIKE 'SYM1%' INTO FILE (path = '/dev/null', format = 'csv');`,
  sort: (file) => `CREATE SOURCE t (${COLUMNS}, WATERMARK FOR ts AS ts - INTERVAL '2' SECOND)
    FROM FILE (path = '${file}', format = 'json');
    CREATE SINK out AS SELECT * FROM t ORDER BY ts, price DESC INTO FILE (path = '/dev/null', format = 'json');`,
  over: (file) => `CREATE SOURCE t (${COLUMNS}, WATERMARK FOR ts AS ts - INTERVAL '2' SECOND)
    FROM FILE (path = '${file}', format = 'json');
    CREATE SINK out AS SELECT symbol, ts, LAG(price) OVER w AS before, LEAD(symbol) OVER w AS next, RANK() OVER w AS place,
      MAX(symbol) OVER (w ROWS 5 PRECEDING) AS name, AVG(price) OVER (w RANGE INTERVAL '1' SECOND PRECEDING) AS mean
    FROM t WINDOW w AS (PARTITION BY symbol ORDER BY ts) INTO FILE (path = '/dev/null', format = 'json');`,
  merged: (file) => `CREATE SOURCE t (${COLUMNS}, WATERMARK FOR ts) FROM FILE (path = '${file}*', format = 'json');
    CREATE SINK out AS SELECT symbol, COUNT(*) AS n, SUM(volume) AS v FROM t GROUP BY symbol, TUMBLE(ts, INTERVAL '1' SECOND)
    INTO FILE (path = '/dev/null', format = 'json');`,
  keyed: (file) => `CREATE SOURCE t (${COLUMNS}, WATERMARK FOR ts)
    FROM FILE (path = '${file}', format = 'json', watermark = 'per_key', watermark_key = 'symbol', alignment_group = 'g');
    CREATE SINK out AS SELECT symbol, COUNT(*) AS n FROM t GROUP BY symbol, TUMBLE(ts, INTERVAL '1' SECOND)
    INTO FILE (path = '/dev/null', format = 'json');`,
  marks: (file) => `CREATE SOURCE t (${COLUMNS}, WATERMARK FOR ts AS CASE WHEN symbol LIKE 'SYM1%' THEN ts END)
    FROM FILE (path = '${file}', format = 'json');
    CREATE SINK out AS SELECT symbol, watermark() AS w, PROCTIME() AS p FROM t INTO FILE (path = '/dev/null', format = 'json');`,
  csv: (file) => `CREATE SOURCE t (${COLUMNS}) FROM FILE (path = '${file}', format = 'csv', header = true);
    CREATE SINK out AS SELECT * FROM t WHERE volume % 2 = 0 INTO FILE (path = '/dev/null', format = 'json');`,
  changes: (file) => `CREATE SOURCE t (${COLUMNS}, WATERMARK FOR ts AS ts - INTERVAL '2' SECOND)
    FROM FILE (path = '${file}', format = 'json');
    CREATE SINK out AS SELECT symbol, window_start, COUNT(*) AS n, MAX(price) > 190 AS high, LAST_VALUE(symbol) AS s
    FROM t GROUP BY symbol, HOP(ts, INTERVAL '1' SECOND, INTERVAL '2' SECOND)
    EMIT AFTER WATERMARK ALLOW LATENESS INTERVAL '1' SECOND INTO FILE (path = '/dev/null', format = 'debezium');
    CREATE SINK all_of_it AS SELECT symbol, COUNT(*) AS n FROM t GROUP BY symbol EMIT CHANGES INTO FILE (path = '/dev/null', format = 'json');`,
};

function writeInput(kind: string): string {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'laminar-allocation-')), 'input');
  const rows = BATCH_ROWS * (WARM_TURNS + WINDOW_TURNS * (WINDOWS + 4));
  const lines = kind === 'csv' ? ['symbol,price,volume,ts'] : [];
  for (let n = 0; n < rows; n++) {
    const row = {
      symbol: `SYM${n % 37}`,
      price: 100 + ((n * 7919) % 10_000) / 100,
      volume: 1 + (n % 900),
      ts: 1_700_000_000_000 + n,
    };
    lines.push(kind === 'csv' ? Object.values(row).join(',') : JSON.stringify(row));
  }
  fs.writeFileSync(file, `${lines.join('\n')}\n`);
  if (kind === 'merged') fs.writeFileSync(`${file}2`, `${lines.join('\n')}\n`);
  return file;
}

const kind = process.argv[2] as string;
const input = writeInput(kind);
const { core } = await preparePipeline({
  text: (PIPELINES[kind] as (file: string) => string)(input),
  batchRows: BATCH_ROWS,
});
turns(core, WARM_TURNS);
const cost = probeCost();
const windows = measureWindows(core, cost);
const culprits = windows.some((bytes) => bytes !== 0) ? findCulprits(core, cost) : [];
fs.rmSync(path.dirname(input), { recursive: true });
const callsPerWindow = windows.map((_, n) => (calls[n + 1] as number) - (calls[n] as number));
console.log(JSON.stringify({ windows, calls: callsPerWindow, culprits }));
