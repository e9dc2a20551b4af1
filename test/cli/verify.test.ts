// laminar run --verify: no operator, source, sink or format leaves anything on the JavaScript heap per batch, on one core
// and on two; and what does is named.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ending, scratchFolder, shell } from '../support/program.ts';

const scratch = scratchFolder();
const at = (name: string) => path.join(scratch, name);
afterAll(() => fs.rmSync(scratch, { recursive: true }));

const ROW_COUNT = 1_200_000;
const CHUNK_ROWS = 50_000;

beforeAll(() => {
  const json = fs.openSync(at('in.ndjson'), 'w');
  const csv = fs.openSync(at('in.csv'), 'w');
  fs.writeSync(csv, 'symbol,price,volume,ts\n');
  for (let first = 0; first < ROW_COUNT; first += CHUNK_ROWS) {
    let objects = '';
    let lines = '';
    for (let n = first; n < first + CHUNK_ROWS; n++) {
      const price = 100 + ((n * 7919) % 10_000) / 100;
      // Some go the long way: escapes, quotes, another order of keys.
      const symbol = n % 1000 === 7 ? 'q""q' : `SYM${n % 37}`;
      const ts = 1_700_000_000_000 + n;
      objects +=
        n % 100 === 3
          ? `{"ts":${ts},"symbol":"SYM\\u0031","price":${price},"volume":${n % 900},"tags":[]}\n`
          : `{"symbol":"SYM${n % 37}","price":${price},"volume":${1 + (n % 900)},"ts":${ts},"tags":["a","b"]}\n`;
      lines += `"${symbol}",${price},${1 + (n % 900)},${ts}\n`;
    }
    fs.writeSync(json, objects);
    fs.writeSync(csv, lines);
  }
  fs.closeSync(json);
  fs.closeSync(csv);
  fs.linkSync(at('in.ndjson'), at('in2.ndjson'));
  shell(`gzip -1 -c ${at('in.ndjson')} > ${at('in.ndjson.gz')}`);
});

const COLUMNS = 'symbol VARCHAR NOT NULL, price DOUBLE, volume BIGINT, ts TIMESTAMP, tags VARCHAR[]';
const NOTHING = "INTO FILE (path = '/dev/null', format = 'json')";
const TIMED = `CREATE SOURCE t (${COLUMNS}, WATERMARK FOR ts AS ts - INTERVAL '2' SECOND)
  FROM FILE (path = '${at('in.ndjson')}', format = 'json');`;

