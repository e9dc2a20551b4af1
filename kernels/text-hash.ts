// A hash of a string for the user: to sample and to spread, the same in every run.
import { hashBytes } from './hash';
import { refAddress, refLength } from './text-compare';

const SEED_LOW: u32 = 0x9e3779b9;
const SEED_HIGH: u32 = 0x85ebca6b;

/** 63 bits: never negative. */
export function textHash(text: i64): i64 {
  const address = refAddress(text);
  const bytes = refLength(text);
  const high = <u64>hashBytes(SEED_HIGH, address, bytes);
  return <i64>(((high << 32) | <u64>hashBytes(SEED_LOW, address, bytes)) & 0x7fffffffffffffff);
}
