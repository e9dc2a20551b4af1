// SQL types and Arrow types: what a sink writes, and which Arrow column can be read into which declared column.
//
// A TIMESTAMP is an instant, so it is written with the zone UTC; on reading the zone does not matter, as Arrow's values
// count from the epoch in UTC whatever the zone, and those without one are taken for UTC.

import {
  DataType as Arrow,
  type DataType as ArrowType,
  Bool,
  type Data,
  DateDay,
  DateUnit,
  DurationMicrosecond,
  Field,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  List,
  Struct,
  TimestampMicrosecond,
  TimeUnit,
  Utf8,
} from 'apache-arrow';
import { LaminarError } from '../base/errors.ts';
import { type DataType, elementOf, fieldsOf } from '../data/type.ts';
import type { SourceField } from '../plan/source-node.ts';
import { arrowDecimalOf, decimalFill } from './arrow-decimals.ts';
import { nestedFill } from './arrow-nested.ts';
import {
  copyBigints,
  copyDates,
  copyDoubles,
  type Fill,
  fillBigints,
  fillBigintsFromDoubles,
  fillBooleans,
  fillDates,
  fillDoublesFromBigints,
  integerFill,
  timeFill,
  wholeNumberFill,
} from './arrow-numbers.ts';
import { type DictionaryText, fillJson, fillText } from './arrow-text.ts';
import { UNIT_POWERS } from './decoder-spec.ts';

/** The Arrow type that a column is written as. @throws LaminarError LMN-6050 */
export function arrowTypeOf(type: DataType): ArrowType {
  switch (type.kind) {
    case 'BOOLEAN':
      return new Bool();
    case 'TINYINT':
      return new Int8();
    case 'SMALLINT':
      return new Int16();
    case 'INTEGER':
      return new Int32();
    case 'BIGINT':
      return new Int64();
    case 'DECIMAL':
      return arrowDecimalOf(type);
    case 'DOUBLE':
      return new Float64();
    case 'VARCHAR':
    case 'JSON':
      return new Utf8();
    case 'TIMESTAMP':
      return new TimestampMicrosecond('UTC');
    case 'DATE':
      return new DateDay();
    case 'INTERVAL':
      return new DurationMicrosecond();
    case 'LIST':
      return new List(new Field('item', arrowTypeOf(elementOf(type)), true));
    case 'STRUCT':
      return new Struct(fieldsOf(type).map((field) => new Field(field.name, arrowTypeOf(field.type), true)));
    default:
      throw new LaminarError('LMN-6050', `a column of type ${type.kind} cannot be written`, {
        hint: 'give it a type: CAST(NULL AS VARCHAR)',
      });
  }
}

/** What a fill needs besides the types. */
export interface FillContext {
  /** Unit of times that are written as numbers. */
  unit: SourceField['timestampUnit'];
  /** The column's dictionary, if it turns out to have one. */
  dictionary: DictionaryText;
}

/** How a declared column is filled from an Arrow column, null when the types do not fit. */
export function fillOf(type: DataType, arrow: ArrowType, context: FillContext): Fill | null {
  switch (type.kind) {
    case 'BOOLEAN':
      return Arrow.isBool(arrow) ? fillBooleans : null;
    case 'TINYINT':
      return narrowIntegerFill(arrow, -0x80, 0x7f);
    case 'SMALLINT':
      return narrowIntegerFill(arrow, -0x8000, 0x7fff);
    case 'INTEGER':
      return narrowIntegerFill(arrow, -0x8000_0000, 0x7fff_ffff);
    case 'BIGINT':
      if (Arrow.isInt(arrow)) return arrow.isSigned && arrow.bitWidth === 64 ? copyBigints : fillBigints;
      return Arrow.isFloat(arrow) ? fillBigintsFromDoubles : null;
    case 'DECIMAL':
      return decimalFill(type, arrow);
    case 'DOUBLE':
      if (Arrow.isInt(arrow)) return arrow.bitWidth === 64 ? fillDoublesFromBigints : copyDoubles;
      return Arrow.isFloat(arrow) ? copyDoubles : null;
    case 'TIMESTAMP':
      return timestampFill(arrow, context.unit);
    case 'DATE':
      if (!Arrow.isDate(arrow)) return null;
      return arrow.unit === DateUnit.DAY ? copyDates : fillDates;
    case 'VARCHAR':
    case 'JSON':
      return textFill(type, arrow, context.dictionary);
    case 'LIST':
    case 'STRUCT':
      return nestedFill(type, arrow, { epoch: epochOf(UNIT_POWERS[context.unit]), timeOf });
    default:
      return null;
  }
}

