// The fields a decoder wants, as a tree of paths into the record, and the walk over a record that fills them.
//
//   user.id, user.name, list[0]     root ─► user ─► id, name
//                                        └► list ─► [0]
//
// A node knows the columns that take its value, and its children: keys of an object, or places in an array. The walk
// goes through a record once; where no node waits it only checks the syntax. It expects the keys of an object in the
// order of the last one. Of duplicate keys the last wins at every level: meeting a node again forgets all below it.
import { allocate } from './memory';
import { FIELD_MISSING, FIELD_NEXT, FIELD_POSITION, FIELD_STATUS } from './decoder';
import { jsonFail, jsonSkipSpace, jsonStringEnd, jsonStringIsEscaped, jsonValueEnd } from './json-scan';
import { jsonColumnValue, jsonUnescape, unescapedBytes } from './json-value';

const NODE_HEAD: usize = 0; // the key's first 16 bytes, zero-filled
const NODE_KEY: usize = 16; // address of the key
const NODE_KEY_BYTES: usize = 20;
const NODE_INDEX: usize = 24; // i32: place in an array, −1 for a key
export const NODE_CHILD: usize = 28; // first child
export const NODE_SIBLING: usize = 32; // next child of the same parent
export const NODE_COLUMNS: usize = 36; // first column that takes the value, chained by FIELD_NEXT
const NODE_STAMP: usize = 40; // the last record it was met in
export const NODE_HAS_KEYS: usize = 44; // whether it has children that are keys
export const NODE_INDEX_MAX: usize = 48; // i32: greatest index among the children, −1 without any
const NODE_FIRST: usize = 52; // child expected first in an object
const NODE_NEXT: usize = 56; // child of the parent expected after this one
const NODE_FILTER: usize = 64; // u64: which keys may be among the children, by `keyBit`
const NODE_BYTES: u32 = 80;

/** Sixteen bytes of ones, then sixteen of zeros: read at 16 − n, a mask of the first n bytes. */
const masks: usize = memory.data<u64>([-1, -1, 0, 0], 16);

/** The current record, for NODE_STAMP. */
let stamp: u32 = 0;

/** Makes the node of the whole record. */
export function jsonPathRoot(): usize {
  return createNode(0, 0, -1);
}

/** The child of a node for a key of `bytes` bytes at `key`, which stays there. */
export function jsonPathKey(node: usize, key: usize, bytes: u32): usize {
  const found = jsonFindKey(node, 0, key, bytes);
  if (found) return found;
  store<u32>(node, 1, NODE_HAS_KEYS);
  store<u64>(node, load<u64>(node, NODE_FILTER) | keyBit(key, bytes), NODE_FILTER);
  return addChild(node, createNode(key, bytes, -1));
}

/** The child of a node for a place in an array. */
export function jsonPathIndex(node: usize, index: i32): usize {
  const found = findIndex(node, index);
  if (found) return found;
  store<i32>(node, max(load<i32>(node, NODE_INDEX_MAX), index), NODE_INDEX_MAX);
  return addChild(node, createNode(0, 0, index));
}

/** Lets a column take the node's value. */
export function jsonPathBind(node: usize, column: usize): void {
  store<u32>(column, load<u32>(node, NODE_COLUMNS), FIELD_NEXT);
  store<u32>(node, <u32>column, NODE_COLUMNS);
}

function createNode(key: usize, bytes: u32, index: i32): usize {
  const node = allocate(NODE_BYTES);
  memory.fill(node, 0, NODE_BYTES);
  memory.copy(node + NODE_HEAD, key, min(bytes, 16));
  store<u32>(node, <u32>key, NODE_KEY);
  store<u32>(node, bytes, NODE_KEY_BYTES);
  store<i32>(node, index, NODE_INDEX);
  store<i32>(node, -1, NODE_INDEX_MAX);
  return node;
}

function addChild(node: usize, child: usize): usize {
  let link = node + NODE_CHILD;
  while (load<u32>(link)) link = <usize>load<u32>(link) + NODE_SIBLING;
  store<u32>(link, <u32>child);
  return child;
}

/** A bit for a key: by its length and last two bytes, which differ most among the keys of an object. */
@inline
function keyBit(key: usize, bytes: u32): u64 {
  const end = bytes > 1 ? <u32>load<u16>(key + bytes - 2) : bytes ? <u32>load<u8>(key) : 0;
  return (<u64>1) << (<u64>(end * 31 + (end >> 8) * 7 + bytes) & 63);
}

/** The child for a key, or 0; `expected` is tried first. */
@inline
function jsonFindKey(node: usize, expected: usize, key: usize, bytes: u32): usize {
  return load<u64>(node, NODE_FILTER) & keyBit(key, bytes) ? findKey(node, expected, key, bytes) : 0;
}

function findKey(node: usize, expected: usize, key: usize, bytes: u32): usize {
  const head = v128.and(v128.load(key), v128.load(masks + 16 - min<usize>(bytes, 16)));
  if (expected != 0 && isKey(expected, head, key, bytes)) return expected;
  for (let child = <usize>load<u32>(node, NODE_CHILD); child != 0; child = load<u32>(child, NODE_SIBLING)) {
    if (isKey(child, head, key, bytes)) return child;
  }
  return 0;
}

