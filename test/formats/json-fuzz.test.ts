// The NDJSON decoder against JSON.parse and plain conversions: random schemas and records, mutated bytes, random read
// sizes, all policies. LAMINAR_TIMES=20 for more.

import { describe, expect, it } from 'vitest';
import { READ_SLACK } from '../../kernels/layout.ts';
import { POLICY_FAIL, POLICY_NULL, POLICY_SKIP } from '../../kernels/layout-formats.ts';
import { type DataType, listOf, structOf } from '../../src/data/type.ts';
import type { DecoderSpec } from '../../src/formats/decoder-spec.ts';
import { createJsonDecoder } from '../../src/formats/json-decoder.ts';
import { testMemory } from '../support/linear-memory.ts';
import { createRandom, often, pick, type Random, SEED, shuffled } from '../support/random.ts';
import { decodeStream } from './decode-stream.ts';
import { joined, randomRecords } from './json-records.ts';
import { decodeReference } from './reference-json.ts';

const RECORDS = often(100_000);
const BUFFER = 1 << 16;

const SCALARS: DataType[] = (
  ['BOOLEAN', 'TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'DOUBLE', 'VARCHAR', 'TIMESTAMP', 'DATE', 'JSON'] as const
).map((kind) => ({ kind }));
const PATHS: (string | number)[][] = [
  ['a'],
  ['b'],
  ['a_rather_long_key_of_many_bytes'],
  ['user', 'id'],
  ['user', 'name'],
  ['user', 'deep', 'er'],
  ['user'],
  ['list', 0],
  ['list', 2],
  ['list'],
  ['list', 1, 'x'],
  ['ключ'],
  ['with "quote"'],
  [''],
  [],
];

function randomType(random: Random, depth: number): DataType {
  const kind = random.below(depth > 2 ? 6 : 10);
  if (kind < 6) return pick(random, SCALARS);
  if (kind < 8) return listOf(randomType(random, depth + 1));
  const names = shuffled(random, ['x', 'id', 'name', 'a name beyond sixteen bytes', 'é']).slice(0, 1 + random.below(4));
  return structOf(names.map((name) => ({ name, type: randomType(random, depth + 1) })));
}

function randomSpec(random: Random): DecoderSpec {
  const paths = shuffled(random, PATHS).slice(0, 1 + random.below(6));
  if (random.below(4) === 0) paths.push(paths[0]!);
  const types = paths.map(() => randomType(random, 0));
  return {
    schema: paths.map((_, i) => ({ name: `c${i}`, type: types[i]!, nullable: random.below(10) > 0 })),
    fields: paths.map((path, position) => ({
      path,
      notNull: random.below(20) === 0,
      timestampUnit: pick(random, ['s', 'ms', 'us', 'ns'] as const),
      position,
    })),
    policy: pick(random, [POLICY_FAIL, POLICY_SKIP, POLICY_SKIP, POLICY_NULL, POLICY_NULL, POLICY_NULL]),
    maxRecordBytes: pick(random, [100, 200, 4096, 4096]),
    capacity: pick(random, [1, 7, 64]),
    options: {},
  };
}

describe('NDJSON', () => {
  const memory = testMemory();
  const buffer = memory.allocate(BUFFER + READ_SLACK);

  it('agrees with JSON.parse on random and mutated records, however they are cut', () => {
    let accepted = 0;
    let rejected = 0;
    for (let done = 0, round = 0; done < RECORDS; round++) {
      const random = createRandom(SEED * 1_000_003 + round);
      const count = pick(random, [3, 20, 150, 600]);
      done += count;
      const spec = randomSpec(random);
      const input = joined(random, randomRecords(random, spec, count));
      const expected = decodeReference(spec, input);
      const readMax = pick(random, [1, 17, 300, 1 << 15]);
      const decoder = createJsonDecoder(memory, spec);
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