function narrowIntegerFill(arrow: ArrowType, least: number, most: number): Fill | null {
  if (Arrow.isInt(arrow)) return integerFill(least, most);
  return Arrow.isFloat(arrow) ? wholeNumberFill(least, most) : null;
}

const TIME_POWERS: Record<TimeUnit, number> = {
  [TimeUnit.SECOND]: 6,
  [TimeUnit.MILLISECOND]: 3,
  [TimeUnit.MICROSECOND]: 0,
  [TimeUnit.NANOSECOND]: -3,
};
const DAY_MICROS = 86_400_000_000n;

function timestampFill(arrow: ArrowType, unit: SourceField['timestampUnit']): Fill | null {
  if (Arrow.isTimestamp(arrow)) return epochFill(TIME_POWERS[arrow.unit]);
  if (Arrow.isInt(arrow)) {
    const isExact = unit === 'us' && !(arrow.isSigned && arrow.bitWidth === 64);
    return isExact ? fillBigints : epochFill(UNIT_POWERS[unit]);
  }
  if (!Arrow.isDate(arrow)) return null;
  return arrow.unit === DateUnit.DAY ? timeFill(DAY_MICROS, 1n) : epochFill(3);
}

/** µs of one unit, 10^power of them. */
function epochOf(power: number): { micros: bigint; per: bigint } {
  return power > 0 ? { micros: 10n ** BigInt(power), per: 1n } : { micros: 1n, per: 10n ** BigInt(-power) };
}

/** µs of one unit of an Arrow type of times. */
function timeOf(arrow: ArrowType): { micros: bigint; per: bigint } | null {
  if (Arrow.isTimestamp(arrow)) return epochOf(TIME_POWERS[arrow.unit]);
  if (!Arrow.isDate(arrow)) return null;
  return arrow.unit === DateUnit.DAY ? { micros: DAY_MICROS, per: 1n } : epochOf(3);
}

function epochFill(power: number): Fill {
  if (power === 0) return copyBigints;
  return power > 0 ? timeFill(10n ** BigInt(power), 1n) : timeFill(1n, 10n ** BigInt(-power));
}

function textFill(type: DataType, arrow: ArrowType, dictionary: DictionaryText): Fill | null {
  const isJson = type.kind === 'JSON';
  if (isText(arrow)) return isJson ? fillJson : fillText;
  if (!Arrow.isDictionary(arrow) || !isText(arrow.dictionary)) return null;
  return (target, data, from, count) => dictionary.fill(target, data, from, count);
}

function isText(arrow: ArrowType): boolean {
  return Arrow.isUtf8(arrow) || Arrow.isLargeUtf8(arrow);
}

/** Whether the buffers of a column hold as many rows as it says: what comes from outside is not believed. */
export function hasRows(data: Data, rows: number): boolean {
  const bitmapBytes = Math.ceil(rows / 8);
  if (data.length !== rows || data.offset !== 0) return false;
  if (data.nullCount > 0 && data.nullBitmap.length < bitmapBytes) return false;
  if (isText(data.type) || Arrow.isList(data.type)) return data.valueOffsets.length > rows;
  // The parts of lists and structs are looked at when they are read.
  if (Arrow.isStruct(data.type) || Arrow.isFixedSizeList(data.type)) return true;
  if (Arrow.isDecimal(data.type)) return data.values.length >= (rows * data.type.bitWidth) / 32;
  return data.values.length >= (Arrow.isBool(data.type) ? bitmapBytes : rows);
}
