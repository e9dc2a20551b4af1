// The fastest way through records: a template (kernels/json-template.ts) run over record after record, as long as their
// values are what they mostly are (kernels/json-plain.ts). A record in which one is not stops the run, and goes the
// template's other way; so nothing is decided here, only passed.
//
// The loop calls nothing: its state stays in registers.
import { decoderMarkNull } from './decoder';
import { runDouble, runGuess, runInteger, runLength, runSkip, runString, runTime } from './json-plain';
import {
  ACTION_BIGINT,
  ACTION_BOOLEAN,
  ACTION_DOUBLE,
  ACTION_END,
  ACTION_INTEGER,
  ACTION_LITERAL,
  ACTION_NULL,
  ACTION_SKIP,
  ACTION_TIMESTAMP,
  ACTION_VARCHAR,
  ACTION_WHOLE,
  STEP_ACTION,
  STEP_BYTES,
  STEP_DATA,
  STEP_LITERAL,
  STEP_LITERAL_BYTES,
  STEP_REST,
  STEP_UNIT,
  STEP_VALIDITY,
  TEMPLATE_STEPS,
} from './json-template';
import { timeOfText } from './time-parse';

const NULL_WORD: u32 = 0x6c6c756e;
const TRUE_WORD: u32 = 0x65757274;
const FALSE_WORD: u32 = 0x736c6166;

/** The row behind the last one of the run. */
export let jsonRunRow: u32 = 0;

/** Where a number that needs a check before it is stored goes. */
const scratch: usize = memory.data(8, 8);

/**
 * Runs the template over the records from `p` on into the rows from `row` on, up to `limit`, the end of a record, or up
 * to `rowEnd`. @returns the address of the first record that was not run.
 */
export function jsonRunRecords(
  template: usize,
  p: usize,
  limit: usize,
  row: u32,
  rowEnd: u32,
  recordMax: usize,
): usize {
  const first = template + TEMPLATE_STEPS;
  let begin = p;
  let step = first;
  let guess = runGuess(p, limit);
  while (true) {
    const same = i8x16.bitmask(i8x16.eq(v128.load(p), v128.load(step, STEP_LITERAL)));
    if ((same | load<u32>(step, STEP_REST)) != 0xffff) break;
    p += load<u32>(step, STEP_LITERAL_BYTES);
    let end: usize = 0;
    switch (load<u32>(step, STEP_ACTION)) {
      case ACTION_END: {
        if (p - begin > recordMax) break;
        row++;
        // The same address, but known long before: the next record need not wait for the end of this one.
        if (p == guess) p = guess;
        else runLength(p - begin);
        begin = p;
        guess = runGuess(p, limit);
        if (row == rowEnd || p >= limit) break;
        step = first;
        continue;
      }
      case ACTION_SKIP: {
        end = runSkip(p);
        break;
      }
      case ACTION_VARCHAR: {
        if (load<u8>(p) != 34) break;
        end = runString(p + 1);
        const reference = <u64>(p + 1) | ((<u64>(end - p - 2)) << 32);
        store<u64>(<usize>load<u32>(step, STEP_DATA) + ((<usize>row) << 3), reference);
        break;
      }
      case ACTION_BIGINT: {
        end = runInteger(p, <usize>load<u32>(step, STEP_DATA) + ((<usize>row) << 3));
        break;
      }
      case ACTION_INTEGER: {
        end = runInteger(p, scratch);
        const value = load<i64>(scratch);
        if (value != <i64>(<i32>value)) end = 0;
        store<i32>(<usize>load<u32>(step, STEP_DATA) + ((<usize>row) << 2), <i32>value);
        break;
      }
      case ACTION_DOUBLE: {
        end = runDouble(p, <usize>load<u32>(step, STEP_DATA) + ((<usize>row) << 3));
        break;
      }
      case ACTION_TIMESTAMP: {
        const to = <usize>load<u32>(step, STEP_DATA) + ((<usize>row) << 3);
        if (load<u8>(p) == 34) {
          const text = timeOfText(p + 1, to);
          if (text != 0 && load<u8>(text) == 34) end = text + 1;
        } else end = runTime(p, to, step);
        break;
      }
      case ACTION_BOOLEAN: {
        const word = load<u32>(p);
        const isTrue = word == TRUE_WORD;
        if (isTrue || (word == FALSE_WORD && load<u8>(p, 4) == 101)) end = p + 5 - usize(isTrue);
        store<u8>(<usize>load<u32>(step, STEP_DATA) + row, u8(isTrue));
        break;
      }
      case ACTION_NULL: {
        const validity = <usize>load<u32>(step, STEP_VALIDITY);
        if (validity == 0) break;
        decoderMarkNull(validity, row);
        end = p;
        break;
      }
      case ACTION_WHOLE: {
        const start = begin + load<u32>(step, STEP_UNIT);
        const reference = <u64>start | ((<u64>(p - start)) << 32);
        store<u64>(<usize>load<u32>(step, STEP_DATA) + ((<usize>row) << 3), reference);
        end = p;
        break;
      }
      case ACTION_LITERAL: {
        end = p;
        break;
      }
      default:
    }
    if (end == 0) {
      // The end of the run, a NULL, or what is not plain.
      const validity = <usize>load<u32>(step, STEP_VALIDITY);
      if (validity == 0 || load<u32>(p) != NULL_WORD) break;
      decoderMarkNull(validity, row);
      end = p + 4;
    }
    p = end;
    step += STEP_BYTES;
  }
  jsonRunRow = row;
  return begin;
}
