// Follows the pages of a tree in an LMDB file as LMDB does, and believes nothing.
//
//   page    u64 number │ u64 transaction │ u16 │ u16 flags │ u16 lower │ u16 upper │ u16 of each node … │ free │ nodes
//             lower, upper and places of nodes count from behind the header
//   node    u16 low │ u16 high │ u16 flags │ u16 key bytes │ key │ value
//             branch: low, high and flags are the number of a page; leaf: low and high are the bytes of its value
//   large   a value on pages of its own: the node has u64 page │ u64 transaction │ u64 pages, the first page the same
//
// What holds for a tree that is whole: no page is in it twice, nodes fill their page to its end, keys ascend and are between
// those of the branches above, and the counts are those of the meta page. A page that is free is in no tree.

import fs from 'node:fs';

const HEADER = 24;
const TRANSACTION = 8;
const FLAGS = 18;
const LOWER = 20;
const UPPER = 22;
const BRANCH = 1;
const LEAF = 2;
const LARGE = 4;
const NODE = 8;
const LARGE_NODE = 24;
const IS_LARGE = 1;
const DEPTH_MAX = 32;
const KEY_BYTES_MAX = 511;
const NO_ROOT = 2n ** 64n - 1n;
/** Bytes of a read: pages of a tree often follow one another. */
const READ_BYTES = 1 << 17;

export class Damage extends Error {}

export interface Tree {
  depth: number;
  branchPages: number;
  leafPages: number;
  overflowPages: number;
  entries: number;
  /** Number of its first page; all ones: it is empty. */
  root: bigint;
}

export class Pages {
  readonly pageBytes: number;
  readonly lastPage: number;
  readonly transaction: bigint;
  readonly #descriptor: number;
  readonly #filePages: number;
  /** A bit for each page that is in a tree. */
  readonly #taken: Uint8Array;
  readonly #buffer = Buffer.allocUnsafe(READ_BYTES);
  #begin = 0;
  #end = 0;

  constructor(descriptor: number, meta: { pageBytes: number; lastPage: number; transaction: bigint }) {
    this.#descriptor = descriptor;
    this.pageBytes = meta.pageBytes;
    this.lastPage = meta.lastPage;
    this.transaction = meta.transaction;
    this.#filePages = Math.floor(fs.fstatSync(descriptor).size / meta.pageBytes);
    this.#taken = new Uint8Array((Math.min(this.lastPage, this.#filePages) >> 3) + 1);
  }

