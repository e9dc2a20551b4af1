// Native modules of the bundle and of the executable.
//
// dlopen needs a file, so the executable unpacks a native into a private cache directory named by its content:
//
//   ROOT/native/<first 16 hex digits of the SHA-256>/<name>
//   ROOT: $LAMINAR_NATIVE_CACHE, $XDG_CACHE_HOME/laminar, ~/.cache/laminar, $TMPDIR/laminar-<uid>: the first that works
//
// Invariants: every directory from ROOT down belongs to this user and nobody else can write to it; the file's hash is
// checked on every start (a file planted or damaged is replaced); files appear by rename, so concurrent first starts
// are safe; a directory on a noexec mount is passed over.

import { hash } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import sea from 'node:sea';
import { threadId } from 'node:worker_threads';
import { LaminarError } from '../base/errors.ts';

/** File name → SHA-256 in hex: put in by the bundler. */
declare const __NATIVE_SHA256__: Record<string, string>;

/** Loads a native module of the bundle or executable. @throws LMN-7001 when no cache directory can hold it. */
export function loadNative(name: string): unknown {
  if (!sea.isSea()) {
    const file = path.join(import.meta.dirname, name);
    return createRequire(file)(file);
  }
  const bytes = Buffer.from(sea.getRawAsset(name) as ArrayBuffer);
  const failures: string[] = [];
  for (const root of cacheRoots()) {
    try {
      return openLibrary(unpackNative(root, { name, bytes, sha256: __NATIVE_SHA256__[name] as string }));
    } catch (error) {
      failures.push(`${root}: ${(error as Error).message}`);
    }
  }
  throw new LaminarError('LMN-7001', `cannot unpack ${name}\n  ${failures.join('\n  ')}`, {
    hint: 'set LAMINAR_NATIVE_CACHE to a directory that only you can write to, on a mount without noexec',
  });
}

/** Where natives may be unpacked, best first. */
export function cacheRoots(): string[] {
  const { LAMINAR_NATIVE_CACHE: own, XDG_CACHE_HOME: xdg } = process.env;
  const home = homeDirectory();
  return [
    ...(own ? [own] : []),
    ...(xdg ? [path.join(xdg, 'laminar')] : []),
    ...(home === null ? [] : [path.join(home, '.cache', 'laminar')]),
    path.join(os.tmpdir(), `laminar-${process.getuid?.() ?? 'user'}`),
  ];
}

export interface Native {
  name: string;
  bytes: Uint8Array;
  sha256: string;
}

/** Makes sure the native's file is under `root` and is what it should be. @returns its path. */
export function unpackNative(root: string, native: Native): string {
  const folder = path.join(root, 'native', native.sha256.slice(0, 16));
  makeDirectory(path.dirname(root));
  for (const directory of [root, path.dirname(folder), folder]) {
    makeDirectory(directory);
    checkPrivate(directory);
  }
  const file = path.join(folder, native.name);
  if (isIntact(file, native)) return file;
  const temporary = `${file}.${process.pid}.${threadId}`;
  fs.writeFileSync(temporary, native.bytes, { mode: 0o700 });
  fs.renameSync(temporary, file);
  return file;
}

/** One level at a time: mkdir with `recursive` never returns below /proc. */
function makeDirectory(directory: string): void {
  try {
    fs.mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' && !fs.existsSync(directory)) throw error;
  }
}

function checkPrivate(directory: string): void {
  const uid = process.getuid?.();
  const status = fs.lstatSync(directory);
  const isPrivate = uid === undefined || (status.uid === uid && (status.mode & 0o022) === 0);
  if (!status.isDirectory() || !isPrivate) throw new Error(`${directory} is not private to this user`);
}

function isIntact(file: string, native: Native): boolean {
  const status = fs.lstatSync(file, { throwIfNoEntry: false });
  if (!status?.isFile() || status.size !== native.bytes.length) return false;
  return hash('sha256', fs.readFileSync(file)) === native.sha256;
}

function openLibrary(file: string): unknown {
  const module = { exports: {} as unknown };
  process.dlopen(module, file, os.constants.dlopen.RTLD_NOW);
  return module.exports;
}

/** A user id without a passwd entry has no home directory unless $HOME says so. */
function homeDirectory(): string | null {
  try {
    return os.homedir();
  } catch {
    return null;
  }
}
