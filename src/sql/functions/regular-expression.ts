// Functions of regular expressions, computed in JavaScript; their language is in src/plan/regular-expression.ts.

import { BIGINT, BOOLEAN, type DataType, INTEGER, listOf, VARCHAR } from '../../data/type.ts';
import { compilePattern, PatternError, type PatternUse } from '../../plan/regular-expression.ts';
import { chapter, host, type OverloadPart } from './define.ts';
import type { ConstantCheck, ScalarFunction } from './function.ts';

const define = chapter('regular expression');

export const regularExpressionFunctions: readonly ScalarFunction[] = [
  define(
    {
      name: 'regexp_matches',
      aliases: ['regexp_like'],
      summary:
        'Whether a part of the string matches the pattern. Options: i any case, s a dot matches newlines, l plain text.',
      example: ["regexp_matches('Stream', '^s.*m$', 'i')", 'true'],
    },
    ...matching(BOOLEAN, {}),
  ),
  define(
    {
      name: 'regexp_full_match',
      summary: 'Whether the whole string matches the pattern; s ~ p, s SIMILAR TO p and NOT s !~ p are the same.',
      example: ["regexp_full_match('stream', 'stre')", 'false'],
    },
    ...matching(BOOLEAN, { whole: true }),
  ),
  define(
    {
      name: 'regexp_extract',
      aliases: ['regexp_substr'],
      summary:
        'The first part that matches the pattern, or what a group of it (from 1) matched; empty when nothing does.',
      example: ["regexp_extract('GET /api/users', '(\\w+) (/\\w+)', 2)", '/api'],
    },
    matcher([VARCHAR, VARCHAR], VARCHAR, { options: null }),
    matcher([VARCHAR, VARCHAR, INTEGER], VARCHAR, { options: null }),
    matcher([VARCHAR, VARCHAR, INTEGER, VARCHAR], VARCHAR, { options: 3 }),
  ),
  define(
    {
      name: 'regexp_replace',
      summary:
        'With the first part that matches the pattern replaced, or with the option g every such part. In the replacement \\1 is what the first group matched, \\0 the whole part.',
      example: ["regexp_replace('2024-02-29', '(\\d+)-(\\d+)', '\\2/\\1')", '02/2024-29'],
    },
    matcher([VARCHAR, VARCHAR, VARCHAR], VARCHAR, { options: null, replaces: true }),
    matcher([VARCHAR, VARCHAR, VARCHAR, VARCHAR], VARCHAR, { options: 3, replaces: true }),
  ),
  define(
    {
      name: 'regexp_extract_all',
      summary: 'All parts that match the pattern, or what a group of it matched in each, as a list.',
      example: ["regexp_extract_all('a=1, b=22', '(\\w)=(\\d+)', 2)", '[1, 22]'],
    },
    matcher([VARCHAR, VARCHAR], listOf(VARCHAR), { options: null }),
    matcher([VARCHAR, VARCHAR, INTEGER], listOf(VARCHAR), { options: null }),
    matcher([VARCHAR, VARCHAR, INTEGER, VARCHAR], listOf(VARCHAR), { options: 3 }),
  ),
  define(
    {
      name: 'regexp_split_to_array',
      aliases: ['string_split_regex', 'str_split_regex'],
      summary: 'The parts of a string between matches of the pattern, as a list.',
      example: ["regexp_split_to_array('one, two;three', '[,;] *')", '[one, two, three]'],
    },
    ...matching(listOf(VARCHAR), {}),
  ),
  define(
    {
      name: 'regexp_escape',
      summary: 'The pattern that matches a string only.',
      example: ["regexp_escape('1.5')", '1\\.5'],
    },
    host([VARCHAR], VARCHAR),
  ),
  define(
    {
      name: 'regexp_count',
      summary: 'How many parts of the string match the pattern, without overlaps.',
      example: ["regexp_count('a1b22c', '\\d+')", '2'],
    },
    ...matching(BIGINT, {}),
  ),
];

function matching(result: DataType, use: Omit<PatternUse, 'options'>): OverloadPart[] {
  return [
    matcher([VARCHAR, VARCHAR], result, { options: null, ...use }),
    matcher([VARCHAR, VARCHAR, VARCHAR], result, { options: 2, ...use }),
  ];
}

/** @param use.options the argument with the options. */
function matcher(
  parameters: readonly DataType[],
  result: DataType,
  use: Omit<PatternUse, 'options'> & { options: number | null },
): OverloadPart {
  return host(parameters, result, { fails: true, check: patternCheck(use) });
}

/** The pattern is argument 1. */
function patternCheck(use: Omit<PatternUse, 'options'> & { options: number | null }): ConstantCheck {
  return (constants) => {
    const options = use.options === null ? '' : constants[use.options];
    for (const [argument, pattern] of [
      [use.options ?? 1, ''],
      [1, constants[1]],
    ] as const) {
      if (typeof pattern !== 'string' || typeof options !== 'string') continue;
      try {
        compilePattern(pattern, { ...use, options });
      } catch (error) {
        if (!(error instanceof PatternError)) throw error;
        return { argument, problem: error.message, hint: HINT };
      }
    }
    return null;
  };
}

const HINT = "a pattern is RE2's: . any character, * + ? {2,3} repeat, [a-z] a class, ( | ) groups, ^ $ the ends";
