// A file of a log: what was appended is there, whichever way it went to the disk.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LogFile } from '../../src/state/log-file.ts';
import { PAGE_BYTES } from '../../src/state/log-record.ts';

let directory = '';
beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'laminar-log-file-'));
});
afterEach(() => fs.rmSync(directory, { recursive: true, force: true }));

const LARGE = 100 * PAGE_BYTES;

/** Pages with something else in each, `shift` bytes behind the beginning of a page in memory. */
function pagesOf(bytes: number, seed: number, shift = 0): Uint8Array {
  const memory = new WebAssembly.Memory({ initial: 8 });
  const pages = new Uint8Array(memory.buffer, shift, bytes);
  for (let at = 0; at < bytes; at += 8) pages[at] = seed + at / PAGE_BYTES;
  return pages;
}

test.each([
  ['past the memory of the system', 0],
  ['through it, where the disk takes no such bytes', 8],
])('has what was appended, much and little by turns: %s', (_, shift) => {
  const name = path.join(directory, 'a');
  const file = new LogFile(name);
  const parts = [PAGE_BYTES, LARGE, 2 * PAGE_BYTES, LARGE, PAGE_BYTES].map((bytes, at) => pagesOf(bytes, at, shift));
  const written = Buffer.concat(parts);
  let position = 0;
  for (const [index, part] of parts.entries()) {
    file.append(part);
    position += part.length;
    expect(file.position).toBe(position);
    // Another descriptor sees it at once, also before it is on the disk: what follows a kill of the process.
    expect(fs.readFileSync(name).subarray(0, position).equals(written.subarray(0, position))).toBe(true);
    if (index % 2 === 1) file.sync();
    expect(file.unsynced === 0).toBe(index % 2 === 1);
  }
  file.close();
  expect(fs.readFileSync(name).equals(written)).toBe(true);
});

test('is never another one of that name', () => {
  const name = path.join(directory, 'a');
  fs.writeFileSync(name, 'there');
  expect(() => new LogFile(name)).toThrow(expect.objectContaining({ code: 'EEXIST' }));
  expect(fs.readFileSync(name, 'utf8')).toBe('there');
});
