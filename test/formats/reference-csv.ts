// CSV in plain slow JavaScript, a byte at a time: what the decoder is compared with.

import {
  POLICY_NULL,
  REASON_FIELD_COUNT,
  REASON_NULL,
  REASON_SYNTAX,
  REASON_TOO_LONG,
  REASON_TYPE,
  REASON_UTF8,
} from '../../kernels/layout-formats.ts';
import type { Value } from '../../src/data/batch.ts';
import type { TypeKind } from '../../src/data/type.ts';
import { type DecoderSpec, UNIT_POWERS } from '../../src/formats/decoder-spec.ts';
import type { Decoded } from './decode-stream.ts';
import { type Outcome, textOutcome } from './reference-value.ts';

interface Field {
  bytes: Buffer;
  isQuoted: boolean;
}

/** A record, or how far into it its quotes are wrong. */
type Scanned = { fields: Field[]; end: number } | { failed: number };

interface Dialect {
  delimiter: number;
  quote: number;
  nullText: string;
  hasHeader: boolean;
}

/** Decodes CSV. */
export function decodeReference(spec: DecoderSpec, input: Uint8Array): Decoded {
  const out: Decoded = { rows: [], rejects: [], nulled: 0, lines: 0 };
  const bytes = Buffer.from(input);
  const dialect = dialectOf(spec);
  let places = dialect.hasHeader ? null : spec.fields.map((field) => field.position);
  let width = 0;
  let offset = bytes.subarray(0, 3).toString('latin1') === '\u00ef\u00bb\u00bf' ? 3 : 0;
  while (offset < bytes.length) {
    const scanned = scanRecord(bytes, offset, dialect);
    let end = 'end' in scanned ? scanned.end : bytes.length;
    let result: { reason: number; column: number } | { row: Value[]; nulled: number } | null = null;
    const isLong =
      'end' in scanned ? sizeOf(bytes, offset, end) > spec.maxRecordBytes : scanned.failed > spec.maxRecordBytes;
    if (isLong || !('fields' in scanned)) {
      end = lineEnd(bytes, offset);
      const isLineLong = sizeOf(bytes, offset, end) > spec.maxRecordBytes;
      result = { reason: isLong || isLineLong ? REASON_TOO_LONG : REASON_SYNTAX, column: -1 };
    } else if (sizeOf(bytes, offset, end) > 0) {
      if (places === null) {
        const names = scanned.fields.map((field) => field.bytes.toString());
        places = spec.fields.map((field) => names.indexOf(field.path.join('.')));
        width = names.length;
      } else {
        if (width === 0 && scanned.fields.length > Math.max(...places)) width = scanned.fields.length;
        const wanted = places.map((place) => scanned.fields[place] as Field);
        if (scanned.fields.length !== width) result = { reason: REASON_FIELD_COUNT, column: -1 };
        else result = readFields(spec, wanted, dialect.nullText);
      }
    }
    const record = bytes.subarray(offset, offset + sizeOf(bytes, offset, end));
    if (
      result !== null &&
      !isUtf8(bytes.subarray(offset, end)) &&
      !('reason' in result && result.reason === REASON_TOO_LONG)
    ) {
      result = { reason: REASON_UTF8, column: -1 };
    }
    if (result !== null && 'row' in result) {
      out.rows.push(result.row);
      out.nulled += result.nulled;
    } else if (result !== null) {
      out.rejects.push({
        ...result,
        line: out.lines,
        offset,
        text: record.subarray(0, spec.maxRecordBytes).toString('latin1'),
      });
    }
    for (let i = offset; i <= end && i < bytes.length; i++) if (bytes[i] === 10) out.lines++;
    offset = end + 1;
  }
  return out;
}

function dialectOf(spec: DecoderSpec): Dialect {
  return {
    delimiter: String(spec.options['delimiter'] ?? ',').charCodeAt(0),
    quote: String(spec.options['quote'] ?? '"').charCodeAt(0),
    nullText: String(spec.options['null'] ?? ''),
    hasHeader: spec.options['header'] !== false,
  };
}

function lineEnd(bytes: Buffer, offset: number): number {
  const newline = bytes.indexOf(10, offset);
  return newline < 0 ? bytes.length : newline;
}

/** Bytes without the carriage return of the line end. */
function sizeOf(bytes: Buffer, offset: number, end: number): number {
  return end > offset && bytes[end - 1] === 13 ? end - offset - 1 : end - offset;
}

function isUtf8(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

function scanRecord(bytes: Buffer, offset: number, { delimiter, quote }: Dialect): Scanned {
  const fields: Field[] = [];
  let at = offset;
  for (;;) {
    const isQuoted = bytes[at] === quote;
    const text: number[] = [];
    if (isQuoted) {
      at++;
      for (;;) {
        if (at >= bytes.length) return { failed: bytes.length - offset };
        if (bytes[at] === quote && bytes[at + 1] !== quote) break;
        if (bytes[at] === quote) at++;
        text.push(bytes[at++] as number);
      }
      at++;
      if (bytes[at] === 13 && (bytes[at + 1] === 10 || at + 1 === bytes.length)) at++;
      else if (at < bytes.length && bytes[at] !== delimiter && bytes[at] !== 10) return { failed: at - offset };
    } else {
      while (at < bytes.length && bytes[at] !== delimiter && bytes[at] !== 10) text.push(bytes[at++] as number);
      if (bytes[at] !== delimiter && text.at(-1) === 13) text.pop();
    }
    fields.push({ bytes: Buffer.from(text), isQuoted });
    if (at >= bytes.length || bytes[at] === 10) return { fields, end: at };
    at++;
  }
}

function readFields(spec: DecoderSpec, fields: Field[], nullText: string) {
  const row: Value[] = [];
  let nulled = 0;
  for (const [column, { bytes, isQuoted }] of fields.entries()) {
    const { type, nullable } = spec.schema[column]!;
    const { notNull, timestampUnit } = spec.fields[column]!;
    const isRequired = notNull || !nullable;
    const text = bytes.toString();
    const outcome =
      !isQuoted && text === nullText ? { value: null } : fieldOutcome(text, type.kind, UNIT_POWERS[timestampUnit]);
    if ('reason' in outcome) {
      if (isRequired || spec.policy !== POLICY_NULL) return { reason: outcome.reason, column };
      nulled++;
      row.push(null);
    } else if (outcome.value === null && isRequired) return { reason: REASON_NULL, column };
    else row.push(outcome.value);
  }
  return { row, nulled };
}

function fieldOutcome(text: string, type: TypeKind, unitPower: number): Outcome {
  if (type !== 'JSON') return textOutcome(text, type, unitPower);
  const json = text.replaceAll('\n', '\r');
  try {
    JSON.parse(json);
  } catch {
    return { reason: REASON_TYPE };
  }
  const value = json.replace(/^[ \t\r]+|[ \t\r]+$/g, '').replaceAll('\r', ' ');
  return { value: value === 'null' ? null : value };
}
