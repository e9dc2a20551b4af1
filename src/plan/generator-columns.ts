// What a column of a GENERATOR is made of: its options and type → a recipe, plain data for the kernel's descriptor.
//
//   sequence  start + n · step                     constant  start, or the only value
//   random    between min and max, or of values    cycle     values in turn
//
// Without `kind` a column is random where min, max or values are given, a sequence where start or step are, and else a
// sequence for whole numbers and times and random for the rest. BOOLEAN draws from, or cycles through, false and true.

import { LaminarError } from '../base/errors.ts';
import { type DataType, isInteger } from '../data/type.ts';
import { dateDays, durationMicros, integerRange, timestampMicros, valueTexts } from './generator-values.ts';
import type { OptionScalar } from './option-spec.ts';

export type GeneratorRecipe =
  /** JSON texts, in turn or by chance. */
  | { kind: 'values'; order: 'cycle' | 'random'; texts: string[] }
  /** first + n · step. */
  | { kind: 'sequence'; first: bigint; step: bigint; print: WholePrint }
  /** One of `count` whole numbers from `first` on. */
  | { kind: 'random'; first: bigint; count: bigint; print: WholePrint }
  | { kind: 'double'; order: 'sequence' | 'random'; first: number; step: number }
  /** From `least` to `greatest` letters. */
  | { kind: 'letters'; least: number; greatest: number };

/** How a whole number is written: as it is, in quotes, µs in the column's unit, days as a date. */
export type WholePrint = 'number' | 'text' | 'epoch' | 'date';

export interface GeneratorColumn {
  recipe: GeneratorRecipe;
  /** Share of NULLs, 0 to 1. */
  nullRate: number;
}

type ColumnOptions = Partial<Record<'kind' | 'min' | 'max' | 'start' | 'step' | 'values' | 'null_rate', OptionScalar>>;
type Kind = 'sequence' | 'random' | 'constant' | 'cycle';

const DAY_MICROS = 86_400_000_000n;
/** 2024-01-01 in days. */
const FIRST_DAY = 19_723n;
const LETTERS_DEFAULT = 8;
/** Letters of one text at most. */
const LETTERS_MAX = 65_536;

const OPTIONS_OF_KIND: Record<Kind, readonly string[]> = {
  sequence: ['start', 'step'],
  random: ['min', 'max', 'values'],
  constant: ['start', 'values'],
  cycle: ['values'],
};

interface Column {
  name: string;
  type: DataType;
  nullable: boolean;
}

/**
 * The recipe of a column from a GENERATOR's options (`COLUMN.option`, the name in any case). Times may be µs or text,
 * dates days or text.
 * @throws LMN-5040 for options that do not fit the column or each other.
 */
export function generatorColumn(column: Column, options: Readonly<Record<string, OptionScalar>>): GeneratorColumn {
  const prefix = `${column.name.toLowerCase()}.`;
  const own: ColumnOptions = {};
  for (const [key, value] of Object.entries(options)) {
    if (key.toLowerCase().startsWith(prefix))
      own[key.slice(prefix.length).toLowerCase() as keyof ColumnOptions] = value;
  }
  const kind = kindOf(column, own);
  for (const name of ['min', 'max', 'start', 'step', 'values'] as const) {
    if (own[name] !== undefined && !OPTIONS_OF_KIND[kind].includes(name)) {
      throw refusal(column, name, `has no use with kind '${kind}'`, `it takes ${OPTIONS_OF_KIND[kind].join(', ')}`);
    }
  }
  const nullRate = Number(own.null_rate ?? 0);
  if (!(nullRate >= 0 && nullRate <= 1))
    throw refusal(column, 'null_rate', `cannot be '${own.null_rate}'`, 'use 0 to 1');
  if (nullRate > 0 && !column.nullable) {
    throw refusal(column, 'null_rate', 'cannot be above 0 for a NOT NULL column', 'leave one of the two out');
  }
  return { recipe: recipeOf(column, own, kind), nullRate };
}

function kindOf(column: Column, options: ColumnOptions): Kind {
  if (options.kind !== undefined) {
    const kind = String(options.kind).toLowerCase();
    if (kind in OPTIONS_OF_KIND) return kind as Kind;
    throw refusal(column, 'kind', `cannot be '${kind}'`, "use 'sequence', 'random', 'constant' or 'cycle'");
  }
  if (options.min !== undefined || options.max !== undefined || options.values !== undefined) return 'random';
  if (options.start !== undefined || options.step !== undefined) return 'sequence';
  const { type } = column;
  return isInteger(type) || type.kind === 'TIMESTAMP' || type.kind === 'DATE' ? 'sequence' : 'random';
}

function recipeOf(column: Column, options: ColumnOptions, kind: Kind): GeneratorRecipe {
  if (options.values !== undefined) return fromValues(column, String(options.values), kind);
  if (kind === 'cycle') throw refusal(column, 'values', 'is missing', 'cycle takes the values of a list in turn');
  switch (column.type.kind) {
    case 'BOOLEAN':
      return booleanRecipe(column, options, kind);
    case 'DOUBLE':
      return doubleRecipe(column, options, kind);
    case 'VARCHAR':
    case 'JSON':
      if (kind === 'random') return lettersRecipe(column, options);
      return wholeRecipe(column, options, kind, column.type.kind === 'JSON' ? 'number' : 'text');
    case 'TIMESTAMP':
      return wholeRecipe(column, options, kind, 'epoch');
    case 'DATE':
      return wholeRecipe(column, options, kind, 'date');
    case 'TINYINT':
    case 'SMALLINT':
    case 'INTEGER':
    case 'BIGINT':
      return wholeRecipe(column, options, kind, 'number');
    default:
      throw new LaminarError('LMN-5040', `GENERATOR cannot make ${column.type.kind} values (column ${column.name})`, {
        hint: 'leave the column out, or compute it in the query',
      });
  }
}

