// Chains: which maps run where rows are decoded, and which must not.

import { expect, test } from 'vitest';
import { chainOf } from '../../src/plan/chain.ts';
import type { SourceNode } from '../../src/plan/source-node.ts';
import { compilePipeline } from '../../src/sql/compile.ts';

function chain(query: string, options = '', watermark = "WATERMARK FOR ts AS ts - INTERVAL '1' SECOND") {
  const text = `CREATE SOURCE t (k VARCHAR, v BIGINT, ts TIMESTAMP, ${watermark}) FROM STDIN (format = 'json'${options}); ${query};`;
  const { plan } = compilePipeline(text, { fileName: 'test.lsql', variables: {} });
  const { steps, sink, watermarkColumn } = chainOf(
    plan,
    plan.nodes.find(({ kind }) => kind === 'source') as SourceNode,
  );
  return { steps: steps.length, sink: sink?.name ?? null, carries: watermarkColumn !== null };
}

test('a filter and projection into a sink of text runs whole', () => {
  expect(chain('SELECT k, v + 1 AS w FROM t WHERE v > 0')).toEqual({ steps: 1, sink: 'stdout', carries: false });
});

test('maps before a window run ahead of it and carry the watermark', () => {
  const query = `SELECT k, COUNT(*) AS n FROM (SELECT k, ts FROM t WHERE v > 0) GROUP BY k, TUMBLE(ts, INTERVAL '1' SECOND)`;
  expect(chain(query)).toEqual({ steps: 1, sink: null, carries: true });
});

test.each([
  ['the clock', 'SELECT v, proctime() AS p FROM t'],
  ['the rows before', 'SELECT watermark() AS w FROM t'],
  [
    'JavaScript',
    'CREATE FUNCTION f(x BIGINT) RETURNS BIGINT LANGUAGE javascript AS $$ return x $$; SELECT f(v) AS v FROM t',
  ],
  ['two readers', 'CREATE SINK a AS SELECT v FROM t INTO STDOUT; CREATE SINK b AS SELECT k FROM t INTO STDOUT'],
])('a map that depends on %s stays behind', (_, query) => {
  expect(chain(query).steps).toBe(0);
});

test.each([
  ['by key', "WATERMARK FOR ts AS ts - INTERVAL '1' SECOND", ", watermark = 'per_key', watermark_key = 'k'"],
  ['of an alignment group', 'WATERMARK FOR ts', ", alignment_group = 'g', alignment_max_drift = '1 second'"],
])('a watermark %s is kept by one core', (_, watermark, options) => {
  expect(chain('SELECT v FROM t WHERE v > 0', options, watermark).steps).toBe(0);
});
