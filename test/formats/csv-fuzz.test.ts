// The CSV decoder against a plain reader: random dialects, schemas and records, stray quotes, mutated bytes, random read
// sizes, all policies. LAMINAR_TIMES=20 for more.

import { describe, expect, it } from 'vitest';
import { READ_SLACK } from '../../kernels/layout.ts';
import { POLICY_FAIL, POLICY_NULL, POLICY_SKIP } from '../../kernels/layout-formats.ts';
import type { TypeKind } from '../../src/data/type.ts';
import { createCsvDecoder } from '../../src/formats/csv-decoder.ts';
import type { DecoderSpec } from '../../src/formats/decoder-spec.ts';
import { testMemory } from '../support/linear-memory.ts';
import { createRandom, often, pick, type Random, SEED, shuffled } from '../support/random.ts';
import { decodeStream } from './decode-stream.ts';
import { decodeReference } from './reference-csv.ts';

const RECORDS = often(100_000);
const BUFFER = 1 << 17;

const TYPES: TypeKind[] = [
  'BOOLEAN',
  'TINYINT',
  'SMALLINT',
  'INTEGER',
  'BIGINT',
  'DOUBLE',
  'VARCHAR',
  'TIMESTAMP',
  'DATE',
  'JSON',
];
const FITTING: Record<string, readonly string[]> = {
  BOOLEAN: ['true', 'false', 'TRUE'],
  TINYINT: ['0', '-12', '123', ' 7 ', '1e1'],
  SMALLINT: ['0', '31000', '-300'],
  INTEGER: ['0', '123', '-2147483648', '2147483647', '12345678'],
  BIGINT: [
    '0',
    '517',
    '-12',
    '12345678',
    '123456789',
    '1699999999392',
    '1234567890123456',
    '12345678901234567',
    '9223372036854775807',
  ],
  DOUBLE: [
    '0',
    '110.68',
    '-0.5',
    '1.',
    '.5',
    '12345.67',
    '1234567',
    '12345678',
    '123456.789',
    '1e-7',
    '-1.5e300',
    'nan',
    '-0',
    '0.1234567890123456789',
  ],
  VARCHAR: [
    '',
    'SYM337',
    'buy',
    'größe',
    '日本語',
    'a long text of more than sixteen bytes',
    ' spaced ',
    'say "hi"',
    'x',
  ],
  TIMESTAMP: [
    '1699999999392',
    '0',
    '-5',
    '1699999999.5',
    '2024-02-29T12:34:56Z',
    '2024-02-29T12:34:56.789Z',
    '2024-02-29 12:34:56+02',
  ],
  DATE: ['2024-02-29', '1969-12-31', '2024-2-9'],
  JSON: ['1', '"x"', '{"id":1}', '[1, 2]', '{}', 'null', ' {"a":\n"b"} '],
};
const NAMES = ['a', 'b', 'Price', 'größe', 'with space', 'with "quote"', 'with,comma', 'two\nlines', ''];

function randomSpec(random: Random): { spec: DecoderSpec; types: (TypeKind | null)[]; names: string[] } {
  const names = shuffled(random, NAMES).slice(0, 1 + random.below(NAMES.length));
  const types: (TypeKind | null)[] = names.map(() => (random.below(3) === 0 ? null : pick(random, TYPES)));
  if (!types.some((type) => type !== null)) types[0] = 'VARCHAR';
  const wanted = shuffled(
    random,
    [...types.keys()].filter((place) => types[place] !== null),
  );
  return {
    names,
    types,
    spec: {
      schema: wanted.map((place, i) => ({
        name: `c${i}`,
        type: { kind: types[place]! },
        nullable: random.below(10) > 0,
      })),
      fields: wanted.map((place) => ({
        path: [names[place]!],
        notNull: random.below(20) === 0,
        timestampUnit: pick(random, ['s', 'ms', 'us', 'ns'] as const),
        position: place,
      })),
      policy: pick(random, [POLICY_FAIL, POLICY_SKIP, POLICY_SKIP, POLICY_NULL, POLICY_NULL]),
      maxRecordBytes: pick(random, [120, 300, 8192, 8192, 60_000]),
      capacity: pick(random, [1, 7, 300]),
      options: {
        header: random.below(2) === 0,
        delimiter: pick(random, [',', ',', ',', ';', '\t', '|']),
        quote: pick(random, ['"', '"', '"', "'"]),
        null: pick(random, ['', '', '', '\\N', 'NULL', '0', 'x']),
      },
    },
  };
}

