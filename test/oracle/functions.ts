// Functions for random expressions: those that run in JavaScript, declared ones among them, and operators of bits.

import fc from 'fast-check';
import type { Sql } from './generate.ts';

/** What declares the functions that random expressions call. */
export const DECLARATIONS = `
CREATE FUNCTION shout(s VARCHAR) RETURNS VARCHAR LANGUAGE javascript AS $$ return s === null ? 'none' : s + '!' $$;
CREATE FUNCTION half(i BIGINT) RETURNS BIGINT LANGUAGE javascript AS $$ return i === null ? null : i / 2n $$;`;

interface Tools {
  sub: (type: 'text' | 'integer' | 'double' | 'boolean' | 'time') => fc.Arbitrary<Sql>;
  join: (strings: TemplateStringsArray, ...parts: Sql[]) => Sql;
  same: (text: string) => Sql;
}

const pattern = fc.constantFrom("'a+'", "'^(.)(.?)'", "'[^a-m]'", "'(?i)B|z'", "'\\d{2,}'", "''");

export function textFunctions({ sub, join, same }: Tools): fc.Arbitrary<Sql>[] {
  return [
    fc.tuple(sub('text'), pattern.map(same)).map(([a, p]) => join`regexp_replace(${a}, ${p}, '<\\0>', 'g')`),
    fc.tuple(sub('text'), pattern.map(same)).map(([a, p]) => join`regexp_extract(${a}, ${p})`),
    sub('text').map((a) => join`translate(${a}, 'abz', 'xy')`),
    fc.tuple(sub('text'), sub('integer')).map(([a, b]) => join`format('{:>4}|{:04d}', ${a}, ${b})`),
    sub('text').map((a) => join`hex(${a})`),
    sub('text').map(({ laminar, duckdb }) => ({
      laminar: `shout(${laminar})`,
      duckdb: `coalesce((${duckdb}) || '!', 'none')`,
    })),
  ];
}

export function integerFunctions({ sub, join, same }: Tools): fc.Arbitrary<Sql>[] {
  return [
    fc
      .tuple(fc.constantFrom('&', '|').map(same), sub('integer'), sub('integer'))
      .map(([operator, a, b]) => join`(${a} ${operator} ${b})`),
    sub('integer').map((a) => join`(~ ${a})`),
    fc.tuple(sub('integer'), sub('integer')).map(([a, b]) => join`gcd(${a}, ${b})`),
    fc.tuple(sub('text'), sub('text')).map(([a, b]) => join`levenshtein(${a}, ${b})`),
    sub('integer').map(({ laminar, duckdb }) => ({ laminar: `half(${laminar})`, duckdb: `((${duckdb}) // 2)` })),
  ];
}

export function booleanFunctions({ sub, join, same }: Tools): fc.Arbitrary<Sql>[] {
  return [
    fc.tuple(sub('text'), pattern.map(same)).map(([a, p]) => join`regexp_matches(${a}, ${p})`),
    fc.tuple(sub('text'), pattern.map(same)).map(([a, p]) => join`(${a} !~ ${p})`),
  ];
}

export function timeFunctions({ sub, join }: Tools): fc.Arbitrary<Sql>[] {
  return [
    sub('time').map((a) => join`strptime(strftime(${a}, '%d %b %Y %H:%M:%S'), '%d %b %Y %H:%M:%S')`),
    sub('time').map(({ laminar, duckdb }) => ({
      laminar: `(${laminar} AT TIME ZONE 'America/New_York')`,
      duckdb: `timezone('America/New_York', timezone('UTC', ${duckdb}))`,
    })),
  ];
}
