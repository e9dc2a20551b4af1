// Functions of strings that are computed in JavaScript: formats, distances, accents.

import { BIGINT, BOOLEAN, type DataType, DOUBLE, isInteger, VARCHAR } from '../../data/type.ts';
import { chapter, host, type OverloadPart } from './define.ts';
import type { ScalarFunction } from './function.ts';

const define = chapter('string');
const FAILS = { fails: true } as const;

export const textFunctions: readonly ScalarFunction[] = [
  define(
    {
      name: 'format',
      summary:
        'A text with {} replaced by the arguments in turn, {0} by the first; behind a colon stands the form: {:>8} to the right in 8 characters, {:05d} with zeros, {:.2f} with two places, {:x} hexadecimal, {:,} with thousands. {{ is a brace.',
      example: ["format('{}: {:.2f} of {:,}', 'load', 0.756, 12000)", 'load: 0.76 of 12,000'],
    },
    formatting(),
  ),
  define(
    {
      name: 'printf',
      summary:
        'A text with %s, %d, %f and the like replaced by the arguments in turn, as in C: %5.1f, %-8s, %05d, %x, %e; %,d with thousands. %% is a percent sign.',
      example: ["printf('%s: %05.1f%%', 'load', 75.6)", 'load: 075.6%'],
    },
    formatting(),
  ),
  define(
    {
      name: 'translate',
      summary: 'With each character of the second string replaced by that of the third at its place, or left out.',
      example: ["translate('a-b_c', '-_', '+')", 'a+bc'],
    },
    host([VARCHAR, VARCHAR, VARCHAR], VARCHAR),
  ),
  define(
    {
      name: 'initcap',
      summary: 'With a capital letter at the beginning of each word, the rest in small letters.',
      example: ["initcap('hello wORLD')", 'Hello World'],
    },
    host([VARCHAR], VARCHAR),
  ),
  define(
    {
      name: 'strip_accents',
      summary: 'Without the marks above and below letters.',
      example: ["strip_accents('déjà vu')", 'deja vu'],
    },
    host([VARCHAR], VARCHAR),
  ),
  define(
    {
      name: 'nfc_normalize',
      summary: 'In Unicode’s composed form, so that texts that look the same are the same.',
      example: ["length(nfc_normalize('e' || chr(769)))", '1'],
    },
    host([VARCHAR], VARCHAR),
  ),
  define(
    {
      name: 'levenshtein',
      aliases: ['editdist3'],
      summary: 'How many bytes are inserted, deleted or replaced to make one of the other.',
      example: ["levenshtein('kitten', 'sitting')", '3'],
    },
    host([VARCHAR, VARCHAR], BIGINT),
  ),
  define(
    {
      name: 'damerau_levenshtein',
      summary: 'As levenshtein; two neighbours that change places are one change.',
      example: ["damerau_levenshtein('abcd', 'acbd')", '1'],
    },
    host([VARCHAR, VARCHAR], BIGINT),
  ),
  define(
    {
      name: 'hamming',
      aliases: ['mismatches'],
      summary: 'How many bytes differ; both have the same length.',
      example: ["hamming('duck', 'luck')", '1'],
    },
    host([VARCHAR, VARCHAR], BIGINT, FAILS),
  ),
  define(
    {
      name: 'jaccard',
      summary: 'How much of the bytes that occur in either occurs in both: from 0 to 1.',
      example: ["jaccard('duck', 'luck')", '0.6'],
    },
    host([VARCHAR, VARCHAR], DOUBLE, FAILS),
  ),
  define(
    {
      name: 'format_bytes',
      aliases: ['formatreadablesize'],
      summary: 'A number of bytes in KiB, MiB, ….',
      example: ['format_bytes(1500000)', '1.4 MiB'],
    },
    host([BIGINT], VARCHAR),
  ),
];

/** A format and any arguments: numbers and booleans as such, everything else as text. */
function formatting(): OverloadPart {
  return {
    ...host([VARCHAR], VARCHAR, { fails: true, variadic: true }),
    instantiate: (types) => ({
      parameters: types.map((type, i) => (i === 0 ? VARCHAR : formattedAs(type))),
      result: VARCHAR,
    }),
  };
}

function formattedAs(type: DataType): DataType {
  if (isInteger(type)) return BIGINT;
  if (type.kind === 'DOUBLE') return DOUBLE;
  return type.kind === 'BOOLEAN' ? BOOLEAN : VARCHAR;
}