function quoted(text: string, quote: string): string {
  return `${quote}${text.replaceAll(quote, quote + quote)}${quote}`;
}

function randomField(random: Random, type: TypeKind | null, spec: DecoderSpec): string {
  const { delimiter, quote } = spec.options as { delimiter: string; quote: string };
  const kind = random.below(60);
  if (kind === 0) return String(spec.options['null']);
  if (kind === 1)
    return pick(random, [
      `${quote}open`,
      `${quote}a${quote}b`,
      `${quote}`,
      `${quote}${quote}${quote}`,
      `mid${quote}dle`,
      `end${quote}`,
      `${quote}x${quote} `,
    ]);
  if (kind === 2)
    return quoted(
      pick(random, [
        'two\nlines',
        `de${delimiter}lim`,
        `q${quote}q`,
        quote,
        `${quote}${quote}`,
        'cr\r\nlf',
        '\n',
        '',
        '\r',
        `${quote}\n${quote}`,
      ]),
      quote,
    );
  if (kind === 3) return pick(random, ['', '\r', 'a\rb', 'x'.repeat(random.below(100)), 'zzz']);
  const text = pick(random, FITTING[type ?? pick(random, TYPES)]!);
  const isPlain = ![delimiter, quote, '\n', '\r'].some((special) => text.includes(special));
  return isPlain && random.below(8) > 0 ? text : quoted(text, quote);
}

function randomInput(random: Random, made: ReturnType<typeof randomSpec>, count: number): Buffer {
  const { spec, types, names } = made;
  const { delimiter, quote, header } = spec.options as { delimiter: string; quote: string; header: boolean };
  const isQuiet = random.below(3) === 0;
  const lineEnd = pick(random, ['\n', '\n', '\r\n']);
  const parts: Buffer[] = random.below(5) === 0 ? [Buffer.from('\ufeff')] : [];
  if (header) parts.push(Buffer.from(names.map((name) => quoted(name, quote)).join(delimiter) + lineEnd));
  for (let i = 0; i < count; i++) {
    const fields = types.map((type) => {
      const plain = isQuiet ? pick(random, FITTING[type ?? 'BIGINT']!) : '';
      const isPlain = isQuiet && ![delimiter, quote, '\n'].some((special) => plain.includes(special));
      return isPlain ? plain : randomField(random, type, spec);
    });
    if (random.below(80) === 0) fields.push('surplus');
    if (random.below(80) === 0) fields.pop();
    const record = Buffer.from(random.below(60) === 0 ? '' : fields.join(delimiter));
    if (random.below(60) === 0 && record.length > 0)
      record[random.below(record.length)] = pick(random, [0xff, 0x80, 0xc3, 0x22, 0x2c, 0x00, 0x0a]);
    parts.push(record);
    if (i < count - 1 || random.below(2) === 0) parts.push(Buffer.from(lineEnd));
  }
  return Buffer.concat(parts);
}

describe('CSV', () => {
  const memory = testMemory();
  const buffer = memory.allocate(BUFFER + READ_SLACK);

  it('agrees with a plain reader on random, stray and mutated records, however they are cut', () => {
    let accepted = 0;
    let rejected = 0;
    for (let done = 0, round = 0; done < RECORDS; round++) {
      const random = createRandom(SEED * 1_000_003 + round);
      const count = pick(random, [1, 3, 20, 150, 700]);
      done += count;
      const made = randomSpec(random);
      const { spec } = made;
      const input = randomInput(random, made, count);
      const expected = decodeReference(spec, input);
      const readMax = pick(random, [1, 17, 300, 1 << 15]);
      const decoder = createCsvDecoder(memory, spec);
      const stops = spec.policy === POLICY_FAIL;
      const feed = { memory, decoder, buffer, bufferBytes: BUFFER, nextRead: () => 1 + random.below(readMax), stops };
      const got = decodeStream(feed, input);
      if (stops && expected.rejects.length > 0) {
        expect(got.rejects, `round ${round}`).toEqual(expected.rejects.slice(0, 1));
        expect(got.rows, `round ${round}`).toEqual(expected.rows.slice(0, got.rows.length));
      } else expect(got, `round ${round}`).toEqual(expected);
      accepted += got.rows.length;
      rejected += got.rejects.length;
    }
    // The fuzz would prove little if almost everything were refused, or nothing.
    expect(accepted).toBeGreaterThan(RECORDS / 10);
    expect(rejected).toBeGreaterThan(RECORDS / 200);
  }, 600_000);
});
