// Runs of records of one shape, mostly of plain values: each odd value must go the way of all others.

import { describe, expect, it } from 'vitest';
import { READ_SLACK } from '../../kernels/layout.ts';
import { POLICY_NULL, POLICY_SKIP } from '../../kernels/layout-formats.ts';
import type { TypeKind } from '../../src/data/type.ts';
import { createJsonDecoder } from '../../src/formats/json-decoder.ts';
import { testMemory } from '../support/linear-memory.ts';
import { createRandom, pick, type Random } from '../support/random.ts';
import { decodeStream } from './decode-stream.ts';
import { decoderSpec } from './decoder-fixture.ts';
import { decodeReference } from './reference-json.ts';

const RECORDS = 60_000;
const BUFFER = 1 << 16;

const digits = (random: Random, count: number) =>
  Array.from({ length: count }, (_, i) => String(i === 0 ? 1 + random.below(9) : random.below(10))).join('');

const integer = (random: Random) => `${random.below(8) === 0 ? '-' : ''}${digits(random, 1 + random.below(15))}`;
const double = (random: Random) =>
  `${random.below(8) === 0 ? '-' : ''}${random.below(4) === 0 ? '0' : digits(random, 1 + random.below(7))}.${digits(random, 1 + random.below(7))}`;
const two = (number: number) => String(number).padStart(2, '0');
const time = (random: Random) =>
  `"2024-02-29T${two(random.below(24))}:${two(random.below(60))}:${two(random.below(60))}${pick(random, ['', `.${digits(random, 1 + random.below(7))}`])}${pick(random, ['Z', ''])}"`;
const text = (random: Random) => `"${'some text, and more of it'.slice(0, random.below(26))}"`;

/** What a value mostly is, by type. */
const PLAIN: Record<string, (random: Random) => string> = {
  BIGINT: integer,
  INTEGER: (random) => digits(random, 1 + random.below(9)),
  DOUBLE: double,
  VARCHAR: text,
  TIMESTAMP: (random) => (random.below(2) === 0 ? time(random) : digits(random, 8 + random.below(9))),
  BOOLEAN: (random) => pick(random, ['true', 'false']),
};
const ODD = [
  ...[
    'null',
    'true',
    'falsy',
    'nul',
    'tru',
    '{}',
    '[1, 2]',
    '{"a":"}"}',
    '""',
    '"é"',
    '"a\\n"',
    '"a\tb"',
    '"open',
    '01',
  ],
  ...[
    '-',
    '-0',
    '-01',
    '0',
    '00',
    '1.',
    '.5',
    '0.',
    '1e3',
    '1E5',
    '1e',
    '1.5e-7',
    '+1',
    '1.2.3',
    '0.1e1',
    '--1',
    '1 ',
    '1x',
  ],
  ...['9007199254740993', '-9007199254740993.0', '123456789012345678', '12345678.', '1234567890123456.7', '99999999'],
  ...[
    '"12"',
    '"1.5"',
    '"2024-02-30T00:00:00Z"',
    '"2024-02-29"',
    '"2024-02-29T10:00:00\\u005a"',
    '"2024-02-29T10:00:00.Z"',
  ],
];

describe('runs of plain records', () => {
  const memory = testMemory();
  const buffer = memory.allocate(BUFFER + READ_SLACK);

  it('agree with JSON.parse wherever a value is not plain', () => {
    for (let done = 0, round = 0; done < RECORDS; round++) {
      const random = createRandom(round);
      const kinds = Array.from({ length: 1 + random.below(5) }, () => pick(random, Object.keys(PLAIN)));
      const wanted = kinds.map(() => random.below(3) > 0);
      wanted[0] = true;
      const columns = kinds.flatMap((kind, i) =>
        wanted[i]
          ? [[`f${i}`, kind as TypeKind, ...(random.below(5) === 0 ? (['NOT NULL'] as const) : [])] as const]
          : [],
      );
      const missing = random.below(3) === 0 ? [['missing', 'BIGINT'] as const] : [];
      const spec = decoderSpec([...columns, ...missing] as never, {
        policy: pick(random, [POLICY_SKIP, POLICY_NULL]),
        capacity: pick(random, [3, 64]),
      });
      const oddOneIn = pick(random, [3, 20, 100]);
      const count = pick(random, [30, 400]);
      done += count;
      const record = () => {
        const fields = kinds.map((kind, i) => {
          const value = random.below(oddOneIn) === 0 ? pick(random, ODD) : PLAIN[kind]!(random);
          return `"${i === 1 ? 'a key of more than sixteen bytes' : `f${i}`}":${value}`;
        });
        return `{${fields.join(',')}}\n`;
      };
      const input = Buffer.from(Array.from({ length: count }, record).join(''));
      const decoder = createJsonDecoder(memory, spec);
      const feed = {
        memory,
        decoder,
        buffer,
        bufferBytes: BUFFER,
        nextRead: () => 1 + random.below(4000),
        stops: false,
      };
      expect(decodeStream(feed, input), `round ${round}`).toEqual(decodeReference(spec, input));
    }
  });
});
