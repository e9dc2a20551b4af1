// Plans as EXPLAIN shows them, and the errors of binding and planning as a terminal shows them.

import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { LaminarError, PipelineErrors } from '../../src/base/errors.ts';
import { explainJson, explainText } from '../../src/plan/explain.ts';
import { compilePipeline } from '../../src/sql/compile.ts';
import { renderError } from '../../src/sql/render-error.ts';
import { goldenTests } from '../support/golden.ts';

const compile = (text: string) => compilePipeline(text, { fileName: 'p.lsql', variables: {} });

function compileAndShow(text: string): string {
  try {
    const { plan, notices } = compile(text);
    return [explainText(plan).trimEnd(), ...notices.map((notice) => `notice: ${notice}`)].join('\n');
  } catch (error) {
    const errors = error instanceof PipelineErrors ? error.errors : [error];
    return errors
      .map((one) => {
        if (!(one instanceof LaminarError)) throw one;
        return renderError(one, text, 'p.lsql');
      })
      .join('\n\n');
  }
}

for (const name of [
  'plans',
  'errors',
  'time',
  'emit',
  'functions',
  'nested',
  'joins',
  'asof',
  'subqueries',
  'lookups',
  'temporal',
  'probes',
]) {
  describe(name, () => goldenTests(path.join(import.meta.dirname, `../golden/plan/${name}.txt`), compileAndShow));
}

const TEXT = `CREATE SOURCE t (k VARCHAR, a BIGINT, ts TIMESTAMP, WATERMARK FOR ts);
SELECT k, SUM(a) AS s FROM t GROUP BY k, TUMBLE(ts, INTERVAL '1' MINUTE);`;

test('a plan is plain data: it survives cloning into a worker unchanged', () => {
  const { plan } = compile(TEXT);
  expect(structuredClone(plan)).toEqual(plan);
  expect(JSON.parse(JSON.stringify(explainJson(plan)))).toEqual(explainJson(plan));
});

test('the same text gives the same plan', () => {
  expect(compile(TEXT).plan).toEqual(compile(TEXT).plan);
});

test('settings from outside win over SET', () => {
  const text = `SET batch_size = 7; ${TEXT}`;
  const { plan } = compilePipeline(text, { fileName: 'p.lsql', variables: {}, settings: { batch_size: '9' } });
  expect(plan.batchRows).toBe(9);
});

test('ids are unique when a stream is replaced or named like a generated one', () => {
  const { plan } = compile(`CREATE SOURCE t (a BIGINT);
    CREATE STREAM "select" AS SELECT a + 1 AS a FROM t;
    CREATE OR REPLACE STREAM "select" AS SELECT a * 2 AS b FROM "select" WHERE a > 1;
    CREATE SINK stdout FROM "select" INTO STDOUT;
    CREATE SINK other FROM "select" INTO BLACKHOLE;
    SELECT b FROM "select" WHERE b > 3;`);
  const ids = plan.nodes.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { inputs } of plan.nodes) for (const input of inputs) expect(ids).toContain(input);
});
