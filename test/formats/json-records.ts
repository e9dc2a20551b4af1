// Random NDJSON for fuzzing the decoder: good records, records with every oddity, and broken ones.

import { type DataType, elementOf, fieldsOf } from '../../src/data/type.ts';
import type { DecoderSpec } from '../../src/formats/decoder-spec.ts';
import { pick, type Random, shuffled } from '../support/random.ts';

const NUMBERS = [
  '0',
  '-0',
  '7',
  '-12',
  '123',
  '2147483648',
  '-129',
  '1e3',
  '1.0',
  '12.5',
  '0.25',
  '-1.5e-7',
  '100.00',
  '1E+2',
];
NUMBERS.push('9223372036854775807', '9223372036854775808', '-9223372036854775808', '1234567', '12345678', '123456789');
NUMBERS.push(
  '1699999999392',
  '1699999999392.5',
  '1234567890123456',
  '12345678901234567',
  '0.1234567890123456789',
  '1e400',
  '1e-400',
);
NUMBERS.push(
  '110.68',
  '12345.67',
  '123456.78',
  '1234567.89',
  '99999999.125',
  '3e2',
  '10000000000000000000',
  '0.000001',
);
const BAD_NUMBERS = [
  '01',
  '1.',
  '.5',
  '-',
  '+1',
  '1e',
  '1e+',
  '0x1',
  '1_0',
  'NaN',
  '- 1',
  '00',
  '1.e1',
  '-01',
  '0123456',
];
const STRINGS = [
  '',
  'a',
  'SYM337',
  'buy',
  'fifteen letters',
  'sixteen letters!',
  'seventeen letters',
  'x'.repeat(40),
  'größe',
  '日本語テキスト',
];
STRINGS.push('😀 smile', '12', '-1.5', ' 7 ', '1e3', 'true', 'FALSE', 'null', 'inf', '1699999999392', '300', '2.5');
const TIMES = [
  '2024-02-29T12:34:56Z',
  '2024-02-29T12:34:56.789Z',
  '2024-02-29 12:34:56',
  '2024-02-29T12:34:56.123456789+02:00',
];
TIMES.push(
  '2024-02-30T12:34:56Z',
  '2024-02-29',
  '2023-12-31T23:59:59.5-0530',
  '2024-2-9 1:2:3',
  '2024-02-29T24:00:00Z',
  '1969-12-31T23:59:59.999999Z',
);
const ESCAPED = [
  '"\\u0041"',
  '"a\\nb"',
  '"\\ud83d\\ude00"',
  '"\\ud83d"',
  '"\\ude00x"',
  '"\\u0000"',
  '"\\"quoted\\" and long enough"',
];
ESCAPED.push(
  '"\\/\\b\\f\\r\\t\\\\"',
  '"\\u00e9\\u4e2d"',
  '"1\\u0032"',
  '"\\ud83d\\u0041"',
  '"\\ud83dabcdef"',
  '"2024\\u002d02-29"',
);
const BAD_STRINGS = [
  '"open',
  '"\\x"',
  '"\\u12g4"',
  '"tab\there"',
  '"\\u12"',
  '"nul\u0000"',
  "'single'",
  '"esc\\',
  '"\u001f"',
];

const ODD = [
  '',
  ' ',
  '\r',
  '\t ',
  '\f',
  '[]',
  '1',
  'null',
  '"x"',
  '{}',
  '{ }',
  '{"a"}',
  '{,}',
  '{"a":1,}',
  '{"a":1}}',
  '{"a":1}{"b":2}',
  'nonsense',
  '[{"a":1}',
  '{"a":[1,]}',
  '{"a":[}',
  '{"a" 1}',
  '{a:1}',
  '{"a":1 "b":2}',
  '\u00a0{"a":1}',
  '{"user":{"id":1},"user":{"name":"n"}}',
  '{"user":{"id":1},"user":null}',
  '{"list":[1,2,3],"list":[4]}',
];

function randomString(random: Random): string {
  const kind = random.below(40);
  if (kind === 0) return pick(random, BAD_STRINGS);
  if (kind < 6) return pick(random, ESCAPED);
  if (kind < 14) return JSON.stringify(pick(random, TIMES));
  return JSON.stringify(pick(random, STRINGS));
}

