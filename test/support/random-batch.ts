// Random batches for tests of formats: any types, NULLs, strings that need escaping, edges of every number type.
import fc from 'fast-check';
import type { Value } from '../../src/data/batch.ts';
import type { Column, Schema } from '../../src/data/schema.ts';
import { type DataType, elementOf, fieldsOf, listOf, structOf, type TypeKind } from '../../src/data/type.ts';

export interface RandomBatch {
  schema: Schema;
  rows: Value[][];
}

export const KINDS: readonly TypeKind[] = [
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
  'INTERVAL',
];

/** µs that JavaScript's Date can hold. */
const MICROS_MAX = 8_640_000_000_000_000_000n;

/** Well-formed text with all that a text format may trip over. */
export const text: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({
    unit: fc.constantFrom(
      '"',
      '\\',
      '\n',
      '\r',
      '\t',
      ',',
      ';',
      '\u0000',
      '\u001f',
      '\u007f',
      '\ufeff',
      'a',
      'é',
      '漢',
      '😀',
      ' ',
    ),
  }),
  fc.string({ unit: 'grapheme-ascii', minLength: 15, maxLength: 200 }),
);

/** A value of a type; never NULL. */
export function arbitraryOf(type: DataType): fc.Arbitrary<Value> {
  switch (type.kind) {
    case 'LIST':
      return fc.array(itemOf(elementOf(type)), { maxLength: 4 });
    case 'STRUCT':
      return fc.tuple(...fieldsOf(type).map((field) => itemOf(field.type)));
    case 'BOOLEAN':
      return fc.boolean();
    case 'TINYINT':
      return fc.integer({ min: -128, max: 127 });
    case 'SMALLINT':
      return fc.integer({ min: -32_768, max: 32_767 });
    case 'BIGINT':
    case 'INTERVAL':
      return fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.bigInt({ min: -1000n, max: 1000n }));
    case 'DOUBLE':
      return fc.oneof(
        fc.double(),
        fc.integer().map((n) => n / 100),
      );
    case 'VARCHAR':
      return text;
    case 'JSON':
      return fc.json();
    case 'TIMESTAMP':
      return fc.oneof(
        fc.bigInt({ min: -MICROS_MAX, max: MICROS_MAX }),
        fc.bigInt({ min: 1_600_000_000n, max: 1_800_000_000n }).map((s) => s * 1_000_000n),
      );
    case 'DATE':
      return fc.integer({ min: -100_000_000, max: 100_000_000 });
    default:
      return fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  }
}

const name = fc.oneof(fc.constantFrom('a', 'b', 'id'), fc.string({ unit: 'grapheme', maxLength: 20 }));

/** A type of scalars, or of lists and structs of them; JSON stands alone, because its null would be NULL inside. */
function nestedType(kinds: readonly TypeKind[]): fc.Arbitrary<DataType> {
  const scalars = kinds.filter((kind) => kind !== 'JSON');
  return fc.letrec<{ type: DataType }>((tie) => ({
    type: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom(...scalars).map((kind) => ({ kind })),
      tie('type').map(listOf),
      fc
        .uniqueArray(fc.record({ name, type: tie('type') }), {
          selector: (field) => field.name.toLowerCase(),
          minLength: 1,
          maxLength: 3,
        })
        .map(structOf),
    ),
  })).type;
}

/** A value inside of a nested one: there is one zero. */
function itemOf(type: DataType): fc.Arbitrary<Value> {
  return fc.option(
    arbitraryOf(type).map((value) => (typeof value === 'number' ? value + 0 : value)),
    { freq: 5 },
  );
}

/** A batch of up to eight columns c0, c1, … of the given kinds, and of lists and structs of them if wanted. */
export function randomBatch(
  kinds: readonly TypeKind[] = KINDS,
  rowCountMax = 20,
  hasNested = false,
): fc.Arbitrary<RandomBatch> {
  const scalar: fc.Arbitrary<DataType> = fc.constantFrom(...kinds).map((kind) => ({ kind }));
  const type = hasNested ? fc.oneof(scalar, nestedType(kinds)) : scalar;
  const column = fc.record({ type, nullable: fc.boolean() });
  return fc.array(column, { minLength: 1, maxLength: 8 }).chain((columns) => {
    const schema: Column[] = columns.map(({ type, nullable }, i) => ({ name: `c${i}`, type, nullable }));
    const row = fc.tuple(
      ...schema.map((c) => (c.nullable ? fc.option(arbitraryOf(c.type), { freq: 4 }) : arbitraryOf(c.type))),
    );
    return fc.array(row, { maxLength: rowCountMax }).map((rows) => ({ schema, rows }));
  });
}
