// Looks at an LMDB file before it is mapped: LMDB believes what it reads, and what points behind the end of the file, or
// anywhere, would end the process. So every field that it follows is followed here first (check-tree.ts).
//
// The first two pages are meta pages, written in turn; the one with the greater transaction counts. 24 bytes of page
// header, then
//   u32 magic │ u32 version │ u64 address │ u64 map size │ tree of free pages (its first u32: page size) │ tree of values │
//   u64 last page │ u64 transaction
//
// It reads the pages of both trees, and the headers of large values: what is in these, their owner checks.

import fs from 'node:fs';
import { checkFreePages, checkTree, Damage, Pages, type Tree } from './check-tree.ts';

const MAGIC = 0xbeefc0de;
const VERSION = 2;
const IS_META = 8;
const FLAGS = 18;
const META = 24;
const MAP_BYTES = META + 16;
const FREE_TREE = META + 24;
const VALUE_TREE = META + 72;
const LAST_PAGE = META + 120;
const TRANSACTION = META + 128;
const META_BYTES = META + 144;
const PAGE_BYTES_MAX = 1 << 16;
/** Another process may write meanwhile: so often it is looked at again. */
const ATTEMPTS = 20;

interface Meta {
  pageBytes: number;
  lastPage: number;
  transaction: bigint;
  free: Tree;
  values: Tree;
}

/**
 * What is wrong with the file of an environment; null: nothing that can be seen so, or it is not there yet.
 * @param isShared a run may be writing to it.
 */
export function damageOf(file: string, isShared = false): string | null {
  if ((fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0) === 0) return null;
  const descriptor = fs.openSync(file, 'r');
  try {
    for (let attempt = 1; ; attempt++) {
      const before = transactionOf(descriptor);
      const damage = damageIn(descriptor);
      if (damage === null || !isShared || transactionOf(descriptor) === before) {
        return damage === null ? null : `${file}: ${damage}`;
      }
      // Whoever has it open knows it better.
      if (attempt === ATTEMPTS) return null;
    }
  } finally {
    fs.closeSync(descriptor);
  }
}

function damageIn(descriptor: number): string | null {
  try {
    const meta = readMeta(descriptor);
    const pages = new Pages(descriptor, meta);
    pages.take(0, 2);
    checkTree(pages, meta.values, 'values');
    const free = checkTree(pages, meta.free, 'free');
    checkFreePages(pages, free);
    return null;
  } catch (error) {
    if (error instanceof Damage) return error.message;
    throw error;
  }
}

/** Of the page that counts. @throws Damage */
function readMeta(descriptor: number): Meta {
  const first = readAt(descriptor, 0);
  const pageBytes = first.readUInt32LE(FREE_TREE);
  if (pageBytes < META_BYTES || pageBytes > PAGE_BYTES_MAX || (pageBytes & (pageBytes - 1)) !== 0) throw notOurs();
  const second = readAt(descriptor, pageBytes);
  for (const [number, page] of [first, second].entries()) {
    const isMeta = page.readUInt16LE(FLAGS) === IS_META && page.readBigUInt64LE(0) === BigInt(number);
    const isOurs = page.readUInt32LE(META) === MAGIC && page.readUInt32LE(META + 4) === VERSION;
    if (!isMeta || !isOurs || page.readUInt32LE(FREE_TREE) !== pageBytes) throw notOurs();
    // What both have in common; LMDB takes some of it from the page that does not count.
    if (page.compare(first, META + 8, META + 16, META + 8, META + 16) !== 0) throw notOurs();
    if (page.readUInt16LE(FREE_TREE + 4) !== first.readUInt16LE(FREE_TREE + 4)) throw notOurs();
  }
  const counted = first.readBigUInt64LE(TRANSACTION) >= second.readBigUInt64LE(TRANSACTION) ? first : second;
  const transaction = counted.readBigUInt64LE(TRANSACTION);
  if (transaction > 0n && Number(transaction & 1n) !== (counted === first ? 0 : 1)) throw notOurs();
  const lastPage = counted.readBigUInt64LE(LAST_PAGE);
  const mapBytes = counted.readBigUInt64LE(MAP_BYTES);
  if (lastPage < 1n || lastPage >= 2n ** 40n || mapBytes >= 2n ** 46n) throw notOurs();
  const trees = { free: treeAt(counted, FREE_TREE), values: treeAt(counted, VALUE_TREE) };
  return { pageBytes, lastPage: Number(lastPage), transaction, ...trees };
}

/** u32 pad │ u16 flags │ u16 depth │ u64 branch pages │ u64 leaf pages │ u64 overflow pages │ u64 entries │ u64 root */
function treeAt(page: Buffer, at: number): Tree {
  const counts = [8, 16, 24, 32].map((offset) => Number(page.readBigUInt64LE(at + offset)));
  const [branchPages = 0, leafPages = 0, overflowPages = 0, entries = 0] = counts;
  const root = page.readBigUInt64LE(at + 40);
  const depth = page.readUInt16LE(at + 6);
  return { depth, branchPages, leafPages, overflowPages, entries, root };
}

function transactionOf(descriptor: number): bigint | null {
  try {
    return readMeta(descriptor).transaction;
  } catch {
    return null;
  }
}

function readAt(descriptor: number, position: number): Buffer {
  const page = Buffer.alloc(META_BYTES);
  if (fs.readSync(descriptor, page, 0, META_BYTES, position) < META_BYTES) throw notOurs();
  return page;
}

function notOurs(): Damage {
  return new Damage('it does not begin as it should');
}
