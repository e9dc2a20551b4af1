// DROP and OR REPLACE: what others need stays, and they are named; what is dropped is not computed.

import { describe, expect, test } from 'vitest';
import { LaminarError } from '../../src/base/errors.ts';
import { compilePipeline } from '../../src/sql/compile.ts';
import { runPipeline } from '../support/pipeline.ts';

const DIAMOND = `CREATE SOURCE s (k VARCHAR, v BIGINT, ts TIMESTAMP, WATERMARK FOR ts);
  CREATE VIEW a AS SELECT k, v, ts FROM s WHERE v > 0;
  CREATE VIEW b AS SELECT k, v, ts FROM s WHERE v < 9;
  CREATE VIEW C AS SELECT * FROM a UNION ALL SELECT * FROM b;
  CREATE SINK out FROM c INTO BLACKHOLE;
  CREATE STREAM other AS SELECT k FROM s;`;

function compile(text: string) {
  const { plan, notices, bound } = compilePipeline(`${DIAMOND} ${text}`, { fileName: 'p.lsql', variables: {} });
  const sinks = plan.nodes.filter(({ kind }) => kind === 'sink').map(({ id }) => id);
  return { notices, sinks, views: bound.views.map(({ name }) => name), ids: plan.nodes.map(({ id }) => id) };
}

function errorOf(text: string): LaminarError {
  try {
    compile(text);
  } catch (error) {
    if (error instanceof LaminarError) return error;
    throw error;
  }
  return expect.unreachable();
}

describe('DROP', () => {
  test('refuses what others need, and names them', () => {
    expect(errorOf('DROP VIEW a;')).toMatchObject({ code: 'LMN-2026', message: 'a cannot be dropped: C needs it' });
    expect(errorOf('DROP SOURCE s;').message).toBe('s cannot be dropped: a, b, other need it');
    expect(errorOf('DROP VIEW c RESTRICT;').message).toBe('c cannot be dropped: out needs it');
  });

  test('takes away what nobody needs, and what needs it by CASCADE: readers first, and says which', () => {
    expect(compile('DROP SINK out; CREATE SINK end FROM a INTO BLACKHOLE;')).toMatchObject({
      sinks: ['end'],
      views: ['s', 'a', 'b', 'C', 'other', 'end'],
    });
    const { notices, views, sinks } = compile('DROP MATERIALIZED VIEW a CASCADE;');
    expect(notices).toContain('dropped with a: out, C');
    expect(views).toEqual(['s', 'b', 'other', 'stdout']);
    // Without a sink the last stream that is left goes to stdout.
    expect(sinks).toEqual(['stdout']);
    expect(compile('DROP SINK out; DROP VIEW c; DROP VIEW a; SELECT * FROM b;').views).not.toContain('a');
  });

  test('leaves nothing behind: the name is free, standard input too, and who needed it is forgotten', () => {
    expect(compile('DROP SOURCE s CASCADE; CREATE SOURCE s (x BIGINT); SELECT x FROM s;').sinks).toEqual(['stdout']);
    expect(compile('DROP SOURCE s CASCADE; CREATE SOURCE t (x BIGINT); SELECT x FROM t;').views).toEqual([
      't',
      'stdout',
    ]);
    expect(errorOf('DROP STREAM other; SELECT * FROM other;')).toMatchObject({ code: 'LMN-2002' });
    expect(errorOf('DROP SOURCE s CASCADE;').message).toBe('the pipeline computes nothing');
  });

  test('is told what it is that is dropped', () => {
    expect(errorOf('DROP VIEW s;')).toMatchObject({ code: 'LMN-2002', hint: 'it is a source: DROP SOURCE s' });
    expect(errorOf('DROP SINK nothing;')).toMatchObject({ code: 'LMN-2002', message: 'there is no sink nothing' });
    expect(errorOf('DROP STREAM othr;').hint).toBe('did you mean other?');
    expect(compile('DROP SINK IF EXISTS nothing;').sinks).toEqual(['out']);
  });

  test('takes tables away that joins look into', () => {
    const table = "CREATE LOOKUP TABLE t (k VARCHAR, PRIMARY KEY (k)) FROM FILE (path = 'nothing.ndjson');";
    const joined = 'CREATE STREAM j AS SELECT a.k FROM a JOIN t ON a.k = t.k; CREATE SINK js FROM j INTO BLACKHOLE;';
    expect(errorOf(`${table} ${joined} DROP LOOKUP TABLE t;`).message).toBe('t cannot be dropped: j needs it');
    expect(errorOf(`${table} DROP SOURCE t;`).hint).toBe('it is a lookup table: DROP LOOKUP TABLE t');
    expect(compile(`${table} DROP LOOKUP TABLE t;`).views).not.toContain('t');
    expect(compile(`${table} ${joined} DROP LOOKUP TABLE t CASCADE;`).sinks).toEqual(['out']);
    expect(errorOf(`DROP SOURCE s CASCADE; ${table}`).message).toBe('the pipeline computes nothing');
    expect(compile(`${table} ${joined}`).views).toEqual(['s', 'a', 'b', 'C', 'other', 'j', 'out', 'js']);
  });

  test('knows who writes to a sink, and whose late rows go there', () => {
    const late = `CREATE SINK late INTO BLACKHOLE;
      CREATE STREAM w AS SELECT COUNT(*) AS n FROM s GROUP BY TUMBLE(ts, INTERVAL '1' SECOND) LATE DATA TO late;
      CREATE SINK ws FROM w INTO BLACKHOLE;`;
    expect(errorOf(`${late} DROP SINK late;`).message).toBe('late cannot be dropped: w needs it');
    expect(errorOf(`${late} DROP SINK ws; DROP STREAM w;`).message).toBe('w cannot be dropped: late needs it');
    expect(compile(`${late} DROP STREAM w CASCADE;`).sinks).toEqual(['out']);
    const filled = 'CREATE SINK f INTO BLACKHOLE; INSERT INTO f SELECT * FROM a; INSERT INTO f SELECT * FROM b;';
    expect(errorOf(`${filled} DROP VIEW b;`).message).toBe('b cannot be dropped: C, f need it');
    expect(compile(`${filled} DROP SINK f;`).sinks).toEqual(['out']);
  });
});

