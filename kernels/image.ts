// Images of state: bytes without addresses, written for a checkpoint and read again.
//
// What a state refers to follows it in the order of one walk, which saves and loads alike: at each address it meets, a
// save appends the bytes there to the byte buffer, and a load copies the next bytes of the image into an arena and puts
// their new address in place. So what a state refers to is written down once (group-image.ts, and `…Visit` of sets,
// tallies and lists), and a loaded state is what the saved one was but for its addresses: also the order of values in
// sets and lists, on which the last digit of a sum may depend.
import { bufferKeep, bufferPutBytes, bufferRoom } from './byte-buffer';
import { arenaAllocate } from './memory';

let isSaving: bool = false;
/** Loading: the next byte of the image, and where things are kept. */
let cursor: usize = 0;
let arena: usize = 0;

/** From here on images are saved. */
export function imageSave(): void {
  isSaving = true;
}

/** From here on images are loaded from `from` into the arena `into`. */
export function imageLoad(from: usize, into: usize): void {
  isSaving = false;
  cursor = from;
  arena = into;
}

/** Whether images are saved, and not loaded. */
@inline
export function imageIsSaved(): bool {
  return isSaving;
}

/** Loading: room for `bytes` bytes where the image is kept. */
export function imageRoom(bytes: u32): usize {
  return arenaAllocate(arena, bytes);
}

/** Loading: where the image goes on. */
@inline
export function imageCursor(): usize {
  return cursor;
}

/** Saves a number. */
export function imagePut(value: u32): void {
  const to = bufferRoom(4);
  store<u32>(to, value);
  bufferKeep(to + 4);
}

/** Loads a number. */
export function imageTake(): u32 {
  cursor += 4;
  return load<u32>(cursor - 4);
}

export function imagePut64(value: i64): void {
  const to = bufferRoom(8);
  store<i64>(to, value);
  bufferKeep(to + 8);
}

export function imageTake64(): i64 {
  cursor += 8;
  return load<i64>(cursor - 8);
}

/** Saves a block, whose own addresses mean nothing until they have been visited. */
export function imagePutBlock(from: usize, bytes: u32): void {
  bufferPutBytes(from, bytes);
}

/** Loads a block to a given place. */
export function imageTakeBlock(to: usize, bytes: u32): void {
  memory.copy(to, cursor, bytes);
  cursor += bytes;
}

/** The same of `bytes` bytes, a multiple of 16, of which there are few. */
@inline
export function imagePutWords(from: usize, bytes: u32): void {
  const to = bufferRoom(bytes);
  for (let at: usize = 0; at < bytes; at += 16) v128.store(to + at, v128.load(from + at));
  bufferKeep(to + bytes);
}

@inline
export function imageTakeWords(to: usize, bytes: u32): void {
  for (let at: usize = 0; at < bytes; at += 16) v128.store(to + at, v128.load(cursor + at));
  cursor += bytes;
}

/** Visits the bytes that the u32 at `place` is the address of: `used` of them count, a load makes room for `room`. */
export function imageBytes(place: usize, used: u32, room: u32): void {
  if (isSaving) {
    bufferPutBytes(load<u32>(place), used);
    return;
  }
  if (!room) {
    // Not an address of the memory that was saved: even nothing cannot be copied from beyond the end of this one.
    store<u32>(place, 0);
    return;
  }
  const kept = arenaAllocate(arena, room);
  imageTakeBlock(kept, used);
  store<u32>(place, <u32>kept);
}

/** The same of a reference: u32 address, u32 length. */
@inline
export function imageReference(place: usize): void {
  imageBytes(place, load<u32>(place, 4), load<u32>(place, 4));
}

/** The same of a text of value-set.ts, whose length stands before its bytes. */
export function imageNode(place: usize): void {
  const bytes = 4 + load<u32>(isSaving ? <usize>load<u32>(place) : cursor);
  imageBytes(place, bytes, bytes);
}
