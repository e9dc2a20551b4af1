// What a run tells Prometheus: text that a strict reader takes, numbers that are those of the run, over real sockets.

import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { METRICS } from '../../src/cli/metrics/metric-table.ts';
import { renderMetrics } from '../../src/cli/metrics/metric-text.ts';
import { parseMetricsAddress } from '../../src/cli/metrics/metrics-address.ts';
import { serveMetrics } from '../../src/cli/metrics/metrics-server.ts';
import { parseExposition } from '../support/exposition.ts';
import { runPipeline } from '../support/pipeline.ts';
import { laminar, startLaminar } from '../support/program.ts';
import { coreOf, operatorOf, progressOf, sinkOf, sourceOf, splitOf } from '../support/progress.ts';

const RUN = { version: '1.2.3', pipeline: 'bars.lsql', startedAt: 1_700_000_000_500 };
const read = (text: string, name: string) =>
  parseExposition(text)
    .get(name)
    ?.samples.map(({ labels, value }) => [labels, value]);

describe('the text', () => {
  test('has every metric, with the units and labels of the table', () => {
    const splits = [splitOf('a', { watermark: 5e6, silentMillis: 250, rows: 3 })];
    const rings = [{ to: 0, id: 't', capacityBytes: 64, fill: 0.25, stalls: 7 }];
    const buckets = [
      { leMicros: 1, count: 1 },
      { leMicros: 2000, count: 2 },
    ];
    const quantiles = { p50Micros: 1, p90Micros: 1, p99Micros: 1, maxMicros: 9000 };
    const checkpoints = {
      ...{ count: 2, abandoned: 1, epoch: 9, ageMillis: 1500, bytes: 4096, bytesWritten: 512 },
      ...{ durationMillis: 12, pauseMillis: 1, pauseMillisMax: 3, corePauses: [1, 0.5], logBytes: 100, logMillis: 4 },
    };
    const progress = progressOf({
      elapsedMillis: 1500,
      checkpoints,
      sources: [sourceOf('t', { rows: 10, watermark: 7_500_000, lagMillis: 20, sizeBytes: 90, state: 'idle', splits })],
      operators: [
        operatorOf('q.aggregate', { rowsIn: 10, keys: 4, late: 2, watermark: 1e6, busyMillis: 30 }),
        operatorOf('q.lookup', {
          kind: 'lookup',
          keys: null,
          cache: { hits: 90, waited: 10, waiting: 2, asked: 7, questions: 3, asking: 1, answerMillis: 1500 },
        }),
      ],
      sinks: [sinkOf('out', { rows: 5, bytes: 50, latency: { count: 3, sumMicros: 11_000, ...quantiles, buckets } })],
      cores: [coreOf(0, { busyMillis: 900, pauseMillis: 2 }), coreOf(1, { rings }), coreOf(2, { state: 'absent' })],
    });
    const text = renderMetrics({ ...RUN, progress });
    const families = parseExposition(text);
    expect([...families.keys()].sort()).toEqual(
      [...METRICS.map(({ name }) => name), 'laminar_emit_latency_seconds'].sort(),
    );
    expect(read(text, 'laminar_build_info')).toEqual([[{ version: '1.2.3', pipeline: 'bars.lsql' }, 1]]);
    expect(read(text, 'laminar_start_time_seconds')).toEqual([[{}, 1_700_000_000.5]]);
    expect(read(text, 'laminar_source_watermark_seconds')).toEqual([[{ source: 't' }, 7.5]]);
    expect(read(text, 'laminar_source_state')).toContainEqual([{ source: 't', state: 'idle' }, 1]);
    expect(read(text, 'laminar_split_silent_seconds')).toEqual([[{ source: 't', split: 'a' }, 0.25]]);
    expect(read(text, 'laminar_operator_keys')).toEqual([[{ operator: 'q.aggregate', kind: 'aggregate' }, 4]]);
    expect(read(text, 'laminar_lookup_open_questions')).toEqual([[{ operator: 'q.lookup', kind: 'lookup' }, 1]]);
    expect(read(text, 'laminar_node_busy_seconds_total')).toContainEqual([{ node: 'q.aggregate' }, 0.03]);
    expect(read(text, 'laminar_core_busy_seconds_total')).toEqual([
      [{ core: '0' }, 0.9],
      [{ core: '1' }, 0],
    ]);
    expect(read(text, 'laminar_ring_stalls_total')).toEqual([[{ from: '1', to: '0', node: 't' }, 7]]);
    expect(
      families.get('laminar_emit_latency_seconds')?.samples.map(({ labels: { le }, value }) => [le, value]),
    ).toEqual([
      ['0.000001', 1],
      ['0.002', 2],
      ['+Inf', 3],
      [undefined, 0.011],
      [undefined, 3],
    ]);
  });

  test('escapes what names may have, and leaves out what is not known', () => {
    const name = 'a"b\\c\nd';
    const text = renderMetrics({ ...RUN, progress: progressOf({ sources: [sourceOf(name)] }) });
    expect(read(text, 'laminar_source_rows_total')).toEqual([[{ source: name }, 0]]);
    expect(text).not.toContain('laminar_source_watermark_seconds');
    expect(text).not.toContain('latency');
  });

  test('of a real run', async () => {
    const { progress } = await runPipeline({
      text: "CREATE SOURCE t (k VARCHAR, ts TIMESTAMP, WATERMARK FOR ts); SELECT k, COUNT(*) AS n FROM t GROUP BY k, TUMBLE(ts, INTERVAL '1' SECOND);",
      input: Array.from({ length: 500 }, (_, n) => `{"k":"k${n % 3}","ts":${n * 100}}\n`).join(''),
    });
    const text = renderMetrics({ ...RUN, progress });
    expect(read(text, 'laminar_source_rows_total')).toEqual([[{ source: 't' }, 500]]);
    expect(read(text, 'laminar_sink_rows_total')).toEqual([[{ sink: 'stdout' }, 150]]);
  });

  test('every name and label is one', () => {
    for (const { name, type, labels, help } of METRICS) {
      expect(name).toMatch(/^laminar(_[a-z]+)+$/);
      expect(name.endsWith('_total')).toBe(type === 'counter');
      for (const label of labels) expect(label).toMatch(/^[a-z]+$/);
      expect(help).toMatch(/\.$/);
    }
  });
});

