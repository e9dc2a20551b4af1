// Looks at an LMDB file before it is mapped: what a map finds missing behind the end of the file would end the process.
//
// The first two pages are meta pages, written in turn: 24 bytes of page header, then
//   u32 magic │ u32 version │ u64 address │ u64 map size │ 48 bytes free pages (first u32: page size) │ 48 bytes root │
//   u64 last page │ u64 transaction

import fs from 'node:fs';

const MAGIC = 0xbeefc0de;
const META = 24;
const PAGE_SIZE = META + 24;
const LAST_PAGE = META + 120;
const TRANSACTION = META + 128;
const META_BYTES = META + 136;

/** What is wrong with the file of an environment; null: nothing that can be seen so, or it is not there yet. */
export function damageOf(file: string): string | null {
  const size = fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0) return null;
  const pages = Buffer.alloc(1 << 17);
  const descriptor = fs.openSync(file, 'r');
  try {
    fs.readSync(descriptor, pages, 0, pages.length, 0);
  } finally {
    fs.closeSync(descriptor);
  }
  if (pages.readUInt32LE(META) !== MAGIC) return `${file} does not begin as it should`;
  const pageBytes = pages.readUInt32LE(PAGE_SIZE);
  if (pageBytes < META_BYTES || pageBytes > pages.length / 2 || pages.readUInt32LE(pageBytes + META) !== MAGIC) {
    return `${file} does not begin as it should`;
  }
  const [first, second] = [0, pageBytes];
  const isFirst = pages.readBigUInt64LE(first + TRANSACTION) > pages.readBigUInt64LE(second + TRANSACTION);
  const last = Number(pages.readBigUInt64LE((isFirst ? first : second) + LAST_PAGE));
  const needed = (last + 1) * pageBytes;
  return size < needed ? `${file} has ${size} bytes and had ${needed}` : null;
}
