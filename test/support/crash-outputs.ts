// What crashed runs have written, and what it is compared with.

import fs from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { tableFromIPC } from 'apache-arrow';
import { Codec } from '../../src/connectors/codec.ts';

/** How an Arrow stream begins, and a frame of zstd. */
const ARROW_CONTINUATION = -1;
const ZSTD_MAGIC = 0xfd2fb528;

/** Which rows these have depends on the clock: what counts is all of them together. */
const TIMED = /^(timed)-\d+(\.out)$/;

/** The files NAME.out of a folder, by name: what is in them. Those in progress, too: in the end there are none. */
export function outputs(folder: string): Map<string, Buffer> {
  const files = fs.readdirSync(folder).filter((file) => file.endsWith('.out') || file.endsWith('.inprogress'));
  const found = new Map<string, Buffer>();
  for (const file of files.sort()) {
    const name = file.replace(TIMED, '$1$2');
    const before = found.get(name) ?? Buffer.alloc(0);
    found.set(name, Buffer.concat([before, readOutput(path.join(folder, file))]));
  }
  return found;
}

/** Removes what a run has written. */
export function removeOutputs(folder: string): void {
  for (const file of fs.readdirSync(folder)) if (file.endsWith('.out')) fs.rmSync(path.join(folder, file));
}

/** Puts the lines of each into one order. */
export function sortLines(files: Map<string, Buffer>): void {
  for (const [file, bytes] of files) files.set(file, Buffer.from(bytes.toString().split('\n').sort().join('\n')));
}

/** A compressed file ends a member at every checkpoint, an Arrow stream a record batch: what counts is what is in them. */
function readOutput(file: string): Buffer {
  const bytes = unpacked(fs.readFileSync(file));
  if (bytes.length < 4 || bytes.readInt32LE(0) !== ARROW_CONTINUATION) return bytes;
  return Buffer.from(tableFromIPC(bytes).toArray().join('\n'));
}

function unpacked(bytes: Buffer): Buffer {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return gunzipSync(bytes);
  if (bytes.length < 4 || bytes.readUInt32LE(0) !== ZSTD_MAGIC) return bytes;
  // What Node has for whole buffers stops behind the first frame.
  const codec = new Codec('decompress', 'zstd');
  const parts: Buffer[] = [];
  codec.feed(bytes, 0, bytes.length);
  for (let produced = 1; produced > 0 || codec.inputBytes > 0; ) {
    const part = Buffer.alloc(1 << 16);
    produced = codec.run(part, 0, part.length);
    parts.push(part.subarray(0, produced));
  }
  codec.close();
  return Buffer.concat(parts);
}

/** @throws the first difference. */
export function compare(expected: Map<string, Buffer>, actual: Map<string, Buffer>, what: string): void {
  const others = [...actual.keys()].filter((file) => !expected.has(file));
  if (others.length > 0) throw new Error(`${what}: there are also ${others.join(', ')}`);
  for (const [file, bytes] of expected) {
    const other = actual.get(file);
    if (other !== undefined && bytes.equals(other)) continue;
    const at = other === undefined ? 0 : firstDifference(bytes, other);
    const shown = (given: Buffer | undefined) =>
      JSON.stringify(given?.subarray(Math.max(0, at - 60), at + 60).toString());
    throw new Error(
      `${what}: ${file} differs at byte ${at} of ${bytes.length}: ${shown(bytes)} is now ${shown(other)}`,
    );
  }
}

function firstDifference(a: Buffer, b: Buffer): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at;
}
