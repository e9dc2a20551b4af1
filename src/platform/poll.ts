// Waiting on file descriptors: poll(2), fcntl(2) and eventfd(2) through koffi.
//
// Node has no synchronous wait for a descriptor, and a core may not await. The C functions are declared with plain
// integers (the array of pollfd is passed by its address), so a call makes no garbage: 0.3 µs for a zero timeout.
//
//   pollfd ─► fd i32 │ events i16 │ revents i16
//
// Where koffi cannot be loaded nothing is lost but latency: every descriptor counts as ready, so reads block.

import fs from 'node:fs';
import { requireKoffi } from './koffi.ts';

const POLLIN = 1;
const POLLOUT = 4;
const F_SETPIPE_SZ = 1031;
const EFD_NONBLOCK = 0o4000;
const EFD_CLOEXEC = 0o2000000;
const POLLFD_BYTES = 8;
const POLLFD_COUNT_MAX = 1024;

interface Libc {
  poll(address: number, count: number, timeoutMillis: number): number;
  fcntl(descriptor: number, command: number, argument: number): number;
  /** null where the system has none. */
  eventfd: ((value: number, flags: number) => number) | null;
  /** The array of pollfd as words; outside the JS heap, so its address is fixed. */
  words: Int32Array;
  address: number;
}

/** Loaded on first use, once per thread; null where the platform has no koffi. */
let loaded: Libc | null | undefined;

/** Whether reading from the descriptor would return at once: bytes, the end, or an error. */
export function isReadable(descriptor: number): boolean {
  const libc = loadLibc();
  if (libc === null) return true;
  libc.words[0] = descriptor;
  libc.words[1] = POLLIN;
  return libc.poll(libc.address, 1, 0) > 0;
}

/**
 * Waits until one of the descriptors is readable (or at its end), or the time is over; −1 waits without limit.
 * A signal may end the wait early. @returns whether a descriptor is ready.
 */
export function waitReadable(descriptors: readonly number[], timeoutMillis: number): boolean {
  const libc = loadLibc();
  const count = Math.min(descriptors.length, POLLFD_COUNT_MAX);
  if (libc === null) {
    if (count === 0) sleep(timeoutMillis);
    return count > 0;
  }
  for (let i = 0; i < count; i++) {
    libc.words[2 * i] = descriptors[i] as number;
    libc.words[2 * i + 1] = POLLIN;
  }
  return libc.poll(libc.address, count, Math.ceil(timeoutMillis)) > 0;
}

/** Waits until the descriptor takes bytes (or its reader has gone away), or the time is over; −1: without limit. */
export function waitWritable(descriptor: number, timeoutMillis: number): boolean {
  const libc = loadLibc();
  if (libc === null) {
    sleep(1);
    return true;
  }
  libc.words[0] = descriptor;
  libc.words[1] = POLLOUT;
  return libc.poll(libc.address, 1, Math.ceil(timeoutMillis)) > 0;
}

/**
 * Enlarges a pipe's buffer: a quarter of the reads and a fifth of the waits on `cat file |`, as fewer switches between
 * the two processes are needed. Does nothing for other descriptors and where the system refuses.
 */
export function growPipe(descriptor: number, bytes: number): void {
  if (process.platform !== 'linux') return;
  loadLibc()?.fcntl(descriptor, F_SETPIPE_SZ, bytes);
}

/**
 * Makes a descriptor that another thread of the process makes readable by `ringWake`: it ends a wait for others. Never
 * closed: who rings might write into what has its number next. @returns −1 where the system has none.
 */
export function openWake(): number {
  return loadLibc()?.eventfd?.(0, EFD_NONBLOCK | EFD_CLOEXEC) ?? -1;
}

/** A counter of 8 bytes: writing adds to it, reading takes all. */
const WAKE_BYTES = 8;

export function ringWake(descriptor: number): void {
  fs.writeSync(descriptor, new Uint8Array(new BigUint64Array([1n]).buffer));
}

/** How another thread ends a core's sleep, as plain data (src/runtime/control.ts has it). */
export interface Wake {
  /** A core that waits for no descriptor sleeps on the first word. */
  words: SharedArrayBuffer;
  /** The word that says that the descriptor is rung. */
  rung: number;
  /** −1 where the system has none. */
  descriptor: number;
}

export function ring({ words, rung, descriptor }: Wake): void {
  const cells = new Int32Array(words);
  Atomics.notify(cells, 0);
  if (descriptor < 0) return;
  ringWake(descriptor);
  // The descriptor is readable before the core may think it has to be read.
  Atomics.store(cells, rung, 1);
}

export function clearWake(descriptor: number): void {
  try {
    fs.readSync(descriptor, new Uint8Array(WAKE_BYTES));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
  }
}

function sleep(millis: number): void {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  Atomics.wait(cell, 0, 0, millis < 0 ? Number.POSITIVE_INFINITY : millis);
}

function loadLibc(): Libc | null {
  if (loaded === undefined) loaded = openLibc();
  return loaded;
}

function openLibc(): Libc | null {
  try {
    const koffi = requireKoffi();
    const library = koffi.load(null);
    const words = new Int32Array(new ArrayBuffer(POLLFD_COUNT_MAX * POLLFD_BYTES));
    return {
      poll: library.func('poll', 'int', ['intptr_t', 'ulong', 'int']) as Libc['poll'],
      fcntl: library.func('fcntl', 'int', ['int', 'int', 'int']) as Libc['fcntl'],
      eventfd:
        process.platform === 'linux' ? (library.func('eventfd', 'int', ['uint', 'int']) as Libc['eventfd']) : null,
      words,
      address: Number(koffi.address(words)),
    };
  } catch {
    return null;
  }
}
