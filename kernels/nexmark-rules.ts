// The rules of NEXMARK's numbers: which auction, which person, what price, how long a text (see nexmark.ts).
import { NEXMARK_AUCTIONS, NEXMARK_BASE_MILLIS, NEXMARK_EVENT_RATE, NEXMARK_FIRST_ID } from './layout-makers';
import { randomBelow, randomUnit } from './random';

const HUNDRED: u64 = 100;
const ACTIVE_PEOPLE: u64 = 1000;
const ACTIVE_AUCTIONS: u64 = 100;
/** Ids that do not exist yet but are used already. */
const LEAD: u64 = 10;

/** Event time of an event, ms. */
@inline
export function nexmarkMillis(state: usize, event: u64): i64 {
  const offset = <i64>((<f64>event * 1000) / load<f64>(state, NEXMARK_EVENT_RATE));
  return <i64>load<f64>(state, NEXMARK_BASE_MILLIS) + offset;
}

/** The auction of a bid: the first of the latest hundred, or one around the latest. */
@inline
export function nexmarkAuction(cycle: u64, draw: u64): u64 {
  const latest = cycle * NEXMARK_AUCTIONS + NEXMARK_AUCTIONS - 1;
  if (draw >> 63) return NEXMARK_FIRST_ID + latest - (latest % HUNDRED);
  const from = latest > ACTIVE_AUCTIONS ? latest - ACTIVE_AUCTIONS : 0;
  return NEXMARK_FIRST_ID + from + randomBelow(draw, <u32>(latest - from + 1 + LEAD));
}

/** A seller or bidder: the `hotIndex`-th of the latest hundred people, or one of the active ones. */
@inline
export function nexmarkPerson(cycle: u64, draw: u64, hotIndex: u64): u64 {
  if (draw >> 62) return NEXMARK_FIRST_ID + cycle - (cycle % HUNDRED) + hotIndex;
  const people = cycle + 1;
  const active = min<u64>(people, ACTIVE_PEOPLE);
  return NEXMARK_FIRST_ID + people - active + randomBelow(draw, <u32>(active + LEAD));
}

/** 1/k! for k from 11 down to 0: Taylor's series of e^y, good to 1e-10 for y < 0.7. */
// biome-ignore format: four a line
const taylor: usize = memory.data<f64>([
  2.505210838544172e-8, 2.755731922398589e-7, 2.7557319223985893e-6, 0.0000248015873015873,
  0.0001984126984126984, 0.001388888888888889, 0.008333333333333333, 0.041666666666666664,
  0.16666666666666666, 0.5, 1, 1,
]);

/** 100 · 10^(6u), rounded: 2^x by x's whole part in the exponent bits and e^y for the rest. */
export function nexmarkPrice(draw: u64): u64 {
  const exponent = randomUnit(draw) * 19.931568569324174; // 6 · log2(10)
  const whole = <u64>exponent;
  const y = (exponent - <f64>whole) * 0.6931471805599453;
  let sum: f64 = 0;
  for (let k: usize = 0; k < 96; k += 8) sum = sum * y + load<f64>(taylor + k);
  return <u64>(sum * reinterpret<f64>((whole + 1023) << 52) * 100 + 0.5);
}

/** From 3 up to, but not, `bound` letters. */
@inline
export function nexmarkTextLength(draw: u64, bound: u32): u32 {
  return 3 + randomBelow(draw, bound - 3);
}

/** Letters that bring a record of `used` bytes to `average`, give or take a fifth of what is missing. */
export function nexmarkExtraLength(draw: u64, average: u32, used: u32): u32 {
  if (used >= average) return 0;
  const missing = average - used;
  const spread = (missing + 2) / 5;
  return missing - spread + (spread == 0 ? 0 : randomBelow(draw, 2 * spread));
}

/** The bits in the other order. */
export function nexmarkReverseBits(value: u32): u32 {
  value = ((value >> 1) & 0x55555555) | ((value & 0x55555555) << 1);
  value = ((value >> 2) & 0x33333333) | ((value & 0x33333333) << 2);
  value = ((value >> 4) & 0x0f0f0f0f) | ((value & 0x0f0f0f0f) << 4);
  return bswap<u32>(value);
}