const PIPELINES: Record<string, string> = {
  'filters, projections, lists and unions': `${TIMED}
    CREATE SINK a AS SELECT upper(symbol) || '!' AS name, price * 2 AS twice, CAST(volume AS VARCHAR) AS v, ts FROM t
      WHERE price > 120 AND symbol LIKE 'SYM1%' INTO FILE (path = '/dev/null', format = 'csv');
    CREATE SINK b AS SELECT symbol, tag FROM t, UNNEST(tags) AS u(tag) ${NOTHING};
    CREATE SINK c AS SELECT symbol, watermark() AS w, PROCTIME() AS p FROM t WHERE volume < 3
      UNION ALL SELECT symbol, ts, NULL FROM t WHERE volume > 898 ${NOTHING};`,
  'tumbling windows': `${TIMED}
    CREATE SINK a AS SELECT symbol, window_start, COUNT(*) AS n, SUM(volume) AS v, SUM(price * volume) / SUM(volume) AS vwap,
      MIN(price) AS low, MAX(price) AS high, LAST_VALUE(price) AS close, AVG(volume) AS mean
      FROM t GROUP BY symbol, TUMBLE(ts, INTERVAL '1' SECOND) HAVING COUNT(*) > 1 ${NOTHING};
    CREATE SINK b AS SELECT symbol, window_start, COUNT(DISTINCT volume) AS n, MEDIAN(price) AS m, MODE(volume) AS o,
      ARG_MAX(volume, price) AS a, STDDEV(price) AS d, APPROX_QUANTILE(price, 0.9) AS q,
      APPROX_COUNT_DISTINCT(volume) AS c, STRING_AGG(symbol, '+' ORDER BY price DESC) AS s, ARRAY_AGG(volume) AS l
      FROM t GROUP BY symbol, TUMBLE(ts, INTERVAL '1' SECOND) ${NOTHING};`,
  'windows that overlap, sessions, windows over windows': `${TIMED}
    CREATE SINK a AS SELECT symbol, window_start, COUNT(*) AS n, AVG(price) AS mean, LAST_VALUE(symbol) AS last
      FROM t GROUP BY symbol, HOP(ts, INTERVAL '0.2' SECOND, INTERVAL '1' SECOND) ${NOTHING};
    CREATE SINK b AS SELECT symbol, window_end, COUNT(*) AS n, AVG(price) AS mean, LAST_VALUE(symbol) AS last
      FROM t GROUP BY symbol, SESSION(ts, INTERVAL '0.03' SECOND) ${NOTHING};
    CREATE STREAM c AS SELECT symbol, window_start, window_end, window_time, SUM(volume) AS v
      FROM t GROUP BY symbol, CUMULATE(ts, INTERVAL '0.5' SECOND, INTERVAL '1' SECOND);
    CREATE SINK d AS SELECT window_start, MAX(v) AS v FROM c GROUP BY TUMBLE(window_time, INTERVAL '2' SECOND) ${NOTHING};`,
  'changelogs and late rows': `${TIMED}
    CREATE SINK late AS SELECT * FROM t WHERE volume < 0 ${NOTHING};
    CREATE SINK a AS SELECT symbol, window_start, COUNT(*) AS n, MAX(price) > 190 AS high, LAST_VALUE(symbol) AS s
      FROM t GROUP BY symbol, HOP(ts, INTERVAL '1' SECOND, INTERVAL '2' SECOND)
      EMIT AFTER WATERMARK ALLOW LATENESS INTERVAL '1' SECOND INTO FILE (path = '/dev/null', format = 'debezium');
    CREATE SINK b AS SELECT symbol, COUNT(*) AS n FROM t GROUP BY symbol EMIT CHANGES ${NOTHING};
    CREATE SINK c AS SELECT symbol, COUNT(*) AS n FROM t GROUP BY symbol EMIT EVERY INTERVAL '0.01' SECOND ${NOTHING};`,
  'rows in order': `${TIMED}
    CREATE SINK a AS SELECT symbol, price, ts FROM t ORDER BY ts, price DESC ${NOTHING};
    CREATE SINK b AS SELECT symbol, ts, LAG(price) OVER w AS before, LEAD(symbol) OVER w AS next, RANK() OVER w AS place,
      MAX(symbol) OVER (w ROWS 5 PRECEDING) AS name, AVG(price) OVER (w RANGE INTERVAL '1' SECOND PRECEDING) AS mean
      FROM t WINDOW w AS (PARTITION BY symbol ORDER BY ts) ${NOTHING};
    CREATE SINK c AS SELECT DISTINCT ON (symbol) symbol, price, ts FROM t ORDER BY symbol, ts ${NOTHING};`,
  'CSV into JSON': `CREATE SOURCE t (symbol VARCHAR, price DOUBLE, volume BIGINT, ts TIMESTAMP)
      FROM FILE (path = '${at('in.csv')}', format = 'csv');
    CREATE SINK a AS SELECT * FROM t WHERE volume % 2 = 0 INTO FILE (path = '/dev/null', format = 'json');`,
  'several files, merged': `CREATE SOURCE t (${COLUMNS}, WATERMARK FOR ts) FROM FILE (path = '${at('in*.ndjson')}', format = 'json');
    CREATE SINK a AS SELECT symbol, COUNT(*) AS n, SUM(volume) AS v FROM t GROUP BY symbol, TUMBLE(ts, INTERVAL '1' SECOND) ${NOTHING};`,
  'a compressed file, watermarks by key, an alignment group': `CREATE SOURCE t (${COLUMNS}, WATERMARK FOR ts)
      FROM FILE (path = '${at('in.ndjson.gz')}', watermark = 'per_key', watermark_key = 'symbol', alignment_group = 'g');
    CREATE SINK a AS SELECT symbol, COUNT(*) AS n FROM t GROUP BY symbol, TUMBLE(ts, INTERVAL '1' SECOND) ${NOTHING};`,
  'made rows into nothing': `CREATE SOURCE bids FROM NEXMARK (kind = 'bid', events = 1500000);
    CREATE SOURCE g (n BIGINT, x DOUBLE) FROM GENERATOR (rows = 1500000);
    CREATE SINK a AS SELECT channel, window_start, COUNT(*) AS n, SUM(price) AS s, AVG(price) AS mean, MAX(bidder) AS m
      FROM bids WHERE price > 10 GROUP BY channel, TUMBLE("dateTime", INTERVAL '1' SECOND) INTO BLACKHOLE (format = 'json');
    CREATE SINK b AS SELECT n, x FROM g INTO BLACKHOLE (format = 'csv');`,
};