describe('OR REPLACE', () => {
  test('refuses what others need', () => {
    expect(errorOf('CREATE OR REPLACE VIEW a AS SELECT * FROM s;')).toMatchObject({
      code: 'LMN-2026',
      message: 'a cannot be replaced: C needs it',
    });
  });

  test('may read what it replaces, which is then still needed', () => {
    const replaced = `DROP SINK out; CREATE OR REPLACE VIEW c AS SELECT k FROM c; SELECT * FROM c;`;
    expect(compile(replaced).ids).toContain('C');
    expect(errorOf(`DROP SINK out; CREATE OR REPLACE VIEW c AS SELECT k FROM c; DROP VIEW a;`).message).toBe(
      'a cannot be dropped: c needs it',
    );
    const without = 'DROP SINK out; CREATE OR REPLACE VIEW c AS SELECT k FROM s; DROP VIEW a; SELECT * FROM c;';
    expect(compile(without).views).not.toContain('a');
  });

  test('replaces a sink', () => {
    expect(compile(`CREATE OR REPLACE SINK out FROM a INTO BLACKHOLE;`).sinks).toEqual(['out#2']);
    expect(errorOf('CREATE OR REPLACE SINK a FROM b INTO BLACKHOLE;').code).toBe('LMN-2001');
  });
});

describe('of a diamond', () => {
  test('each view is computed once, however many read it', () => {
    const { ids } = compile('CREATE SINK again FROM c INTO BLACKHOLE; CREATE SINK too FROM a INTO BLACKHOLE;');
    expect(ids).toEqual(['s', 'a', 'C.input1', 'C.input2', 'C', 'out', 'again', 'too']);
  });

  test('a row comes once to each side and twice to where they meet, whose watermark is the least of both', async () => {
    const text = `CREATE SOURCE s (k VARCHAR, v BIGINT, ts TIMESTAMP, WATERMARK FOR ts);
      CREATE VIEW slow AS SELECT window_start AS ts, COUNT(*) AS n FROM s GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE);
      CREATE VIEW fast AS SELECT window_start AS ts, COUNT(*) AS n FROM s GROUP BY TUMBLE(ts, INTERVAL '1' SECOND);
      CREATE VIEW sides AS SELECT ts, n, 'slow' AS side FROM slow UNION ALL SELECT ts, n, 'fast' AS side FROM fast;
      SELECT window_start, SUM(n) AS n, COUNT(*) AS parts FROM sides GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE);`;
    const rows = [0, 30, 59, 60, 121].map((second) => JSON.stringify({ k: 'a', v: 1, ts: second * 1000 }));
    const { output, progress } = await runPipeline({ text, input: rows.join('\n') });
    const rowsInto = (id: string) => progress.operators.find((operator) => operator.id === id)?.rowsIn;
    expect(progress.sources[0]?.rows).toBe(5);
    expect([rowsInto('slow.aggregate'), rowsInto('fast.aggregate'), rowsInto('sides')]).toEqual([5, 5, 8]);
    // The fast side is past 12:01 long before the slow side has given its first minute: nothing of it is late.
    expect(output).toBe(
      '{"window_start":"1970-01-01T00:00:00Z","n":6,"parts":4}\n' +
        '{"window_start":"1970-01-01T00:01:00Z","n":2,"parts":2}\n' +
        '{"window_start":"1970-01-01T00:02:00Z","n":2,"parts":2}\n',
    );
    expect(progress.operators.every(({ late }) => late === 0)).toBe(true);
  });
});