@inline
function isKey(child: usize, head: v128, key: usize, bytes: u32): bool {
  if (load<u32>(child, NODE_KEY_BYTES) != bytes || load<i32>(child, NODE_INDEX) >= 0) return false;
  if (v128.any_true(v128.xor(head, v128.load(child, NODE_HEAD)))) return false;
  return bytes <= 16 || memory.compare(load<u32>(child, NODE_KEY), key, bytes) == 0;
}

function findIndex(node: usize, index: i32): usize {
  if (index > load<i32>(node, NODE_INDEX_MAX)) return 0;
  for (let child = <usize>load<u32>(node, NODE_CHILD); child != 0; child = load<u32>(child, NODE_SIBLING)) {
    if (load<i32>(child, NODE_INDEX) == index) return child;
  }
  return 0;
}

/** Begins a record: no node has been met. */
export function jsonBeginWalk(): void {
  stamp++;
}

/** Marks a node as met in this record. @returns whether it had been met before. */
@inline
export function jsonMeet(node: usize): bool {
  const isAgain = load<u32>(node, NODE_STAMP) == stamp;
  store<u32>(node, stamp, NODE_STAMP);
  return isAgain;
}

/** Reads the value at `p` into the columns at and below a node. @returns the address after it, 0: not JSON. */
export function jsonWalkValue(node: usize, p: usize, row: u32): usize {
  if (jsonMeet(node)) jsonForget(node);
  let end: usize = 0;
  for (let column = <usize>load<u32>(node, NODE_COLUMNS); column != 0; column = load<u32>(column, FIELD_NEXT)) {
    end = jsonColumnValue(column, row, p);
    if (end == 0) return 0;
  }
  const byte = <u32>load<u8>(p);
  if (byte == 123 && load<u32>(node, NODE_HAS_KEYS) != 0) return walkObject(node, p, row);
  if (byte == 91 && load<i32>(node, NODE_INDEX_MAX) >= 0) return walkArray(node, p, row);
  return end != 0 ? end : jsonValueEnd(p);
}

/** Forgets what the record has held so far at and below a node. */
export function jsonForget(node: usize): void {
  for (let column = <usize>load<u32>(node, NODE_COLUMNS); column != 0; column = load<u32>(column, FIELD_NEXT)) {
    store<u32>(column, FIELD_MISSING, FIELD_STATUS);
    store<u32>(column, 0, FIELD_POSITION);
  }
  for (let child = <usize>load<u32>(node, NODE_CHILD); child != 0; child = load<u32>(child, NODE_SIBLING)) {
    store<u32>(child, 0, NODE_STAMP);
    jsonForget(child);
  }
}

function walkObject(node: usize, p: usize, row: u32): usize {
  p = jsonSkipSpace(p + 1);
  if (load<u8>(p) == 125) return p + 1;
  // The place that remembers which child comes next.
  let memo = node + NODE_FIRST;
  while (true) {
    const child = jsonKeyAt(node, load<u32>(memo), p);
    p = jsonKeyEnd;
    if (p == 0) return 0;
    if (child == 0) p = jsonValueEnd(p);
    else {
      store<u32>(memo, <u32>child);
      memo = child + NODE_NEXT;
      p = jsonWalkValue(child, p, row);
    }
    if (p == 0) return 0;
    p = jsonSkipSpace(p);
    const byte = <u32>load<u8>(p);
    if (byte == 125) return p + 1;
    if (byte != 44) return jsonFail(p);
    p = jsonSkipSpace(p + 1);
  }
}

/** Address of the value of the key that `jsonKeyAt` read last; 0 when it is not JSON. */
export let jsonKeyEnd: usize = 0;

/** Reads the key at `p` and its colon. @returns the child for it, or 0; `expected` is tried first. */
@inline
export function jsonKeyAt(node: usize, expected: usize, p: usize): usize {
  if (load<u8>(p) != 34) {
    jsonKeyEnd = jsonFail(p);
    return 0;
  }
  const end = jsonStringEnd(p + 1);
  if (end == 0) {
    jsonKeyEnd = 0;
    return 0;
  }
  const isEscaped = jsonStringIsEscaped;
  const key = isEscaped ? jsonUnescape(p + 1, end - 1) : p + 1;
  const bytes = isEscaped ? unescapedBytes : <u32>(end - p) - 2;
  p = jsonSkipSpace(end);
  jsonKeyEnd = load<u8>(p) == 58 ? jsonSkipSpace(p + 1) : jsonFail(p);
  return jsonFindKey(node, expected, key, bytes);
}

function walkArray(node: usize, p: usize, row: u32): usize {
  p = jsonSkipSpace(p + 1);
  if (load<u8>(p) == 93) return p + 1;
  let index = 0;
  while (true) {
    const child = findIndex(node, index);
    p = child ? jsonWalkValue(child, p, row) : jsonValueEnd(p);
    if (p == 0) return 0;
    p = jsonSkipSpace(p);
    const byte = <u32>load<u8>(p);
    if (byte == 93) return p + 1;
    if (byte != 44) return jsonFail(p);
    p = jsonSkipSpace(p + 1);
    index++;
  }
}
