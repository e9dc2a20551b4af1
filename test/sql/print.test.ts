import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SelectStatement } from '../../src/sql/ast.ts';
import type { Expression } from '../../src/sql/ast-expression.ts';
import type { Query } from '../../src/sql/ast-query.ts';
import { parsePipeline } from '../../src/sql/parser.ts';
import { printExpression } from '../../src/sql/print-expression.ts';
import { printPipeline } from '../support/print-pipeline.ts';
import { often } from '../support/random.ts';
import { randomExpression, randomPipeline, withoutSpans } from '../support/random-syntax.ts';

const numRuns = often(300);

function parseExpression(text: string): Expression {
  const { query } = parsePipeline(`SELECT ${text} FROM t`).statements[0] as SelectStatement;
  const [item] = (query as Query).items;
  return (item as { expression: Expression }).expression;
}

const again = (text: string): string => printExpression(parseExpression(text));

describe('printed expressions', () => {
  test('keep the spelling of names, functions and numbers, and write keywords in upper case', () => {
    expect(again('sum( Price*volume )/SUM(Volume)')).toBe('sum(Price * volume) / SUM(Volume)');
    expect(again('case when a is not null then 1e3 else .5 end')).toBe('CASE WHEN a IS NOT NULL THEN 1e3 ELSE .5 END');
    expect(again('a::int + extract(hour from ts)')).toBe("CAST(a AS INT) + date_part('hour', ts)");
  });

  test('have parentheses only where precedence needs them', () => {
    expect(again('((a) + ((b * c)))')).toBe('a + b * c');
    expect(again('(a + b) * c')).toBe('(a + b) * c');
    expect(again('a - (b - c)')).toBe('a - (b - c)');
    expect(again('(a OR b) AND NOT (c AND d)')).toBe('(a OR b) AND NOT (c AND d)');
    expect(again('(a = b) = c')).toBe('(a = b) = c');
    expect(again('(a = b) IS NULL')).toBe('a = b IS NULL');
    expect(again('-(a + b)::INT')).toBe('-CAST(a + b AS INT)');
  });

  test('never make a comment of two minus signs', () => {
    expect(again('- -1')).toBe('- -1');
    expect(again('a - -(-b)')).toBe('a - - -b');
  });

  test('quote what is no plain name, and texts with quotes and control characters', () => {
    expect(again('"select" + "a b" + "A" + t.select')).toBe('"select" + "a b" + "A" + t.select');
    expect(again("'it''s' || E'a\\n\\'\\\\'")).toBe("'it''s' || E'a\\n''\\\\'");
    expect(printExpression({ kind: 'column', path: [unquoted('order'), unquoted('a b')], span })).toBe('"order"."a b"');
  });

  test('parse into the same tree', () => {
    fc.assert(
      fc.property(randomExpression, (expression) => {
        expect(withoutSpans(parseExpression(printExpression(expression)))).toEqual(withoutSpans(expression));
      }),
      { numRuns },
    );
  });
});

describe('printed pipelines', () => {
  test('are one statement a line', () => {
    const text = `create source t (a bigint not null from '$.x', watermark for a) with ('connector' = 'stdin');
      create materialized view v as select *, t.* from t as x where a > 1 group by 1 having count(*) > 2
      emit periodically '5s' allow lateness interval '1' minute; set batch_size = 7;
      create sink s from (select a from v) emit final into stdout (cache.ttl = -1, x = bare);`;
    expect(printPipeline(parsePipeline(text)).split('\n')).toEqual([
      "CREATE SOURCE t (a BIGINT FROM '$.x' NOT NULL, WATERMARK FOR a) WITH ('connector' = 'stdin');",
      "CREATE MATERIALIZED VIEW v AS SELECT *, t.* FROM t AS x WHERE a > 1 GROUP BY 1 HAVING count(*) > 2 EMIT EVERY INTERVAL '5s' ALLOW LATENESS INTERVAL '1' MINUTE;",
      'SET batch_size = 7;',
      "CREATE SINK s AS SELECT a FROM v EMIT FINAL INTO stdout (cache.ttl = -1, x = 'bare');",
      '',
    ]);
  });

  test('parse into the same tree, and print the same again', () => {
    fc.assert(
      fc.property(randomPipeline, (pipeline) => {
        const printed = printPipeline(pipeline);
        const parsed = parsePipeline(printed);
        expect(withoutSpans(parsed)).toEqual(withoutSpans(pipeline));
        expect(printPipeline(parsed)).toBe(printed);
      }),
      { numRuns },
    );
  });
});

const span = { start: 0, end: 0 };

function unquoted(name: string): { name: string; quoted: boolean; span: { start: number; end: number } } {
  return { name, quoted: false, span };
}