function randomValue(random: Random, depth: number): string {
  const kind = random.below(depth > 3 ? 12 : 16);
  if (kind < 5) return random.below(40) === 0 ? pick(random, BAD_NUMBERS) : pick(random, NUMBERS);
  if (kind < 10) return randomString(random);
  if (kind < 12)
    return pick(random, ['true', 'false', 'null', 'null', 'null', random.below(20) === 0 ? 'nul' : 'true']);
  if (kind < 14) return randomObject(random, ['x', 'id', 'name', 'deep', 'er', 'other'], depth + 1);
  const items = Array.from({ length: random.below(5) }, () => randomValue(random, depth + 1));
  return `[${spaced(random)}${items.join(`${spaced(random)},${spaced(random)}`)}${spaced(random)}]`;
}

let spaces = 0;
function spaced(random: Random): string {
  return random.below(100) < spaces ? pick(random, [' ', '\t', '\r', '  ', '']) : '';
}

function randomObject(random: Random, keys: readonly string[], depth: number): string {
  const chosen = random.below(3) === 0 ? shuffled(random, keys) : keys.filter(() => random.below(4) > 0);
  if (random.below(20) === 0 && chosen.length > 0) chosen.push(pick(random, chosen));
  const fields = chosen.map((key) => {
    const text = random.below(60) === 0 ? escapedKey(key) : JSON.stringify(key);
    return `${text}${spaced(random)}:${spaced(random)}${randomValue(random, depth)}`;
  });
  return `{${spaced(random)}${fields.join(`${spaced(random)},${spaced(random)}`)}${spaced(random)}}`;
}

function escapedKey(key: string): string {
  return `"${[...key].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"`;
}

/** A stream mostly of one shape: the same keys, values of the same kinds. */
function shapedRecord(random: Random, shape: { key: string; values: readonly string[] }[], space: string): string {
  const fields = shape.map(({ key, values }) => `${JSON.stringify(key)}:${space}${pick(random, values)}`);
  return `{${fields.join(`,${space}`)}}`;
}

const QUOTED = [...STRINGS, ...TIMES].map((text) => JSON.stringify(text));
const KEYS = ['a', 'b', 'a_rather_long_key_of_many_bytes', 'user', 'list', 'ключ', 'with "quote"', '', 'noise', 'zzz'];

/** Values that fit a column of the type. */
const FITTING: Record<string, readonly string[]> = {
  BOOLEAN: ['true', 'false', '"TRUE"', 'true'],
  TINYINT: ['0', '-0', '7', '-12', '123', '"12"', '1.0', '1e2'],
  SMALLINT: ['0', '7', '-12', '123', '31000', '"-300"', '3e2'],
  INTEGER: ['0', '-12', '123', '1234567', '12345678', '-123456789', '1e3', '1.0', '2147483647', '-2147483648'],
  BIGINT: ['0', '-12', '517', '1234567', '12345678', '123456789', '1699999999392', '1234567890123456', '"12"'].concat([
    ...['12345678901234567', '-123456789012345678', '9223372036854775807', '-9223372036854775808', '1e3'],
  ]),
  DOUBLE: NUMBERS.concat('"1.5"', '"nan"'),
  VARCHAR: [...STRINGS, ...TIMES].map((text) => JSON.stringify(text)).concat(ESCAPED, '12', 'true', '{"x":[1, "é"]}'),
  TIMESTAMP: ['1699999999392', '1699999999', '0', '-5', '1699999999.5', '"2024-02-29T12:34:56Z"'].concat([
    ...['"2024-02-29T12:34:56.789Z"', '"2024-02-28T00:00:00.001Z"', '"1700000000"'],
  ]),
  DATE: ['"2024-02-29"', '"1969-12-31"', '"2024-02-29T12:34:56Z"'],
  JSON: ['1', '"x"', '{"id":1}', '[1, 2, {"x": null}]', 'true', '{}', '[]', '"\\u0041"'],
};

