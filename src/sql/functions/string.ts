// Functions of strings.
//
// Positions and lengths count characters (Unicode code points). upper and lower use Unicode's simple mappings, one
// character to one: upper('ß') is 'ẞ'. reverse() reverses code points, so combining marks change places.

import { BIGINT, BOOLEAN, INTEGER, VARCHAR } from '../../data/type.ts';
import type { Emitter } from '../codegen/emitter.ts';
import { chapter, inline, kernel, special } from './define.ts';
import type { ScalarFunction } from './function.ts';
import { listJoins, listLength } from './list.ts';

const define = chapter('string');
const FAILS = { fails: true } as const;
const JOINS = { nulls: 'handles-null', variadic: true } as const;

const joining: readonly ScalarFunction[] = [
  define(
    {
      name: '||',
      summary: 'Joins two values as text, or lists, or a list and an element; NULL if either is.',
      example: ["'a' || 1 || 'b'", 'a1b'],
    },
    ...listJoins,
    special([VARCHAR, VARCHAR], VARCHAR),
  ),
  define(
    {
      name: 'concat',
      summary: 'Joins values as text, leaving out NULLs.',
      example: ["concat('a', NULL, 1, 'b')", 'a1b'],
    },
    special([VARCHAR], VARCHAR, JOINS),
  ),
  define(
    {
      name: 'concat_ws',
      summary: 'Joins values as text with a separator between them, leaving out NULLs; NULL for a NULL separator.',
      example: ["concat_ws('-', 2024, NULL, 'x')", '2024-x'],
    },
    special([VARCHAR, VARCHAR], VARCHAR, JOINS),
  ),
  define(
    { name: 'repeat', summary: 'The string so many times.', example: ["repeat('ab', 3)", 'ababab'] },
    kernel([VARCHAR, BIGINT], VARCHAR, 'textRepeat', FAILS),
  ),
  define(
    {
      name: 'lpad',
      summary: 'So many characters: the string cut, or filled up before it.',
      example: ["lpad('7', 3, '0')", '007'],
    },
    kernel([VARCHAR, INTEGER, VARCHAR], VARCHAR, 'textPadLeft', FAILS),
  ),
  define(
    {
      name: 'rpad',
      summary: 'So many characters: the string cut, or filled up after it.',
      example: ["rpad('ab', 4, '.')", 'ab..'],
    },
    kernel([VARCHAR, INTEGER, VARCHAR], VARCHAR, 'textPadRight', FAILS),
  ),
];

const cutting: readonly ScalarFunction[] = [
  define(
    {
      name: 'substring',
      aliases: ['substr'],
      summary: 'So many characters from a position, which is 1 for the first and counts from the end where negative.',
      example: ["substring('stream', 3, 2)", 're'],
    },
    kernel([VARCHAR, BIGINT], VARCHAR, 'textFrom'),
    kernel([VARCHAR, BIGINT, BIGINT], VARCHAR, 'textSubstring'),
  ),
  define(
    {
      name: 'left',
      summary: 'The first characters; all but the last ones for a negative count.',
      example: ["left('stream', 3)", 'str'],
    },
    kernel([VARCHAR, BIGINT], VARCHAR, 'textLeft'),
  ),
  define(
    {
      name: 'right',
      summary: 'The last characters; all but the first ones for a negative count.',
      example: ["right('stream', 3)", 'eam'],
    },
    kernel([VARCHAR, BIGINT], VARCHAR, 'textRight'),
  ),
  define(
    {
      name: 'trim',
      summary: 'Without the spaces, or the characters of a set, at both ends.',
      example: ["trim('xxaxyx', 'xy')", 'a'],
    },
    kernel([VARCHAR], VARCHAR, 'textTrim'),
    kernel([VARCHAR, VARCHAR], VARCHAR, 'textTrimSet'),
  ),
  define(
    { name: 'ltrim', summary: 'As trim, at the beginning only.', example: ["ltrim('  a ') || '|'", 'a |'] },
    kernel([VARCHAR], VARCHAR, 'textTrimLeft'),
    kernel([VARCHAR, VARCHAR], VARCHAR, 'textTrimLeftSet'),
  ),
  define(
    { name: 'rtrim', summary: 'As trim, at the end only.', example: ["rtrim('  a ') || '|'", '  a|'] },
    kernel([VARCHAR], VARCHAR, 'textTrimRight'),
    kernel([VARCHAR, VARCHAR], VARCHAR, 'textTrimRightSet'),
  ),
  define(
    {
      name: 'split_part',
      summary: 'The part between separators with a number, from 1, or from −1 backwards; empty when there is none.',
      example: ["split_part('a,b,c', ',', 2)", 'b'],
    },
    kernel([VARCHAR, VARCHAR, BIGINT], VARCHAR, 'textSplitPart'),
  ),
];

