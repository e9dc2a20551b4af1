// APPROX_COUNT_DISTINCT: how many different values, nearly, in little memory. Neither order nor merging changes it.
//
// Up to 256 hashes are kept as a set, whose count is exact. Beyond, HyperLogLog (Flajolet and others 2007): 4,096
// registers of one byte, each with the longest run of zero bits that the hashes of its part began with; read by the
// improved estimator of Ertl (2017), which needs no corrections. Standard error 1.04 / √4096 = 1.6 %.
//
//   state ─► a set (value-set.ts), or u32 address of registers │ u32 DENSE │ 0 │ 0
import { STATE_ENTRIES, STATE_TABLES } from './aggregate-state';
import { tableArena } from './group-table';
import { hashBytes } from './hash';
import { imageBytes } from './image';
import { CALL_OFFSET, CALL_PHYSICAL } from './layout-aggregate';
import { PHYSICAL_F64, PHYSICAL_I32, PHYSICAL_I64, PHYSICAL_REF } from './layout';
import { arenaTake } from './memory';
import { identityBits } from './value-bits';
import { setAdd, setCapacity, setCount, setDrop, setHasZero, setNext, setSlot, setVisit } from './value-set';

const SKETCH_CAPACITY: usize = 4;
const DENSE: u32 = 0xffffffff;
const EXACT_MAX: u32 = 256;
const INDEX_BITS: u64 = 12;
const REGISTERS: u32 = 1 << 12;
const RUN_MAX: u32 = 53; // 64 − INDEX_BITS + 1
/** Registers by their content. */
const histogram: usize = memory.data(54 * 4, 16);

/** Adds values to the sketches of their groups; `validity` may be 0. */
export function updateDistinctSketch(state: usize, rows: u32, call: usize, data: usize, validity: usize): void {
  switch (load<u32>(call, CALL_PHYSICAL)) {
    case PHYSICAL_REF:
      addTexts(state, rows, call, data, validity);
      break;
    case PHYSICAL_F64:
      addValues<f64>(state, rows, call, data, validity);
      break;
    case PHYSICAL_I64:
      addValues<i64>(state, rows, call, data, validity);
      break;
    case PHYSICAL_I32:
      addValues<i32>(state, rows, call, data, validity);
      break;
    default:
      addValues<u8>(state, rows, call, data, validity);
  }
}

@inline
function addValues<T>(state: usize, rows: u32, call: usize, data: usize, validity: usize): void {
  const entries = <usize>load<u32>(state, STATE_ENTRIES);
  const tables = <usize>load<u32>(state, STATE_TABLES);
  const offset = load<u32>(call, CALL_OFFSET);
  for (let row: usize = 0; row < rows; row++) {
    if (validity != 0 && load<u8>(validity + row) == 0) continue;
    const sketch = <usize>load<u32>(entries + (row << 2)) + offset;
    addHash(tableArena(load<u32>(tables + (row << 2))), sketch, mixed(identityBits<T>(data + row * sizeof<T>())));
  }
}

function addTexts(state: usize, rows: u32, call: usize, data: usize, validity: usize): void {
  const entries = <usize>load<u32>(state, STATE_ENTRIES);
  const tables = <usize>load<u32>(state, STATE_TABLES);
  const offset = load<u32>(call, CALL_OFFSET);
  for (let row: usize = 0; row < rows; row++) {
    if (validity != 0 && load<u8>(validity + row) == 0) continue;
    const address = <usize>load<u32>(data + (row << 3));
    const bytes = load<u32>(data + (row << 3), 4);
    const hash = ((<u64>hashBytes(0, address, bytes)) << 32) | hashBytes(0x5bd1e995, address, bytes);
    addHash(tableArena(load<u32>(tables + (row << 2))), <usize>load<u32>(entries + (row << 2)) + offset, mixed(hash));
  }
}

/** The finalizer of MurmurHash3, moved so that no small number is mixed to zero. */
@inline
function mixed(bits: u64): u64 {
  let h = bits + 0x9e3779b97f4a7c15;
  h = (h ^ (h >> 33)) * 0xff51afd7ed558ccd;
  h = (h ^ (h >> 33)) * 0xc4ceb9fe1a85ec53;
  return h ^ (h >> 33);
}