function fromValues(column: Column, list: string, kind: Kind): GeneratorRecipe {
  const texts = valueTexts(column.type, list);
  if ('wrong' in texts) {
    throw refusal(
      column,
      'values',
      `has '${texts.wrong}', which is no ${column.type.kind}`,
      'separate values by commas',
    );
  }
  if (kind === 'constant' && texts.length > 1) throw refusal(column, 'values', 'has more than one value', 'give one');
  return { kind: 'values', order: kind === 'random' ? 'random' : 'cycle', texts };
}

function booleanRecipe(column: Column, options: ColumnOptions, kind: Kind): GeneratorRecipe {
  for (const name of ['min', 'max', 'step'] as const) {
    if (options[name] !== undefined) throw refusal(column, name, 'has no use for a BOOLEAN', "give values = 'true'");
  }
  const first = String(options.start ?? false).toLowerCase();
  const isTrue = first === 'true' || first === '1';
  const texts = isTrue ? ['true', 'false'] : ['false', 'true'];
  if (kind === 'constant') return { kind: 'values', order: 'cycle', texts: texts.slice(0, 1) };
  return { kind: 'values', order: kind === 'random' ? 'random' : 'cycle', texts };
}

function doubleRecipe(column: Column, options: ColumnOptions, kind: Kind): GeneratorRecipe {
  const read = (name: 'min' | 'max' | 'start' | 'step', fallback: number): number => {
    const value = Number(options[name] ?? fallback);
    if (!Number.isFinite(value)) throw refusal(column, name, `cannot be '${options[name]}'`, 'use a number');
    return value;
  };
  if (kind === 'constant') return { kind: 'values', order: 'cycle', texts: [JSON.stringify(read('start', 0))] };
  if (kind === 'sequence') return { kind: 'double', order: 'sequence', first: read('start', 0), step: read('step', 1) };
  const first = read('min', options.max === undefined ? 0 : Math.min(0, read('max', 0)));
  const last = read('max', first + 100);
  if (last < first) throw refusal(column, 'max', `is below min (${first})`, 'swap the two');
  return { kind: 'double', order: 'random', first, step: last - first };
}

function lettersRecipe(column: Column, options: ColumnOptions): GeneratorRecipe {
  if (column.type.kind === 'JSON') {
    throw refusal(column, 'values', 'is missing', 'random JSON is drawn from a list of values');
  }
  const read = (name: 'min' | 'max', fallback: number): number => {
    const value = Number(options[name] ?? fallback);
    if (Number.isInteger(value) && value >= 0 && value <= LETTERS_MAX) return value;
    throw refusal(column, name, `cannot be '${options[name]}'`, `use a number of letters, 0 to ${LETTERS_MAX}`);
  };
  const greatest = read('max', Math.max(LETTERS_DEFAULT, Number(options.min ?? 0)));
  const least = read('min', Math.min(LETTERS_DEFAULT, greatest));
  if (greatest < least) throw refusal(column, 'max', `is below min (${least})`, 'swap the two');
  return { kind: 'letters', least, greatest };
}

function wholeRecipe(column: Column, options: ColumnOptions, kind: Kind, print: WholePrint): GeneratorRecipe {
  const { least, greatest } = integerRange(column.type);
  const isTime = print === 'epoch' || print === 'date';
  const origin = print === 'epoch' ? FIRST_DAY * DAY_MICROS : print === 'date' ? FIRST_DAY : 0n;
  const read = (name: 'min' | 'max' | 'start' | 'step', fallback: bigint): bigint => {
    const given = options[name];
    if (given === undefined) return fallback;
    const value = name === 'step' ? stepOf(given, print) : wholeOf(given, print);
    if (value !== null && value >= least && value <= greatest) return value;
    const wish = isTime
      ? name === 'step'
        ? 'a length of time'
        : 'a time'
      : `a whole number from ${least} to ${greatest}`;
    throw refusal(column, name, `cannot be '${given}'`, `use ${wish}`);
  };
  if (kind !== 'random') {
    const step = kind === 'constant' ? 0n : read('step', print === 'epoch' ? 1000n : 1n);
    return { kind: 'sequence', first: read('start', origin), step, print };
  }
  const width = print === 'epoch' ? DAY_MICROS : print === 'date' ? 365n : 100n;
  const max = options.max === undefined ? null : read('max', 0n);
  const first = read('min', max !== null && max < origin ? larger(max - width, least) : origin);
  const last = max ?? smaller(first + width, greatest);
  if (last < first) throw refusal(column, 'max', `is below min (${options.min})`, 'swap the two');
  return { kind: 'random', first, count: last - first + 1n, print };
}

function wholeOf(value: OptionScalar, print: WholePrint): bigint | null {
  if (typeof value === 'string' && print === 'epoch') return timestampMicros(value);
  if (typeof value === 'string' && print === 'date') return dateDays(value);
  if (typeof value === 'string') return /^\s*[+-]?\d+\s*$/.test(value) ? BigInt(value.trim().replace('+', '')) : null;
  return Number.isInteger(value) ? BigInt(value) : null;
}

function stepOf(value: OptionScalar, print: WholePrint): bigint | null {
  if (typeof value !== 'string' || (print !== 'epoch' && print !== 'date')) return wholeOf(value, 'number');
  const micros = durationMicros(value);
  if (micros === null || print === 'epoch') return micros;
  return micros % DAY_MICROS === 0n ? micros / DAY_MICROS : null;
}

const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);

function refusal(column: Column, option: string, what: string, hint: string): LaminarError {
  return new LaminarError('LMN-5040', `GENERATOR option ${column.name}.${option} ${what}`, { hint });
}
