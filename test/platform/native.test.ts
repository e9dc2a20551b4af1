// Native modules on their way from the executable to a file: nobody else may have a hand in it.

import { hash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cacheRoots, type Native, unpackNative } from '../../src/platform/native.ts';

const bytes = Buffer.from('not really a library');
const native: Native = { name: 'x.node', bytes, sha256: hash('sha256', bytes) };

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'laminar-native-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

describe('unpacking', () => {
  test('makes a private folder named by the content', () => {
    const root = path.join(folder, 'cache/laminar');
    const file = unpackNative(root, native);
    expect(file).toBe(path.join(root, 'native', native.sha256.slice(0, 16), 'x.node'));
    expect(fs.readFileSync(file)).toEqual(bytes);
    for (let at = path.dirname(file); at !== path.dirname(root); at = path.dirname(at)) {
      expect(fs.statSync(at).mode & 0o777).toBe(0o700);
    }
  });

  test('leaves an intact file alone', () => {
    const file = unpackNative(folder, native);
    fs.utimesSync(file, 1, 1);
    unpackNative(folder, native);
    expect(fs.statSync(file).mtimeMs).toBe(1000);
  });

  test.each([
    ['damaged, of the same size', (file: string) => fs.writeFileSync(file, Buffer.alloc(bytes.length, 1))],
    ['cut short', (file: string) => fs.truncateSync(file, 3)],
    [
      'replaced by a link to something else',
      (file: string) => {
        fs.rmSync(file);
        fs.writeFileSync(path.join(folder, 'else'), bytes);
        fs.symlinkSync(path.join(folder, 'else'), file);
      },
    ],
  ])('replaces a file that is %s', (_, damage) => {
    const file = unpackNative(folder, native);
    damage(file);
    expect(unpackNative(folder, native)).toBe(file);
    expect(fs.lstatSync(file).isFile()).toBe(true);
    expect(fs.readFileSync(file)).toEqual(bytes);
  });

  test('refuses a folder that others can write to', () => {
    fs.mkdirSync(path.join(folder, 'native'));
    fs.chmodSync(path.join(folder, 'native'), 0o777);
    expect(() => unpackNative(folder, native)).toThrow('is not private to this user');
  });

  test('refuses a link in the place of a folder', () => {
    fs.mkdirSync(path.join(folder, 'elsewhere'));
    fs.symlinkSync(path.join(folder, 'elsewhere'), path.join(folder, 'native'));
    expect(() => unpackNative(folder, native)).toThrow('is not private to this user');
  });

  test.runIf(process.getuid?.() === 0)('refuses the folder of another user', () => {
    fs.mkdirSync(path.join(folder, 'native'));
    fs.chownSync(path.join(folder, 'native'), 65534, 65534);
    expect(() => unpackNative(folder, native)).toThrow('is not private to this user');
  });
});

test('the folders to try: the one asked for, the XDG one, the home, the temporary one', () => {
  const before = { ...process.env };
  try {
    Object.assign(process.env, { LAMINAR_NATIVE_CACHE: '/own', XDG_CACHE_HOME: '/xdg', HOME: '/home/someone' });
    expect(cacheRoots()).toEqual([
      '/own',
      '/xdg/laminar',
      '/home/someone/.cache/laminar',
      path.join(os.tmpdir(), `laminar-${process.getuid?.()}`),
    ]);
  } finally {
    process.env = before;
  }
});
