// The fields of a NEXMARK record (nexmark.ts): prepared keys, and the values that follow them. Each takes the address to write
// to and gives the one behind what it wrote.
import {
  NEXMARK_FIRST_ID,
  NEXMARK_TEXTS,
  NEXMARK_UNIT_MICROS,
  TEXT_SLOT_BYTES,
  TEXT_SLOT_LENGTH,
} from './layout-makers';
import { printI64, printPair, printU64 } from './number-print';
import { randomLetters, randomWords } from './random';
import { printEpoch } from './time-print';

const QUOTE: u8 = 34;
const BLANK: u32 = 32;

/** Four groups of four digits. */
export function nexmarkWriteCard(draw: u64, to: usize): usize {
  for (let group: u32 = 0; group < 4; group++) {
    const number = ((<u32>(draw >> (16 * group)) & 0xffff) * 10000) >> 16;
    printPair(number / 100, to);
    printPair(number % 100, to + 2);
    store<u8>(to, 32, 4);
    to += 5;
  }
  return nexmarkCloseQuote(to - 1);
}

/** Letters without a meaning. */
@inline
export function nexmarkWriteExtra(base: u64, index: u32, length: u32, to: usize): usize {
  randomLetters(base, index, length, to);
  return nexmarkCloseQuote(to + length);
}

/** Words, with a blank between them. */
@inline
export function nexmarkWriteWords(base: u64, index: u32, length: u32, to: usize): usize {
  randomWords(base, index, length, BLANK, to);
  return nexmarkCloseQuote(to + length);
}

/** The field of a key that counts, if it is asked for. */
@inline
export function nexmarkWriteId(state: usize, slot: u32, number: u64, to: usize): usize {
  return nexmarkWants(state, slot)
    ? nexmarkWriteNumber(NEXMARK_FIRST_ID + number, nexmarkCopyText(state, slot, to))
    : to;
}

/** The field of a time, if it is asked for, in the unit of the source. */
@inline
export function nexmarkWriteTime(state: usize, slot: u32, millis: i64, to: usize): usize {
  if (!nexmarkWants(state, slot)) return to;
  to = nexmarkCopyText(state, slot, to);
  const unit = load<u32>(state, NEXMARK_UNIT_MICROS);
  return to + (unit == 1000 ? printI64(millis, to) : printEpoch(millis * 1000, unit, to));
}

/** Digits. */
@inline
export function nexmarkWriteNumber(value: u64, to: usize): usize {
  return to + printU64(value, to);
}

/** One blank. */
@inline
export function nexmarkWriteBlank(to: usize): usize {
  store<u8>(to, 32);
  return to + 1;
}

/** The end of a text. */
@inline
export function nexmarkCloseQuote(to: usize): usize {
  store<u8>(to, QUOTE);
  return to + 1;
}

@inline
function textSlot(state: usize, slot: u32): usize {
  return state + NEXMARK_TEXTS + <usize>slot * TEXT_SLOT_BYTES;
}

/** Length of a prepared text. */
@inline
export function nexmarkTextBytes(state: usize, slot: u32): u32 {
  return load<u8>(textSlot(state, slot), TEXT_SLOT_LENGTH);
}

/** Whether the field of a key is asked for. */
@inline
export function nexmarkWants(state: usize, slot: u32): bool {
  return nexmarkTextBytes(state, slot) != 0;
}

/** Copies a text; writes 32 bytes. */
@inline
export function nexmarkCopyText(state: usize, slot: u32, to: usize): usize {
  const from = textSlot(state, slot);
  v128.store(to, v128.load(from));
  v128.store(to, v128.load(from, 16), 16);
  return to + load<u8>(from, TEXT_SLOT_LENGTH);
}