/** Values that fit a column of any type, most of them. */
function fitting(random: Random, type: DataType): readonly string[] {
  if (type.kind === 'LIST') {
    const items = [...fitting(random, elementOf(type)), 'null'];
    return some(random, () => {
      const list = Array.from({ length: random.below(5) }, () => pick(random, items));
      return `[${list.join(pick(random, [',', ', ']))}]`;
    });
  }
  if (type.kind === 'STRUCT') {
    const fields = fieldsOf(type).map(({ name, type: inner }) => ({ name, values: fitting(random, inner) }));
    return some(random, () => {
      const chosen = random.below(3) === 0 ? shuffled(random, fields) : fields.filter(() => random.below(8) > 0);
      if (random.below(6) === 0 && chosen.length > 0) chosen.push(pick(random, chosen));
      if (random.below(6) === 0) chosen.unshift({ name: 'other', values: ['1', '{"a":[]}'] });
      const key = (name: string) => (random.below(30) === 0 ? escapedKey(name) : JSON.stringify(name));
      return `{${chosen.map(({ name, values }) => `${key(name)}: ${pick(random, values)}`).join(',')}}`;
    });
  }
  return FITTING[type.kind]!;
}

function some(random: Random, make: () => string): string[] {
  const values = Array.from({ length: 12 }, make);
  return random.below(4) === 0 ? [...values, '{}', '[1,"x"]', 'null'] : values;
}

function shapeOf(random: Random, spec: DecoderSpec): { key: string; values: readonly string[] }[] {
  const keys = shuffled(random, KEYS).slice(0, 2 + random.below(8));
  return keys.map((key) => {
    const column = spec.fields.findIndex((field) => field.path[0] === key && field.path.length === 1);
    if (column >= 0 && random.below(8) > 0) return { key, values: fitting(random, spec.schema[column]!.type) };
    const others = [
      NUMBERS,
      QUOTED,
      ['1', '2'],
      ['null', '1'],
      ['{"id":1,"name":"n"}', '{"id":2, "name":"m"}'],
      ['[1,2,3]', '[]'],
    ];
    return { key, values: pick(random, others) };
  });
}

/** Records without their line ends: mostly of a few shapes that suit the columns, some random, some broken. */
export function randomRecords(random: Random, spec: DecoderSpec, count: number): Buffer[] {
  spaces = pick(random, [0, 0, 30]);
  const shapes = Array.from({ length: 1 + random.below(6) }, () => shapeOf(random, spec));
  const space = pick(random, ['', '', ' ']);
  return Array.from({ length: count }, () => {
    const kind = random.below(100);
    if (kind === 0) return Buffer.from(pick(random, ODD));
    const text = kind < 15 ? randomObject(random, KEYS, 0) : shapedRecord(random, pick(random, shapes), space);
    const bytes = Buffer.from(text);
    if (random.below(30) === 0) mutate(random, bytes);
    return bytes;
  });
}

function mutate(random: Random, bytes: Buffer): void {
  for (let i = 0; i <= random.below(2) && bytes.length > 0; i++) {
    const place = random.below(bytes.length);
    const byte = pick(
      random,
      [0x22, 0x7b, 0x7d, 0x5b, 0x5d, 0x2c, 0x3a, 0x5c, 0x30, 0x2e, 0x65, 0x20, 0x00, 0x80, 0xc3, 0xff, 0xed, 0x0d],
    );
    bytes[place] = random.below(3) === 0 ? random.below(256) : byte;
    // A newline would cut the record: that is another test's business.
    if (bytes[place] === 10) bytes[place] = 0x20;
  }
}

/** The records as a stream, with a mark, carriage returns and a last newline or not. */
export function joined(random: Random, records: Buffer[]): Buffer {
  const parts: Buffer[] = random.below(5) === 0 ? [Buffer.from([0xef, 0xbb, 0xbf])] : [];
  const isCrlf = random.below(4) === 0;
  for (const [i, record] of records.entries()) {
    parts.push(record);
    if (i < records.length - 1 || random.below(2) === 0) parts.push(Buffer.from(isCrlf ? '\r\n' : '\n'));
  }
  return Buffer.concat(parts);
}
