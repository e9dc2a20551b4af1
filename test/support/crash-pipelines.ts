// What is crashed on purpose: pipelines with every kind of state, their input, and how it is given to them.

import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { pick, type Random } from './random.ts';

/** Each writes files NAME.out, or NAME-000001.out and so on. */
export const PIPELINES: Record<string, string> = {
  filter: `CREATE SINK a AS SELECT k, n * 2 AS m, ts FROM t WHERE n % 3 <> 0 INTO FILE (path = 'a.out', format = 'json');`,
  csv: `CREATE SINK a AS SELECT k, v, d FROM t INTO FILE (path = 'a.out', format = 'csv');`,
  gzip: `CREATE SINK a AS SELECT k, d FROM t INTO FILE (path = 'a.out', format = 'json', compression = 'gzip');`,
  zstd: `CREATE SINK a AS SELECT k, v, d FROM t INTO FILE (path = 'a.out', format = 'csv', compression = 'zstd');`,
  arrow: `CREATE SINK a AS SELECT k, n, v, ts FROM t INTO FILE (path = 'a.out', format = 'arrow');
    CREATE SINK b AS SELECT v, d FROM t INTO FILE (path = 'b.out', format = 'arrow', compression = 'gzip');`,
  rolled: `CREATE SINK a AS SELECT k, n * 2 AS m, ts FROM t WHERE n % 3 <> 0 INTO FILE (path = 'a.out', format = 'json', roll_bytes = '30KB');
    CREATE SINK b AS SELECT k, v, d FROM t INTO FILE (path = 'b.out', format = 'csv', compression = 'gzip', roll_bytes = '50KB');`,
  rolledRows: `CREATE SINK a AS SELECT k, n, v, ts FROM t INTO FILE (path = 'a.out', format = 'arrow', roll_bytes = '40KB');
    CREATE SINK timed AS SELECT k, n FROM t INTO FILE (path = 'timed.out', format = 'json', roll_bytes = '90KB', roll_every = '100ms');
    CREATE SINK c AS SELECT k, window_start, COUNT(*) AS c FROM t GROUP BY k, TUMBLE(ts, INTERVAL '30' SECOND)
      INTO FILE (path = 'c.out', format = 'csv', compression = 'zstd', roll_bytes = '4KB');`,
  tumbling: `CREATE SINK a AS SELECT k, window_start, COUNT(*) AS c, SUM(d) AS s, LAST_VALUE(v) AS l, COUNT(DISTINCT v) AS u FROM t
    GROUP BY k, TUMBLE(ts, INTERVAL '30' SECOND) INTO FILE (path = 'a.out', format = 'json');`,
  hopping: `CREATE SINK a AS SELECT k, window_end, SUM(d) AS s, MEDIAN(n) AS m FROM t
    GROUP BY k, HOP(ts, INTERVAL '10' SECOND, INTERVAL '1' MINUTE) INTO FILE (path = 'a.out', format = 'json');`,
  parts: `CREATE SINK a AS SELECT k, window_start, COUNT(*) AS c, SUM(n) AS s, MAX(d) AS m FROM t
    GROUP BY k, TUMBLE(ts, INTERVAL '30' SECOND) INTO FILE (path = 'a.out', format = 'json');`,
  sessions: `CREATE SINK a AS SELECT k, window_start, window_end, STRING_AGG(v, ',') AS vs FROM t
    GROUP BY k, SESSION(ts, INTERVAL '4' SECOND) INTO FILE (path = 'a.out', format = 'json');`,
  groups: `CREATE SINK a AS SELECT k, n, COUNT(*) AS c, MIN(v) AS least FROM t GROUP BY k, n INTO FILE (path = 'a.out', format = 'json');`,
  ordered: `CREATE SINK a AS SELECT k, n, ts FROM t ORDER BY ts, n DESC INTO FILE (path = 'a.out', format = 'json');`,
  over: `CREATE SINK a AS SELECT k, n, LAG(v) OVER (PARTITION BY k ORDER BY ts) AS before, SUM(d) OVER (PARTITION BY k ORDER BY ts ROWS 20 PRECEDING) AS s,
      MAX(v) OVER (PARTITION BY n ORDER BY ts RANGE BETWEEN INTERVAL '9' SECOND PRECEDING AND INTERVAL '2' SECOND FOLLOWING) AS m
    FROM t INTO FILE (path = 'a.out', format = 'json');`,
  changing: `CREATE SINK a AS SELECT n, COUNT(*) AS c, MEDIAN(c) AS m, MAX(s) AS s FROM (SELECT k, n, COUNT(*) AS c, MIN(v) AS s FROM t GROUP BY k, n)
    GROUP BY n ORDER BY c DESC, n LIMIT 5 EMIT CHANGES INTO FILE (path = 'a.out', format = 'json');`,
  corrected: `CREATE SINK a AS SELECT k, window_start, window_end, COUNT(*) AS c, STRING_AGG(v, ',') AS vs FROM t
    GROUP BY k, SESSION(ts, INTERVAL '4' SECOND) EMIT AFTER WATERMARK ALLOW LATENESS INTERVAL '20' SECOND INTO FILE (path = 'a.out', format = 'json');`,
  joined: `CREATE SINK a AS SELECT x.k, x.n, y.v FROM t x LEFT JOIN t y ON x.k = y.k AND x.n = y.n + 1
      AND y.ts BETWEEN x.ts - INTERVAL '3' SECOND AND x.ts INTO FILE (path = 'a.out', format = 'json');
    CREATE SINK b AS SELECT x.k, y.n FROM t x ASOF LEFT JOIN t y ON x.v = y.k AND x.ts >= y.ts INTO FILE (path = 'b.out', format = 'csv');`,
  matched: `CREATE SOURCE u (k VARCHAR, n INTEGER, v VARCHAR, ts TIMESTAMP NOT NULL, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)
      FROM FILE (path = 'in0.ndjson*', format = 'json', on_error = 'skip');
    CREATE SINK a AS SELECT t.k, t.n, u.v FROM t LEFT JOIN u ON t.k = u.k AND t.n = u.n + 1
      AND u.ts BETWEEN t.ts - INTERVAL '3' SECOND AND t.ts INTO FILE (path = 'a.out', format = 'json');`,
  ranked: `CREATE SINK a AS SELECT k, n, v, ROW_NUMBER() OVER (PARTITION BY k ORDER BY ts) AS r, SUM(d) OVER (PARTITION BY k ORDER BY ts ROWS 9 PRECEDING) AS s
    FROM t INTO FILE (path = 'a.out', format = 'json');`,
  several: `CREATE STREAM w AS SELECT k, window_start, SUM(n) AS s FROM t GROUP BY k, TUMBLE(ts, INTERVAL '10' SECOND);
    CREATE SINK a AS SELECT window_start, SUM(s) AS s FROM w GROUP BY TUMBLE(window_start, INTERVAL '1' MINUTE) INTO FILE (path = 'a.out', format = 'json');
    CREATE SINK b AS SELECT k, s FROM w WHERE s > 40 INTO FILE (path = 'b.out', format = 'csv');`,
};