function addHash(arena: usize, sketch: usize, hash: u64): void {
  if (load<u32>(sketch, SKETCH_CAPACITY) == DENSE) setRegister(load<u32>(sketch), hash);
  else if (setAdd(arena, sketch, hash) && setCount(sketch) > EXACT_MAX) makeDense(arena, sketch);
}

@inline
function setRegister(registers: usize, hash: u64): void {
  const register = registers + <usize>(hash >> (64 - INDEX_BITS));
  const run = <u32>min<u64>(clz(hash << INDEX_BITS), RUN_MAX - 1) + 1;
  if (run > load<u8>(register)) store<u8>(register, <u8>run);
}

function makeDense(arena: usize, sketch: usize): void {
  const registers = arenaTake(arena, REGISTERS);
  memory.fill(registers, 0, REGISTERS);
  if (setHasZero(sketch)) setRegister(registers, 0);
  const capacity = setCapacity(sketch);
  for (let at = setNext(sketch, 0); at < capacity; at = setNext(sketch, at + 1)) {
    setRegister(registers, setSlot(sketch, at));
  }
  setDrop(arena, sketch);
  store<u32>(sketch, <u32>registers);
  store<u32>(sketch, DENSE, SKETCH_CAPACITY);
}

/** Adds what another sketch has seen. */
export function mergeDistinctSketch(arena: usize, sketch: usize, other: usize): void {
  if (load<u32>(other, SKETCH_CAPACITY) != DENSE) {
    if (setHasZero(other)) addHash(arena, sketch, 0);
    const capacity = setCapacity(other);
    for (let at = setNext(other, 0); at < capacity; at = setNext(other, at + 1)) {
      addHash(arena, sketch, setSlot(other, at));
    }
    return;
  }
  if (load<u32>(sketch, SKETCH_CAPACITY) != DENSE) makeDense(arena, sketch);
  const to = <usize>load<u32>(sketch);
  const from = <usize>load<u32>(other);
  for (let i: usize = 0; i < REGISTERS; i += 16) {
    v128.store(to + i, i8x16.max_u(v128.load(to + i), v128.load(from + i)));
  }
}

/** About how many different values. */
export function distinctSketchEstimate(sketch: usize): i64 {
  if (load<u32>(sketch, SKETCH_CAPACITY) != DENSE) return setCount(sketch);
  const registers = <usize>load<u32>(sketch);
  memory.fill(histogram, 0, 54 * 4);
  for (let i: usize = 0; i < REGISTERS; i++) {
    const counter = histogram + ((<usize>load<u8>(registers + i)) << 2);
    store<u32>(counter, load<u32>(counter) + 1);
  }
  const m = <f64>REGISTERS;
  let z = m * tau(1.0 - <f64>load<u32>(histogram + ((<usize>RUN_MAX) << 2)) / m);
  for (let run = RUN_MAX - 1; run >= 1; run--) z = 0.5 * (z + <f64>load<u32>(histogram + ((<usize>run) << 2)));
  z += m * sigma(<f64>load<u32>(histogram) / m);
  return <i64>nearest((0.7213475204444817 * m * m) / z);
}

function sigma(share: f64): f64 {
  let x = share;
  let y = 1.0;
  let z = x;
  let before: f64;
  do {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  } while (z != before);
  return z;
}

function tau(share: f64): f64 {
  if (share == 0.0 || share == 1.0) return 0.0;
  let x = share;
  let y = 1.0;
  let z = 1.0 - x;
  let before: f64;
  do {
    x = sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1.0 - x) * (1.0 - x) * y;
  } while (z != before);
  return z / 3.0;
}

/** Visits what a sketch refers to, for its image (image.ts). */
export function sketchVisit(sketch: usize): void {
  if (load<u32>(sketch, SKETCH_CAPACITY) == DENSE) imageBytes(sketch, REGISTERS, REGISTERS);
  else setVisit(sketch, false);
}
