// GENERATOR: a source of rows described column by column (src/plan/generator-columns.ts, kernels/generator.ts). Only
// the columns that the plan reads are made.

import {
  GENERATOR_COLUMN_COUNT,
  GENERATOR_COLUMNS,
  GENERATOR_RECORD_BYTES,
  GENERATOR_STATE_BYTES,
  MAKE_BYTES,
  MAKE_CHOICE,
  MAKE_CYCLE,
  MAKE_DOUBLE_RANDOM,
  MAKE_DOUBLE_SEQUENCE,
  MAKE_FIRST,
  MAKE_KEY,
  MAKE_KEY_BYTES,
  MAKE_LETTERS,
  MAKE_NULL_RATE,
  MAKE_OPERATION,
  MAKE_PRINT,
  MAKE_RANDOM,
  MAKE_SEQUENCE,
  MAKE_STEP,
  MAKE_STREAM,
  MAKE_UNIT_MICROS,
  MAKE_VALUE_COUNT,
  MAKE_VALUES,
  MAKER_SEED,
  PRINT_DATE,
  PRINT_EPOCH,
  PRINT_NUMBER,
  PRINT_TEXT,
} from '../../kernels/layout-makers.ts';
import { unreachable } from '../base/assert.ts';
import { LaminarError } from '../base/errors.ts';
import type { LinearMemory } from '../data/memory.ts';
import { type GeneratorRecipe, generatorColumn, type WholePrint } from '../plan/generator-columns.ts';
import type { EndpointSpec } from '../plan/node.ts';
import type { SourceField, SourceNode } from '../plan/source-node.ts';
import type { SplitReader } from './connector.ts';
import { numberOption, store64, storeSeed, UNIT_MICROS } from './made-records.ts';
import { RecordMaker } from './record-maker.ts';

/** Bytes a value takes at most when it is a number, a date or a time, and bytes that wide stores may write past it. */
const NUMBER_BYTES = 40;
const SLACK_BYTES = 64;

const PRINTS: Record<WholePrint, number> = {
  number: PRINT_NUMBER,
  text: PRINT_TEXT,
  epoch: PRINT_EPOCH,
  date: PRINT_DATE,
};

const encoder = new TextEncoder();

/** Opens the source: one split. @throws LMN-5040 when a column cannot be made as its options say. */
export function openGenerator(
  spec: EndpointSpec,
  context: { node: SourceNode; memory: LinearMemory; now: () => number },
): SplitReader {
  const { node, memory, now } = context;
  const state = memory.allocateZeroed(GENERATOR_STATE_BYTES);
  const columns = memory.allocateZeroed(Math.max(node.fields.length, 1) * MAKE_BYTES);
  let recordBytes = SLACK_BYTES;
  node.fields.forEach((field, index) => {
    recordBytes += describe(memory, columns + index * MAKE_BYTES, { spec, node, field, index });
  });
  storeSeed(memory, state + MAKER_SEED, numberOption(spec, 'seed', 1));
  memory.store32(state + GENERATOR_COLUMN_COUNT, node.fields.length);
  memory.store32(state + GENERATOR_COLUMNS, columns);
  memory.store32(state + GENERATOR_RECORD_BYTES, recordBytes);
  return new RecordMaker(memory, {
    name: 'generator',
    fill: memory.kernels.generatorFill,
    state,
    recordBytes: Math.max(2 * recordBytes, 4096),
    numberAfter: (count) => count,
    eventCount: numberOption(spec, 'rows', 0) || Number.POSITIVE_INFINITY,
    rate: numberOption(spec, 'rate', 0),
    now,
  });
}

interface Described {
  spec: EndpointSpec;
  node: SourceNode;
  field: SourceField;
  index: number;
}

/** Fills one column descriptor. @returns the bytes that the column takes of a record at most. */
function describe(memory: LinearMemory, at: number, described: Described): number {
  const { spec, node, field, index } = described;
  const column = node.schema[index] as SourceNode['schema'][number];
  const { recipe, nullRate } = generatorColumn({ ...column, nullable: !field.notNull }, spec.options);
  const key = encoder.encode(`,${JSON.stringify(keyOf(described))}:`);
  const keyAddress = memory.store(key);
  const valueBytes = storeRecipe(memory, at, recipe);
  memory.store32(at + MAKE_KEY, keyAddress);
  memory.store32(at + MAKE_KEY_BYTES, key.length);
  memory.store32(at + MAKE_UNIT_MICROS, UNIT_MICROS[field.timestampUnit]);
  memory.f64[(at + MAKE_NULL_RATE) >>> 3] = nullRate;
  store64(memory, at + MAKE_STREAM, streamOf(column.name));
  return key.length + valueBytes;
}

/** A generated record is flat: a column is written under the one name it is read by. */
function keyOf({ node, field, index }: Described): string {
  const [name] = field.path;
  if (field.path.length === 1 && typeof name === 'string') return name;
  throw new LaminarError('LMN-5040', `GENERATOR cannot make a nested field (column ${node.schema[index]?.name})`, {
    hint: "leave out the column's path",
    at: { name: `source ${node.name}` },
  });
}

/** @returns the bytes of the longest value. */
function storeRecipe(memory: LinearMemory, at: number, recipe: GeneratorRecipe): number {
  const operation = (code: number) => memory.store32(at + MAKE_OPERATION, code);
  const range = (first: bigint, step: bigint) => {
    store64(memory, at + MAKE_FIRST, first);
    store64(memory, at + MAKE_STEP, step);
  };
  switch (recipe.kind) {
    case 'values':
      operation(recipe.order === 'cycle' ? MAKE_CYCLE : MAKE_CHOICE);
      return storeValues(memory, at, recipe.texts);
    case 'sequence':
      operation(MAKE_SEQUENCE);
      memory.store32(at + MAKE_PRINT, PRINTS[recipe.print]);
      range(recipe.first, recipe.step);
      return NUMBER_BYTES;
    case 'random':
      operation(MAKE_RANDOM);
      memory.store32(at + MAKE_PRINT, PRINTS[recipe.print]);
      range(recipe.first, recipe.count);
      return NUMBER_BYTES;
    case 'double':
      operation(recipe.order === 'sequence' ? MAKE_DOUBLE_SEQUENCE : MAKE_DOUBLE_RANDOM);
      memory.f64[(at + MAKE_FIRST) >>> 3] = recipe.first;
      memory.f64[(at + MAKE_STEP) >>> 3] = recipe.step;
      return NUMBER_BYTES;
    case 'letters':
      operation(MAKE_LETTERS);
      range(BigInt(recipe.least), BigInt(recipe.greatest - recipe.least + 1));
      return recipe.greatest + NUMBER_BYTES;
    default:
      return unreachable(recipe);
  }
}

function storeValues(memory: LinearMemory, at: number, texts: readonly string[]): number {
  const table = memory.allocate(texts.length * 8);
  let longest = 'null'.length;
  texts.forEach((text, index) => {
    const bytes = encoder.encode(text);
    const address = memory.store(bytes);
    memory.store32(table + index * 8, address);
    memory.store32(table + index * 8 + 4, bytes.length);
    longest = Math.max(longest, bytes.length);
  });
  memory.store32(at + MAKE_VALUES, table);
  memory.store32(at + MAKE_VALUE_COUNT, texts.length);
  return longest;
}

/** FNV-1a of the column's name: the same random numbers whichever columns stand around it. */
function streamOf(name: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of encoder.encode(name.toLowerCase())) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return hash;
}
