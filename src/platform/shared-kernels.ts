// The kernels for a memory that threads share: the same code, but that the memory it imports is declared as shared.
//
//   \0asm │ version │ sections { u8 id │ bytes │ … }      the second: imports { module │ name │ kind │ what it is }
//
// Numbers are LEB128. Of a memory's limits the flags come first, then least and most pages.

import { assert } from '../base/assert.ts';

const HEADER_BYTES = 8;
const SECTION_IMPORTS = 2;
const KIND_MEMORY = 2;
const FLAG_HAS_MOST = 1;
const FLAG_SHARED = 2;
/** What a shared memory may have at most has to be said. */
const PAGES_MOST = 65_536;

/** @param bytes a module that imports nothing but its memory. @returns one that does the same with shared memory. */
export function withSharedMemory(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  for (let at = HEADER_BYTES; at < bytes.length; ) {
    const id = bytes[at];
    const length = readNumber(bytes, at + 1);
    const end = length.end + length.value;
    if (id === SECTION_IMPORTS) {
      const section = importOf(bytes.subarray(length.end, end));
      const head = [SECTION_IMPORTS, ...writeNumber(section.length)];
      return new Uint8Array(Buffer.concat([bytes.subarray(0, at), Buffer.from(head), section, bytes.subarray(end)]));
    }
    at = end;
  }
  throw new Error('the kernels import no memory');
}

function importOf(section: Uint8Array): Buffer {
  const count = readNumber(section, 0);
  const module = readNumber(section, count.end);
  const name = readNumber(section, module.end + module.value);
  const kind = name.end + name.value;
  assert(count.value === 1 && section[kind] === KIND_MEMORY, 'the kernels import their memory alone');
  const least = readNumber(section, kind + 2);
  const limits = [FLAG_HAS_MOST | FLAG_SHARED, ...writeNumber(least.value), ...writeNumber(PAGES_MOST)];
  return Buffer.concat([section.subarray(0, kind + 1), Buffer.from(limits)]);
}

function readNumber(bytes: Uint8Array, from: number): { value: number; end: number } {
  let value = 0;
  for (let at = from, shift = 0; ; at++, shift += 7) {
    const byte = bytes[at] as number;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return { value: value >>> 0, end: at + 1 };
  }
}

function writeNumber(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 0x80; left >>>= 7) bytes.push((left & 0x7f) | 0x80);
  return [...bytes, left];
}
