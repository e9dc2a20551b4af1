// Copies bytes between a core's linear memory and the memory that cores share, without making an object.
//
// A tiny WebAssembly module with both memories: JavaScript could only copy between views made for every range.

import type { LinearMemory } from '../../data/memory.ts';

export interface Copier {
  /** To the shared memory, from the core's. */
  send(to: number, from: number, bytes: number): void;
  /** To the core's memory, from the shared one. */
  receive(to: number, from: number, bytes: number): void;
}

/** `shared` has been made with `maximum: pages`. */
export function createCopier(memory: LinearMemory, shared: WebAssembly.Memory, pages: number): Copier {
  const module = new WebAssembly.Module(copierCode(pages));
  const instance = new WebAssembly.Instance(module, { env: { memory: memory.memory, shared } });
  return instance.exports as unknown as Copier;
}

const I32 = 0x7f;

function copierCode(pages: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [1, 0x60, 3, I32, I32, I32, 0]),
    ...section(2, [
      2,
      ...[...name('env'), ...name('memory'), 0x02, 0x01, ...unsigned(1), ...unsigned(65_536)],
      ...[...name('env'), ...name('shared'), 0x02, 0x03, ...unsigned(pages), ...unsigned(pages)],
    ]),
    ...section(3, [2, 0, 0]),
    ...section(7, [2, ...name('send'), 0, 0, ...name('receive'), 0, 1]),
    ...section(10, [2, ...copyBody(1, 0), ...copyBody(0, 1)]),
  ]);
}

/** local.get 0, 1, 2; memory.copy to, from; end. */
function copyBody(to: number, from: number): number[] {
  const code = [0, 0x20, 0, 0x20, 1, 0x20, 2, 0xfc, 0x0a, to, from, 0x0b];
  return [code.length, ...code];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

function name(text: string): number[] {
  return [text.length, ...Array.from(text, (character) => character.charCodeAt(0))];
}

function unsigned(value: number): number[] {
  const low = value & 0x7f;
  return value < 0x80 ? [low] : [low | 0x80, ...unsigned(value >>> 7)];
}
