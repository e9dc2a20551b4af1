// What has changed in a block since its last version, so that a checkpoint writes that alone.
//
//   patch ─► u32 bytes of the new version │ { u32 from │ u32 count │ bytes } …     (little endian)
//
// Both versions are compared word by word where they stand: keys keep their place in a block as long as none is added.

/** Words that are equal between two differences before these become two runs. */
const GAP_WORDS = 4;
const HEAD_BYTES = 4;
const RUN_BYTES = 8;

/** @returns the patch that makes `after` of `before`; null when it would not be much smaller than `after`. */
export function makePatch(before: Uint8Array, after: Uint8Array): Uint8Array | null {
  const most = after.length >> 1;
  const runs: number[] = [];
  let bytes = HEAD_BYTES;
  const old = wordsOf(before);
  const now = wordsOf(after);
  const common = Math.min(old.length, now.length);
  for (let at = 0; at < common; at++) {
    if (old[at] === now[at]) continue;
    const from = at;
    let end = at + 1;
    for (at = end; at < common && at - end < GAP_WORDS; at++) if (old[at] !== now[at]) end = at + 1;
    bytes += RUN_BYTES + (end - from) * 4;
    if (bytes > most) return null;
    runs.push(from * 4, end * 4);
    at = end;
  }
  if (after.length > common * 4 && !isEqualFrom(before, after, common * 4)) {
    bytes += RUN_BYTES + after.length - common * 4;
    runs.push(common * 4, after.length);
  }
  return bytes > most ? null : writePatch(after, runs, bytes);
}

/** @returns whether both are the same. */
export function isSame(before: Uint8Array, after: Uint8Array): boolean {
  return Buffer.from(before.buffer, before.byteOffset, before.length).equals(after);
}

/**
 * Makes the version of a patch of the one before, which `room` begins with. @returns its bytes; −1 when the patch is not one,
 * or makes more than there is room for.
 */
export function applyPatch(room: Uint8Array, patch: Uint8Array): number {
  if (patch.length < HEAD_BYTES) return -1;
  const view = new DataView(patch.buffer, patch.byteOffset, patch.length);
  const bytes = view.getUint32(0, true);
  if (bytes > room.length) return -1;
  for (let at = HEAD_BYTES; at < patch.length; ) {
    if (at + RUN_BYTES > patch.length) return -1;
    const from = view.getUint32(at, true);
    const count = view.getUint32(at + 4, true);
    at += RUN_BYTES;
    if (at + count > patch.length || from + count > bytes) return -1;
    room.set(patch.subarray(at, at + count), from);
    at += count;
  }
  return bytes;
}

function writePatch(after: Uint8Array, runs: readonly number[], bytes: number): Uint8Array {
  const patch = new Uint8Array(bytes);
  const view = new DataView(patch.buffer);
  view.setUint32(0, after.length, true);
  let at = HEAD_BYTES;
  for (let i = 0; i < runs.length; i += 2) {
    const from = runs[i] as number;
    const end = runs[i + 1] as number;
    view.setUint32(at, from, true);
    view.setUint32(at + 4, end - from, true);
    patch.set(after.subarray(from, end), at + RUN_BYTES);
    at += RUN_BYTES + end - from;
  }
  return patch;
}

/** Its whole words; a copy where they do not stand at a multiple of four. */
function wordsOf(bytes: Uint8Array): Uint32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length >> 2);
}

function isEqualFrom(before: Uint8Array, after: Uint8Array, from: number): boolean {
  return before.length === after.length && isSame(before.subarray(from), after.subarray(from));
}