const LINE = 'laminar run --verify --cores $CORES -e "$PIPELINE"';

/** Processes that want each CPU. */
function load(): number {
  return (os.loadavg()[0] as number) / os.availableParallelism();
}

/**
 * Runs it. Code that is compiled too late says nothing, or makes objects until then: again, a few times. What leaves an
 * object in every turn does so every time.
 */
function verify(pipeline: string, cores: number, line = LINE): Ending {
  const env = { PIPELINE: pipeline, CORES: String(cores) };
  let ending = shell(line, { env });
  for (let left = 4; left > 0 && /LMN-310[23]/.test(ending.stderr); left--) {
    ending = shell(line, { env });
  }
  return ending;
}

/** Code is compiled too late to say anything where many others want the CPUs. */
const isBusy = load() > 3;

describe.skipIf(isBusy).each([1, 2])('on %i cores nothing is left on the heap by', (cores) => {
  test.each(Object.entries(PIPELINES))('%s', { timeout: 60_000 }, (_, pipeline) => {
    const { code, stderr } = verify(pipeline, cores);
    expect(stderr).toContain('verified: core 0 left nothing on the JavaScript heap');
    expect(code).toBe(0);
  });

  test('a pipe on either side', () => {
    const pipeline = `CREATE SOURCE t (${COLUMNS}); SELECT symbol, price FROM t WHERE price > 150;`;
    const line = `cat ${at('in.ndjson')} | laminar run --verify --cores $CORES -e "$PIPELINE" | cat > /dev/null`;
    expect(verify(pipeline, cores, line).stderr).toContain('verified: core 0');
  });

  test('who does leave objects there is named, and the run fails: a function in JavaScript, Arrow', () => {
    const { code, stderr } = shell(LINE, {
      env: {
        CORES: String(cores),
        PIPELINE: `CREATE SOURCE t (${COLUMNS}) FROM FILE (path = '${at('in*.ndjson')}', format = 'json');
       CREATE STREAM found AS SELECT regexp_replace(symbol, 'S(.)', '\\1') AS s FROM t;
       CREATE SINK a AS SELECT s FROM found WHERE s <> 'x' ${NOTHING};
       CREATE SINK b AS SELECT symbol FROM t INTO FILE (path = '/dev/null', format = 'arrow');`,
      },
    });
    const names = [...stderr.matchAll(/([\w.]+) \(\d+ bytes in 64 turns\)/g)].map(([, name]) => name);
    expect(stderr).toContain('error LMN-3102: core 0 leaves objects on the JavaScript heap: ');
    expect(names.slice(0, 2).toSorted()).toEqual(['b', 'found']);
    expect(code).toBe(1);
  });
});

test('input that ends before the code is warm is not called verified', () => {
  const { code, stderr } = shell(
    `printf '{"a":1}\\n' | laminar run --verify -e 'CREATE SOURCE t (a BIGINT); SELECT a FROM t;'`,
  );
  expect(stderr).toContain('error LMN-3103');
  expect(code).toBe(1);
});
