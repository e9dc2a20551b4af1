// Hashes and encodings, computed in JavaScript. Text stands for its bytes in UTF-8; there is no BLOB.

import { BIGINT, INTEGER, VARCHAR } from '../../data/type.ts';
import { chapter, host, kernel } from './define.ts';
import type { ConstantCheck, ScalarFunction } from './function.ts';

const define = chapter('hash and encoding');
const FAILS = { fails: true } as const;

export const encodingFunctions: readonly ScalarFunction[] = [
  ...(
    [
      ['md5', '9dd4e461268c8034f5c8564e155c67a6'],
      ['sha1', '11f6ad8ec52a2984abaafd7c3b516503785c2072'],
      ['sha256', '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881'],
    ] as const
  ).map(([name, result]) =>
    define(
      { name, summary: `The ${name.toUpperCase()} hash, in hexadecimal digits.`, example: [`${name}('x')`, result] },
      host([VARCHAR], VARCHAR),
    ),
  ),
  define(
    {
      name: 'sha512',
      summary: 'The SHA512 hash, in hexadecimal digits.',
      example: ["left(sha512('x'), 16)", 'a4abd4448c49562d'],
    },
    host([VARCHAR], VARCHAR),
  ),
  define(
    {
      name: 'hash',
      summary: 'A number from 0 to 2⁶³ − 1, the same for the same text in every run; not the one of DuckDB.',
      example: ["hash('x') = hash('x') AND hash('x') <> hash('y')", 'true'],
    },
    kernel([VARCHAR], BIGINT, 'textHash'),
  ),
  define(
    { name: 'crc32', summary: 'The CRC-32 checksum of zip and PNG.', example: ["crc32('x')", '2363233923'] },
    host([VARCHAR], BIGINT),
  ),
  define(
    { name: 'to_base64', aliases: ['base64'], summary: 'In base64.', example: ["to_base64('stream')", 'c3RyZWFt'] },
    host([VARCHAR], VARCHAR),
  ),
  define(
    {
      name: 'from_base64',
      summary: 'The text that base64 stands for; an error where it is none.',
      example: ["from_base64('c3RyZWFt')", 'stream'],
    },
    host([VARCHAR], VARCHAR, FAILS),
  ),
  define(
    {
      name: 'hex',
      aliases: ['to_hex'],
      summary: 'The bytes of a text, or an integer, in hexadecimal digits; negative ones in two’s complement.',
      example: ["hex('é') || ' ' || hex(255)", 'C3A9 FF'],
    },
    host([VARCHAR], VARCHAR),
    host([BIGINT], VARCHAR),
  ),
  define(
    {
      name: 'unhex',
      aliases: ['from_hex'],
      summary: 'The text whose bytes are given in hexadecimal digits; an error where it is none.',
      example: ["unhex('C3A9')", 'é'],
    },
    host([VARCHAR], VARCHAR, FAILS),
  ),
  define(
    {
      name: 'bin',
      aliases: ['to_binary'],
      summary: 'The bytes of a text, or an integer, in binary digits.',
      example: ['bin(10)', '1010'],
    },
    host([VARCHAR], VARCHAR),
    host([BIGINT], VARCHAR),
  ),
  define(
    {
      name: 'to_base',
      summary: 'A number from 0 in a base from 2 to 36, with so many digits at least.',
      example: ['to_base(255, 16, 4)', '00FF'],
    },
    host([BIGINT, INTEGER], VARCHAR, FAILS),
    host([BIGINT, INTEGER, INTEGER], VARCHAR, FAILS),
  ),
  define(
    {
      name: 'encode',
      summary: "A text in an encoding: 'base64' or 'hex'.",
      example: ["encode('stream', 'hex')", '73747265616d'],
    },
    host([VARCHAR, VARCHAR], VARCHAR, { fails: true, check: checkEncoding }),
  ),
  define(
    {
      name: 'decode',
      summary: "The text that is in an encoding: 'base64' or 'hex'.",
      example: ["decode('c3RyZWFt', 'base64')", 'stream'],
    },
    host([VARCHAR, VARCHAR], VARCHAR, { fails: true, check: checkEncoding }),
  ),
  define(
    {
      name: 'url_encode',
      summary: 'With percent signs for what may not stand in a part of a URL.',
      example: ["url_encode('a b/ü')", 'a%20b%2F%C3%BC'],
    },
    host([VARCHAR], VARCHAR),
  ),
  define(
    {
      name: 'url_decode',
      summary: 'With the bytes that percent signs stand for; a plus sign stays.',
      example: ["url_decode('a%20b%2F%C3%BC')", 'a b/ü'],
    },
    host([VARCHAR], VARCHAR, FAILS),
  ),
];

function checkEncoding([, encoding]: Parameters<ConstantCheck>[0]): ReturnType<ConstantCheck> {
  if (typeof encoding !== 'string' || ['base64', 'hex'].includes(encoding.toLowerCase())) return null;
  return { argument: 1, problem: `there is no encoding '${encoding}'`, hint: 'encodings are base64 and hex' };
}
