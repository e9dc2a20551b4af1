// Decodes NDJSON: one object a line, into the columns of a batch.
//
//   decode ─► a run of plain records by the expected template
//          ─► for every other line: the expected template ─► another template ─► the long way (kernels/json-path.ts)
//
// Lines are found before records are read, and no reader goes past a newline, so a broken record never touches its
// neighbours.
import { BATCH_CAPACITY, BATCH_ROW_COUNT } from './layout';
import {
  DECODER_BATCH,
  DECODER_LINE_COUNT,
  DECODER_MAX_RECORD_BYTES,
  DECODER_NULLED_COUNT,
  DECODER_REJECT_COUNT,
  REASON_NOT_OBJECT,
  REASON_SYNTAX,
  REASON_TOO_LONG,
  REASON_UTF8,
} from './layout-formats';
import {
  decoderBeginRecord,
  decoderBlame,
  decoderClearNulls,
  decoderClearRow,
  decoderCreate,
  decoderFinishRecord,
  decoderIsFull,
  decoderIsStrict,
  decoderReject,
  decoderSkipMark,
  FIELD_BAD,
  FIELD_INDEX,
  FIELD_POSITION,
  FIELD_STATUS,
  lastLineEnd,
  lineBytes,
  newlineAt,
  nulledInRecord,
  STATE_IS_SKIPPING,
  STATE_OWN,
} from './decoder';
import { jsonBeginWalk, jsonPathRoot, jsonWalkValue } from './json-path';
import { jsonFail, jsonFailedAt, jsonSkipSpace, jsonValueEnd } from './json-scan';
import { jsonRunRecords, jsonRunRow } from './json-run';
import { jsonTemplateRun, TEMPLATE_CREDIT, TEMPLATE_FOLLOWER } from './json-template';
import {
  TEMPLATES_BYTES,
  templatesCount,
  templatesCreate,
  templatesExpected,
  templatesFit,
  templatesMiss,
  templatesOther,
  templatesPause,
  templatesTurn,
} from './json-templates';
import { transientAllocate } from './memory';
import { utf8IsValid } from './utf8';

const JSON_ROOT: usize = STATE_OWN; // the node of the whole record
const JSON_TEMPLATES: usize = STATE_OWN + 8; // kernels/json-templates.ts

/** Makes a decoder that fills `columnCount` columns. */
export function jsonDecoderCreate(columnCount: u32): usize {
  const state = decoderCreate(8 + TEMPLATES_BYTES, columnCount);
  store<u32>(state, <u32>jsonPathRoot(), JSON_ROOT);
  templatesCreate(state + JSON_TEMPLATES);
  return state;
}

/** The node of the whole record, for the paths of the columns. */
export function jsonDecoderRoot(state: usize): usize {
  return load<u32>(state, JSON_ROOT);
}

/** Reads records the long way for now: for benches. */
export function jsonDecoderPause(state: usize): void {
  templatesPause(state + JSON_TEMPLATES, i32.MAX_VALUE);
}

/** What a stop is worth in records, how many may be saved, and for how many records runs are not tried without. */
const STOP_COST: i32 = 2;
const CREDIT_MAX: i32 = 64;
const RECORDS_WITHOUT: i32 = 1024;

// Where the call is: set by the functions that handle one record.
let row: u32 = 0;
let line: u32 = 0;
let isStopped: bool = false;

/** Decodes lines of [begin, end): see Decoder.decode in src/formats/format.ts. @returns bytes consumed. */
export function jsonDecode(state: usize, begin: usize, end: usize, isAtEnd: bool): u32 {
  const batch = <usize>load<u32>(state, DECODER_BATCH);
  const capacity = load<u32>(batch, BATCH_CAPACITY);
  const recordMax = <usize>load<u32>(state, DECODER_MAX_RECORD_BYTES);
  const limit = lastLineEnd(begin, end);
  row = 0;
  line = 0;
  isStopped = false;
  store<u32>(state, 0, DECODER_REJECT_COUNT);
  store<u32>(state, 0, DECODER_NULLED_COUNT);
  decoderClearNulls(state);
  const mark = decoderSkipMark(state, begin, end, isAtEnd);
  let p = mark < 0 ? end : begin + mark;
  if (load<u32>(state, STATE_IS_SKIPPING) != 0) p = passLine(state, p, end);
  const templates = state + JSON_TEMPLATES;
  while (p < limit && row < capacity && !isStopped) {
    const expected = templatesExpected(templates);
    if (expected) {
      if (templateIsPlain(expected)) {
        // Templates that take turns are expected record by record.
        const rowEnd = load<u32>(expected, TEMPLATE_FOLLOWER) == <u32>expected ? capacity : row + 1;
        p = jsonRunRecords(expected, p, limit, row, rowEnd, recordMax);
        const records = jsonRunRow - row;
        row = jsonRunRow;
        line += records;
        if (records) templatesFit(templates, expected, records);
        if (p >= limit || row == rowEnd) continue;
        templatePays(expected, records);
      }
      const next = jsonTemplateRun(expected, p, row);
      if (next != 0 && next - p <= recordMax) {
        templatesFit(templates, expected, 1);
        p = next;
        row++;
        line++;
        continue;
      }
    }
    p = unexpectedRecord(state, p, limit);
  }
  if (p >= limit && p < end && row < capacity && !isStopped) p = lastRecord(state, p, end, isAtEnd);
  store<u32>(batch, row, BATCH_ROW_COUNT);
  store<u32>(state, line, DECODER_LINE_COUNT);
  return mark < 0 ? 0 : <u32>(p - begin);
}