  /** These pages are in a tree. @throws Damage when they cannot be, or are already. */
  take(page: number, count: number): void {
    if (!(page >= 0 && count > 0 && page + count - 1 <= this.lastPage)) throw new Damage(`there is no page ${page}`);
    if (page + count > this.#filePages) throw new Damage(`it is cut off before page ${page + count - 1}`);
    for (let at = page; at < page + count; at++) {
      const bit = 1 << (at & 7);
      if ((this.#taken[at >> 3]! & bit) !== 0) throw new Damage(`page ${at} is used twice`);
      this.#taken[at >> 3]! |= bit;
    }
  }

  isTaken(page: number): boolean {
    return ((this.#taken[page >> 3] ?? 0) & (1 << (page & 7))) !== 0;
  }

  /** Whether the file ends before the page, which is only allowed of one that is free. */
  get missingPages(): number {
    return Math.max(0, this.lastPage + 1 - this.#filePages);
  }

  /** What is behind the header of a page, also on those that follow it. */
  copy(page: number, to: Buffer): void {
    const count = fs.readSync(this.#descriptor, to, 0, to.length, page * this.pageBytes + HEADER);
    if (count < to.length) throw new Damage(`page ${page} cannot be read`);
  }

  /** The first bytes of a page, valid until the next call. @throws Damage when it is another page. */
  read(page: number, bytes: number): Buffer {
    const position = page * this.pageBytes;
    if (position < this.#begin || position + bytes > this.#end) {
      const wanted = bytes < this.pageBytes ? bytes : READ_BYTES;
      const count = fs.readSync(this.#descriptor, this.#buffer, 0, wanted, position);
      this.#begin = position;
      this.#end = position + count;
      if (count < bytes) throw new Damage(`page ${page} cannot be read`);
    }
    const found = this.#buffer.subarray(position - this.#begin, position - this.#begin + bytes);
    if (found.readBigUInt64LE(0) !== BigInt(page)) throw new Damage(`page ${page} is another one`);
    if (found.readBigUInt64LE(TRANSACTION) > this.transaction) throw new Damage(`page ${page} is from the future`);
    return found;
  }
}

/** A value of a tree: in its page, or on pages of its own. */
export interface FoundValue {
  bytes: number;
  /** null: it is large. */
  inline: Buffer | null;
  page: number;
}

interface Bounds {
  /** Keys are at least the one, and less than the other; null: no bound. */
  low: Buffer | null;
  high: Buffer | null;
}

/** @param kind of keys: texts in their order, or numbers of transactions. @returns values of a tree of free pages. */
export function checkTree(pages: Pages, tree: Tree, kind: 'values' | 'free'): FoundValue[] {
  if (tree.root === NO_ROOT) {
    if (tree.depth + tree.entries + tree.leafPages + tree.branchPages > 0) throw new Damage('a tree has no root');
    return [];
  }
  const walk = new TreeWalk(pages, kind);
  walk.visit(Number(tree.root), tree.depth, { low: null, high: null });
  const { branchPages, leafPages, overflowPages, entries } = walk;
  const isSame =
    branchPages === tree.branchPages &&
    leafPages === tree.leafPages &&
    overflowPages === tree.overflowPages &&
    entries === tree.entries;
  if (!isSame) throw new Damage('a tree has more or less in it than it says');
  return walk.found;
}

class TreeWalk {
  branchPages = 0;
  leafPages = 0;
  overflowPages = 0;
  entries = 0;
  readonly found: FoundValue[] = [];
  readonly #pages: Pages;
  readonly #kind: 'values' | 'free';

  constructor(pages: Pages, kind: 'values' | 'free') {
    this.#pages = pages;
    this.#kind = kind;
  }

  /** @param depth levels from here down, this one included. */
  visit(number: number, depth: number, bounds: Bounds): void {
    if (depth < 1 || depth > DEPTH_MAX) throw new Damage('a tree is deeper than it says');
    this.#pages.take(number, 1);
    const page = Buffer.from(this.#pages.read(number, this.#pages.pageBytes));
    const kind = page.readUInt16LE(FLAGS);
    if (kind !== (depth === 1 ? LEAF : BRANCH)) throw new Damage(`page ${number} is of another kind`);
    const nodes = this.#nodesOf(page, number);
    if (depth === 1) this.#visitLeaf(page, nodes, bounds);
    else this.#visitBranch(page, nodes, { depth, bounds });
  }

  /** Where its nodes begin. */
  #nodesOf(page: Buffer, number: number): number[] {
    const lower = HEADER + page.readUInt16LE(LOWER);
    const upper = HEADER + page.readUInt16LE(UPPER);
    const count = (lower - HEADER) >> 1;
    if (lower % 2 !== 0 || upper < lower || upper > page.length || count < 1) {
      throw new Damage(`page ${number} has no bounds`);
    }
    const nodes: number[] = [];
    for (let i = 0; i < count; i++) {
      const at = HEADER + page.readUInt16LE(HEADER + i * 2);
      if (at < upper || at % 2 !== 0 || at + NODE > page.length) throw new Damage(`page ${number} has a node outside`);
      if (at + NODE + page.readUInt16LE(at + 6) > page.length) throw new Damage(`page ${number} has a key outside`);
      nodes.push(at);
    }
    return nodes;
  }

  #visitBranch(page: Buffer, nodes: number[], { depth, bounds }: { depth: number; bounds: Bounds }): void {
    this.branchPages++;
    if (nodes.length < 2 && this.#kind === 'values') throw new Damage('a branch has one child');
    let low = bounds.low;
    let filled = 0;
    for (const [i, at] of nodes.entries()) {
      filled += even(NODE + page.readUInt16LE(at + 6));
      const next = nodes[i + 1];
      const high = next === undefined ? bounds.high : this.#keyAt(page, next);
      this.#requireOrder(low, high);
      const child = page.readUInt16LE(at) + page.readUInt16LE(at + 2) * 2 ** 16 + page.readUInt16LE(at + 4) * 2 ** 32;
      this.visit(child, depth - 1, { low, high });
      low = high;
    }
    requireFilled(page, filled);
  }

  #visitLeaf(page: Buffer, nodes: number[], { low, high }: Bounds): void {
    this.leafPages++;
    this.entries += nodes.length;
    let last = low;
    let isFirst = true;
    let filled = 0;
    for (const at of nodes) {
      const key = this.#keyAt(page, at);
      if (!isFirst || (last !== null && this.#compare(key, last) !== 0)) this.#requireOrder(last, key);
      isFirst = false;
      last = key;
      const bytes = page.readUInt16LE(at) + page.readUInt16LE(at + 2) * 2 ** 16;
      const flags = page.readUInt16LE(at + 4);
      const begin = at + NODE + key.length;
      const stored = flags === IS_LARGE ? LARGE_NODE : bytes;
      if ((flags !== 0 && flags !== IS_LARGE) || begin + stored > page.length) throw new Damage('a value is outside');
      filled += even(NODE + key.length + stored);
      const number = flags === IS_LARGE ? this.#takeLarge(page.subarray(begin, begin + LARGE_NODE), bytes) : 0;
      if (this.#kind === 'free') {
        this.found.push({ bytes, inline: flags === 0 ? page.subarray(begin, begin + bytes) : null, page: number });
      }
    }
    this.#requireOrder(last, high);
    requireFilled(page, filled);
  }

  #takeLarge(node: Buffer, bytes: number): number {
    const number = Number(node.readBigUInt64LE(0));
    const count = Number(node.readBigUInt64LE(16));
    // A value that was replaced within a transaction may have more than it needs.
    if (count * this.#pages.pageBytes < HEADER + bytes) throw new Damage(`page ${number} has another length`);
    this.#pages.take(number, count);
    this.overflowPages += count;
    const header = this.#pages.read(number, HEADER);
    const isRight =
      header.readUInt16LE(FLAGS) === LARGE &&
      header.readUInt32LE(LOWER) === count &&
      header.readBigUInt64LE(TRANSACTION) === node.readBigUInt64LE(8);
    if (!isRight) throw new Damage(`page ${number} is of another kind`);
    return number;
  }

  #keyAt(page: Buffer, at: number): Buffer {
    const bytes = page.readUInt16LE(at + 6);
    if (bytes === 0 || bytes > KEY_BYTES_MAX || (this.#kind === 'free' && bytes !== 8)) {
      throw new Damage('a key is too long or too short');
    }
    return page.subarray(at + NODE, at + NODE + bytes);
  }

  #requireOrder(before: Buffer | null, after: Buffer | null): void {
    if (before === null || after === null || this.#compare(before, after) < 0) return;
    throw new Damage('keys are out of order');
  }

  #compare(a: Buffer, b: Buffer): number {
    if (this.#kind === 'values') return a.compare(b);
    return Number(a.readBigUInt64LE(0) - b.readBigUInt64LE(0));
  }
}

/** u64 count │ i64 of each entry: a page; or −n, and then the first of n pages; or 0. @throws Damage */
export function checkFreePages(pages: Pages, records: readonly FoundValue[]): void {
  let free = 0;
  for (const record of records) {
    const list = record.inline ?? largeOf(pages, record);
    const count = list.length < 8 ? -1 : Number(list.readBigUInt64LE(0));
    if (!(count >= 0 && (count + 1) * 8 <= list.length)) throw new Damage('a list of free pages has no end');
    for (let i = 1; i <= count; i++) {
      let length = 1;
      let page = Number(list.readBigInt64LE(i * 8));
      if (page === 0) continue;
      if (page < 0) {
        length = -page;
        if (++i > count) throw new Damage('a list of free pages has no end');
        page = Number(list.readBigInt64LE(i * 8));
      }
      if (page < 2 || page + length - 1 > pages.lastPage) throw new Damage(`page ${page} is free, and is not there`);
      for (let at = page; at < page + length; at++) {
        if (pages.isTaken(at)) throw new Damage(`page ${at} is free, and is used`);
      }
      free += length;
    }
  }
  if (pages.missingPages > free) throw new Damage(`it is cut off: ${pages.missingPages} pages are missing`);
}

function largeOf(pages: Pages, { page, bytes }: FoundValue): Buffer {
  const list = Buffer.alloc(bytes);
  pages.copy(page, list);
  return list;
}

function requireFilled(page: Buffer, filled: number): void {
  if (page.length - HEADER - page.readUInt16LE(UPPER) !== filled) throw new Damage('a page has a gap in it');
}

function even(bytes: number): number {
  return (bytes + 1) & ~1;
}
