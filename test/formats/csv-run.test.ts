// Runs of CSV records, mostly of plain fields: each odd field must go the way of all others.

import { describe, expect, it } from 'vitest';
import { READ_SLACK } from '../../kernels/layout.ts';
import { POLICY_NULL, POLICY_SKIP } from '../../kernels/layout-formats.ts';
import type { TypeKind } from '../../src/data/type.ts';
import { createCsvDecoder } from '../../src/formats/csv-decoder.ts';
import { testMemory } from '../support/linear-memory.ts';
import { createRandom, pick, type Random } from '../support/random.ts';
import { decodeStream } from './decode-stream.ts';
import { decoderSpec } from './decoder-fixture.ts';
import { decodeReference } from './reference-csv.ts';

const RECORDS = 20_000;
const BUFFER = 1 << 16;

const digits = (random: Random, count: number) =>
  Array.from({ length: count }, (_, i) => String(i === 0 ? 1 + random.below(9) : random.below(10))).join('');
const two = (number: number) => String(number).padStart(2, '0');

/** What a field mostly is, by type. */
const PLAIN: Record<string, (random: Random) => string> = {
  BIGINT: (random) => `${random.below(8) === 0 ? '-' : ''}${digits(random, 1 + random.below(15))}`,
  INTEGER: (random) => digits(random, 1 + random.below(9)),
  DOUBLE: (random) => `${digits(random, 1 + random.below(7))}.${digits(random, 1 + random.below(7))}`,
  VARCHAR: (random) => 'some text; and more of it'.slice(0, random.below(26)),
  TIMESTAMP: (random) => (random.below(2) === 0 ? digits(random, 8 + random.below(9)) : time(random, '29')),
  BOOLEAN: (random) => pick(random, ['true', 'false']),
};
/** A time of that day, mostly one that exists. */
const time = (random: Random, day: string) =>
  `2024-02-${day}T${two(random.below(24))}:${two(random.below(60))}:${two(random.below(60))}${pick(random, ['', '.5', '.1234567'])}${pick(random, ['Z', ''])}`;
const ODD = [
  ...[
    '',
    '0',
    '00',
    '01',
    '-',
    '-0',
    '1.',
    '.5',
    '1e3',
    '1.2.3',
    ' 7 ',
    '+1',
    'NULL',
    'x',
    'é',
    'TRUE',
    'truex',
    'fals',
  ],
  ...[
    '"quoted"',
    '""',
    '"doubled ""quotes"""',
    '"two\nlines"',
    '"a,b"',
    'mid"dle',
    '"open',
    '"x" ',
    '"12"',
    '\r',
    'a\rb',
  ],
  ...[
    '9007199254740993',
    '123456789012345678',
    '12345678.',
    '1234567890123456.7',
    '2024-02-30T00:00:00Z',
    '2024-02-29',
  ],
];

describe('runs of plain CSV records', () => {
  const memory = testMemory();
  const buffer = memory.allocate(BUFFER + READ_SLACK);

  it('pass over blank lines between plain records', () => {
    for (const lineEnd of ['\n', '\r\n']) {
      for (const kind of ['VARCHAR', 'BIGINT'] as const) {
        const spec = decoderSpec([['f0', kind]], { options: { header: true } });
        const input = Buffer.from(['f0', '10', '', '2', '', '', '345', ''].join(lineEnd));
        const decoder = createCsvDecoder(memory, spec);
        const feed = { memory, decoder, buffer, bufferBytes: BUFFER, nextRead: () => 1000, stops: false };
        const values = ['10', '2', '345'].map((text) => [kind === 'BIGINT' ? BigInt(text) : text]);
        expect(decodeStream(feed, input).rows).toEqual(values);
      }
    }
  });

  it('agree with a plain reader wherever a field is not plain', () => {
    for (let done = 0, round = 0; done < RECORDS; round++) {
      const random = createRandom(round);
      const kinds = Array.from({ length: 1 + random.below(5) }, () => pick(random, Object.keys(PLAIN)));
      const columns = kinds.map((kind, i) => [
        `f${i}`,
        kind as TypeKind,
        ...(random.below(5) === 0 ? ['NOT NULL'] : []),
      ]);
      const wanted = columns.filter((_, i) => i === 0 || random.below(3) > 0);
      const spec = decoderSpec(wanted as never, {
        policy: pick(random, [POLICY_SKIP, POLICY_NULL]),
        capacity: pick(random, [3, 64, 700]),
        maxRecordBytes: pick(random, [40, 1 << 14]),
        options: { header: true, null: pick(random, ['', '', 'NULL', '7']), delimiter: pick(random, [',', ',', '|']) },
      });
      const delimiter = spec.options['delimiter'] as string;
      const lineEnd = pick(random, ['\n', '\n', '\r\n']);
      const oddOneIn = pick(random, [3, 30, 1000]);
      const count = pick(random, [20, 20, 20, 600]);
      done += count;
      const record = () => {
        const fields = kinds.map((kind) => (random.below(oddOneIn) === 0 ? pick(random, ODD) : PLAIN[kind]!(random)));
        const width = random.below(10 * oddOneIn) === 0 ? 1 + random.below(kinds.length + 1) : kinds.length;
        return `${fields.slice(0, width).join(delimiter)}${lineEnd}`;
      };
      const names = `${kinds.map((_, i) => `f${i}`).join(delimiter)}\n`;
      const input = Buffer.from(names + Array.from({ length: count }, record).join(''));
      const decoder = createCsvDecoder(memory, spec);
      const nextRead = () => 1 + random.below(9000);
      const feed = { memory, decoder, buffer, bufferBytes: BUFFER, nextRead, stops: false };
      expect(decodeStream(feed, input), `round ${round}`).toEqual(decodeReference(spec, input));
    }
  });
});
