// A snapshot on its way to another thread: blocks in shared memory as places in it, for a view each would take µs to post,
// while the core waits.
//
//   places ─► { offset, bytes } of each block in the buffer, offset −1: it is the next of `others`

import type { OperatorState, Snapshot } from './snapshot.ts';

export interface PackedSnapshot extends Omit<Snapshot, 'operators'> {
  operators: PackedOperator[];
}

interface PackedOperator extends Omit<OperatorState, 'blocks'> {
  names: string[];
  places: Float64Array;
  /** null: no block is in shared memory. */
  buffer: SharedArrayBuffer | null;
  others: Uint8Array[];
}

/** Packs what is to be posted. @returns it, and memory that changes hands. */
export function packSnapshot({ operators, ...facts }: Snapshot): { packed: PackedSnapshot; moved: ArrayBuffer[] } {
  const packed = { ...facts, operators: operators.map(pack) };
  const moved = packed.operators.flatMap(({ others }) => others.map(({ buffer }) => buffer as ArrayBuffer));
  return { packed, moved };
}

/** What was packed. */
export function unpackSnapshot({ operators, ...facts }: PackedSnapshot): Snapshot {
  return { ...facts, operators: operators.map(unpack) };
}

function pack({ blocks, ...facts }: OperatorState): PackedOperator {
  const places = new Float64Array(blocks.length * 2);
  const others: Uint8Array[] = [];
  let shared: SharedArrayBuffer | null = null;
  for (const [index, { bytes }] of blocks.entries()) {
    const { buffer } = bytes;
    const isShared = buffer instanceof SharedArrayBuffer && (shared === null || shared === buffer);
    if (isShared) shared = buffer;
    else others.push(bytes);
    places[index * 2] = isShared ? bytes.byteOffset : -1;
    places[index * 2 + 1] = bytes.length;
  }
  return { ...facts, names: blocks.map(({ name }) => name), places, buffer: shared, others };
}

function unpack({ names, places, buffer, others, ...facts }: PackedOperator): OperatorState {
  let next = 0;
  const blocks = names.map((name, index) => {
    const offset = places[index * 2] as number;
    const length = places[index * 2 + 1] as number;
    if (offset < 0 || buffer === null) return { name, bytes: others[next++] as Uint8Array };
    return { name, bytes: new Uint8Array(buffer, offset, length) };
  });
  return { ...facts, blocks };
}