describe('the address', () => {
  test.each([
    ['9400', '127.0.0.1', 9400],
    [':9400', '127.0.0.1', 9400],
    ['0.0.0.0:1', '0.0.0.0', 1],
    ['[::1]:80', '::1', 80],
    ['host.example:65535', 'host.example', 65_535],
  ])('%s', (text, host, port) => expect(parseMetricsAddress(text)).toEqual({ host, port }));

  test.each(['', 'x', '65536', '1.2.3.4', '::1:80', 'http://a:1', '-1'])('%j is none', (text) => {
    expect(() => parseMetricsAddress(text)).toThrow('--metrics takes a port or HOST:PORT');
  });
});

describe('the server', () => {
  test('answers GET and HEAD of /metrics only, and 503 before there is anything', async () => {
    let text: string | null = null;
    const server = await serveMetrics({ host: '127.0.0.1', port: 0 }, () => text);
    const ask = async (url: string, method = 'GET') => {
      const response = await fetch(url, { method });
      return [response.status, response.headers.get('content-type'), await response.text()];
    };
    expect((await ask(server.url))[0]).toBe(503);
    text = 'x 1\n';
    expect(await ask(`${server.url}?a=b`)).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8', 'x 1\n']);
    expect((await ask(server.url, 'HEAD')).slice(0, 1)).toEqual([200]);
    expect((await ask(server.url, 'POST'))[0]).toBe(405);
    expect((await ask(server.url.replace('/metrics', '/stop')))[0]).toBe(404);
    server.close();
    await expect(fetch(server.url)).rejects.toThrow();
  });

  test('says why it cannot listen', async () => {
    const server = await serveMetrics({ host: '127.0.0.1', port: 0 }, () => null);
    const port = Number(new URL(server.url).port);
    await expect(serveMetrics({ host: '127.0.0.1', port }, () => null)).rejects.toMatchObject({
      code: 'LMN-7013',
      message: `cannot serve metrics at 127.0.0.1:${port}: another program listens there`,
    });
    server.close();
  });
});

describe('laminar run --metrics', () => {
  const QUERY = 'CREATE SOURCE t (a BIGINT); SELECT a FROM t;';

  test('serves while rows come, and ends with them', async () => {
    const { child, ending } = startLaminar(['run', '--metrics', '0', '-e', QUERY]);
    const [notice] = (await once(child.stderr, 'data')) as [Buffer];
    const url = /^notice: metrics at (http:\S+)\n/.exec(notice.toString())?.[1] as string;
    child.stdin.write('{"a":1}\n');
    await once(child.stdout, 'data');
    const text = await (await fetch(url)).text();
    expect(read(text, 'laminar_source_rows_total')).toEqual([[{ source: 't' }, 1]]);
    expect(read(text, 'laminar_sink_rows_total')).toEqual([[{ sink: 'stdout' }, 1]]);
    child.stdin.end();
    expect((await ending()).code).toBe(0);
    await expect(fetch(url)).rejects.toThrow();
  });

  test('what is no address is a usage error; one that is taken ends the run before its first row', () => {
    expect(laminar(['run', '--metrics', 'x', '-e', QUERY]).code).toBe(2);
    const { code, stderr, stdout } = laminar(['run', '--metrics', '203.0.113.7:9400', '-e', QUERY], {
      input: '{"a":1}\n',
    });
    expect(stderr).toContain('LMN-7013');
    expect(stderr).toContain('this machine has no such address');
    expect(stdout).toBe('');
    expect(code).toBe(1);
  });
});