/** Whether to expect plain records: as long as there is credit, and now and then to see whether that has changed. */
@inline
function templateIsPlain(template: usize): bool {
  const credit = load<i32>(template, TEMPLATE_CREDIT);
  if (credit >= 0) return true;
  store<i32>(template, credit + 1, TEMPLATE_CREDIT);
  return false;
}

/** A run that has been stopped gives as much credit as it had records, and takes what the stop costs. */
@inline
function templatePays(template: usize, records: u32): void {
  const credit = min<i32>(load<i32>(template, TEMPLATE_CREDIT) + records, CREDIT_MAX) - STOP_COST;
  store<i32>(template, credit >= 0 ? credit : -RECORDS_WITHOUT, TEMPLATE_CREDIT);
}

/** Passes over the rest of a line that was too long. */
function passLine(state: usize, p: usize, end: usize): usize {
  const newline = newlineAt(p, end);
  if (newline == end) return end;
  store<u32>(state, 0, STATE_IS_SKIPPING);
  line++;
  return newline + 1;
}

/** Handles a record that is not as expected. @returns the address after its line, or `p` when it is not consumed. */
function unexpectedRecord(state: usize, p: usize, limit: usize): usize {
  decoderClearRow(state, row);
  const templates = state + JSON_TEMPLATES;
  const count = templatesCount(templates);
  for (let i: u32 = 0; i < count; i++) {
    const template = templatesOther(templates, i);
    const next = template ? jsonTemplateRun(template, p, row) : 0;
    if (next != 0 && next - p <= <usize>load<u32>(state, DECODER_MAX_RECORD_BYTES)) {
      templatesTurn(templates, template);
      row++;
      line++;
      return next;
    }
    decoderClearRow(state, row);
  }
  const end = newlineAt(p, limit);
  if (!readRecord(state, p, end, p)) return p;
  line++;
  return end + 1;
}

/** Handles what follows the last newline. */
function lastRecord(state: usize, p: usize, end: usize, isAtEnd: bool): usize {
  const bytes = <u32>(end - p);
  if (lineBytes(p, end) > load<u32>(state, DECODER_MAX_RECORD_BYTES)) {
    if (!reject(state, p, end, REASON_TOO_LONG)) return p;
    store<u32>(state, u32(!isAtEnd), STATE_IS_SKIPPING);
    return end;
  }
  if (!isAtEnd) return p;
  // The readers stop at a newline: the record gets one, in a copy.
  const text = transientAllocate(bytes + 1);
  memory.copy(text, p, bytes);
  store<u8>(text + bytes, 10);
  return readRecord(state, text, text + bytes, p) ? end : p;
}

/**
 * Reads the record at `text` whose newline is at `end` the long way, into the next row or the reject list; `address` is
 * where it is in the caller's buffer. @returns whether it is consumed.
 */
function readRecord(state: usize, text: usize, end: usize, address: usize): bool {
  if (lineBytes(text, end) > load<u32>(state, DECODER_MAX_RECORD_BYTES)) {
    return reject(state, address, address + (end - text), REASON_TOO_LONG);
  }
  const start = jsonSkipSpace(text);
  if (start == end) return true;
  const reason = readFields(state, start, text, end);
  if (reason == 0) {
    row++;
    store<u32>(state, load<u32>(state, DECODER_NULLED_COUNT) + nulledInRecord, DECODER_NULLED_COUNT);
    templatesMiss(state + JSON_TEMPLATES, state, load<u32>(state, JSON_ROOT), text, end);
    return true;
  }
  reject(state, address, address + (end - text), reason);
  // The text may be a copy: what went wrong is as far into it as into the record.
  decoderBlame(rejected, failedColumn, address, failedAt > text ? address + (failedAt - text) : 0);
  return !decoderIsStrict(state);
}

let rejected: usize = 0;
let failedColumn: i32 = -1;
let failedAt: usize = 0;

/** Reads the fields of a record. @returns 0, or the reason why it is bad. */
function readFields(state: usize, start: usize, text: usize, end: usize): u32 {
  failedColumn = -1;
  failedAt = 0;
  if (!utf8IsValid(text, <u32>(end - text))) return REASON_UTF8;
  const isObject = load<u8>(start) == 123;
  let stop: usize;
  if (isObject) {
    decoderBeginRecord(state);
    jsonBeginWalk();
    stop = jsonWalkValue(load<u32>(state, JSON_ROOT), start, row);
  } else stop = jsonValueEnd(start);
  if (stop != 0 && jsonSkipSpace(stop) != end) stop = jsonFail(jsonSkipSpace(stop));
  if (stop == 0) {
    failedAt = jsonFailedAt;
    return REASON_SYNTAX;
  }
  if (!isObject) return REASON_NOT_OBJECT;
  const column = decoderFinishRecord(state, row);
  if (column == 0) return 0;
  failedColumn = load<i32>(column, FIELD_INDEX);
  failedAt = load<u32>(column, FIELD_POSITION);
  return load<u32>(column, FIELD_STATUS) - FIELD_BAD;
}

/** Lists the record [p, end) as bad. @returns whether it is consumed. */
function reject(state: usize, p: usize, end: usize, reason: u32): bool {
  decoderClearRow(state, row);
  rejected = decoderReject(state, p, end, line, reason);
  isStopped = decoderIsFull(state);
  return !decoderIsStrict(state);
}