/** The source of them: files in a folder, or standard input, which is logged. */
export function sourceOf(random: Random, isLogged: boolean): string {
  const how = `format = 'json', on_error = 'dead_letter', dead_letter = 'bad.out'`;
  const from = isLogged
    ? `STDIN (${how})`
    : `FILE (path = 'in*.ndjson*', ${how}, splits = '${pick(random, ['sequential', 'merged'])}')`;
  const set = isLogged ? `SET wal_sync = '${pick(random, ['always', '10ms', 'checkpoint'])}';` : '';
  return `${set} CREATE SOURCE t (k VARCHAR, n INTEGER, d DOUBLE, v VARCHAR, ts TIMESTAMP NOT NULL,
    WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) FROM ${from};`;
}

/** What a round reads. */
export interface InputShape {
  rows: number;
  files: number;
  isCompressed: boolean;
}

/** Writes so many rows into one file or several: in0.ndjson and so on, or in0.ndjson.gz. */
export function writeInputs(folder: string, random: Random, { rows, files, isCompressed }: InputShape): void {
  let time = 1.7e12;
  for (let file = 0; file < files; file++) {
    const lines: string[] = [];
    for (let row = 0; row < rows / files; row++) {
      time += random.below(200);
      const k = `key ${random.below(30)}${random.below(9) === 0 ? ' that is longer than what is packed' : ''}`;
      const v = random.below(5) === 0 ? null : 'x'.repeat(random.below(9));
      const d = random.below(1000) / 8;
      const row = { k, n: random.below(100), d, v, ts: time - random.below(7000) };
      lines.push(random.below(500) === 0 ? '{"k": "broken' : JSON.stringify(row));
    }
    const bytes = Buffer.from(`${lines.join('\n')}\n`);
    const name = path.join(folder, `in${file}.ndjson`);
    if (isCompressed) fs.writeFileSync(`${name}.gz`, gzipSync(bytes));
    else fs.writeFileSync(name, bytes);
  }
}