const changing: readonly ScalarFunction[] = [
  define(
    { name: 'upper', aliases: ['ucase'], summary: 'In capital letters.', example: ["upper('été')", 'ÉTÉ'] },
    kernel([VARCHAR], VARCHAR, 'textUpper'),
  ),
  define(
    { name: 'lower', aliases: ['lcase'], summary: 'In small letters.', example: ["lower('ÉTÉ')", 'été'] },
    kernel([VARCHAR], VARCHAR, 'textLower'),
  ),
  define(
    {
      name: 'replace',
      summary: 'With every occurrence of the second string replaced by the third.',
      example: ["replace('a-b-c', '-', '+')", 'a+b+c'],
    },
    kernel([VARCHAR, VARCHAR, VARCHAR], VARCHAR, 'textReplace', FAILS),
  ),
  define(
    { name: 'reverse', summary: 'The characters in reverse order.', example: ["reverse('abc')", 'cba'] },
    kernel([VARCHAR], VARCHAR, 'textReverse'),
  ),
  define(
    {
      name: 'chr',
      summary: 'The character with a number; an error where Unicode has none.',
      example: ['chr(233)', 'é'],
    },
    kernel([INTEGER], VARCHAR, 'textFromChar', FAILS),
  ),
];

const measuring: readonly ScalarFunction[] = [
  define(
    {
      name: 'length',
      aliases: ['len', 'char_length', 'character_length'],
      summary: 'How many characters it has; of a list, how many elements.',
      example: ["length('日本')", '2'],
    },
    kernel([VARCHAR], BIGINT, 'textLength'),
    listLength,
  ),
  define(
    {
      name: 'strlen',
      aliases: ['octet_length'],
      summary: 'How many bytes it has in UTF-8.',
      example: ["strlen('日本')", '6'],
    },
    inline([VARCHAR], BIGINT, byteLength),
  ),
  define(
    { name: 'bit_length', summary: 'How many bits it has in UTF-8.', example: ["bit_length('abc')", '24'] },
    inline([VARCHAR], BIGINT, (e) => {
      byteLength(e);
      e.i64(3).op('i64.shl');
    }),
  ),
  define(
    { name: 'ascii', summary: 'The number of its first character; 0 when it is empty.', example: ["ascii('A')", '65'] },
    inline([VARCHAR], INTEGER, (e) => firstCharacter(e, 0)),
  ),
  define(
    {
      name: 'unicode',
      aliases: ['ord'],
      summary: 'The number of its first character; −1 when it is empty.',
      example: ["unicode('é')", '233'],
    },
    inline([VARCHAR], INTEGER, (e) => firstCharacter(e, -1)),
  ),
];

const searching: readonly ScalarFunction[] = [
  define(
    {
      name: 'contains',
      summary: 'Whether the second string is in the first.',
      example: ["contains('stream', 'tre')", 'true'],
    },
    kernel([VARCHAR, VARCHAR], BOOLEAN, 'textContains'),
  ),
  define(
    {
      name: 'starts_with',
      aliases: ['prefix'],
      summary: 'Whether the first string begins with the second.',
      example: ["starts_with('stream', 'str')", 'true'],
    },
    kernel([VARCHAR, VARCHAR], BOOLEAN, 'textStartsWith'),
  ),
  define(
    {
      name: 'ends_with',
      aliases: ['suffix'],
      summary: 'Whether the first string ends with the second.',
      example: ["ends_with('stream', 'am')", 'true'],
    },
    kernel([VARCHAR, VARCHAR], BOOLEAN, 'textEndsWith'),
  ),
  define(
    {
      name: 'strpos',
      aliases: ['position', 'instr'],
      summary: 'The position of the second string in the first, 1 for its beginning; 0 when it is not there.',
      example: ["strpos('stream', 'ea')", '4'],
    },
    kernel([VARCHAR, VARCHAR], BIGINT, 'textPosition'),
  ),
  define(
    {
      name: 'like',
      summary: 'Whether it matches a pattern: % is any string, _ any character, and what follows the escape is itself.',
      example: ["'stream' LIKE 's%a_'", 'true'],
    },
    special([VARCHAR, VARCHAR], BOOLEAN),
    special([VARCHAR, VARCHAR, VARCHAR], BOOLEAN, FAILS),
  ),
  define(
    { name: 'ilike', summary: 'As LIKE, whatever the case of letters.', example: ["'STREAM' ILIKE 's%'", 'true'] },
    special([VARCHAR, VARCHAR], BOOLEAN),
    special([VARCHAR, VARCHAR, VARCHAR], BOOLEAN, FAILS),
  ),
];

export const stringFunctions: readonly ScalarFunction[] = [
  ...joining,
  ...cutting,
  ...changing,
  ...measuring,
  ...searching,
];

function byteLength(emitter: Emitter): void {
  emitter.i64(32).op('i64.shr_u');
}

function firstCharacter(emitter: Emitter, none: number): void {
  emitter.i32(none).kernel('textFirstChar', ['i64', 'i32'], 'i32');
}
