// Entry of the thread that writes the log of one input: it takes what a core has read from their ring, and adds it to the
// log, until the ring is closed. Reading, logging and computing so overlap, and the disk is waited for here only.
//
//   'always'       at once, and on the disk at once
//   a time         when it has passed since the last time, or half the ring is full; on the disk
//   'checkpoint'   the same every 10 ms; on the disk when a checkpoint wants it, and when there is much of it, since what
//                  is on the disk need not stay in memory

import { parentPort } from 'node:worker_threads';
import { killPoint } from '../base/kill-point.ts';
import { createLinearMemory } from '../data/memory.ts';
import type { Segment } from '../state/log-segment.ts';
import { GATHERED_BYTES, LogWriter } from '../state/log-writer.ts';
import { LogChannel, type LogChannelBuffers } from './channels/log-channel.ts';

/** How often the log is written when it does not wait for the disk. */
const UNSYNCED_MILLIS = 10;
/** Bytes that may wait for a checkpoint to be on the disk. */
const UNSYNCED_BYTES_MAX = 1 << 23;
/** The longest sleep of a thread that nothing wakes. */
const SLEEP_MILLIS = 60_000;

export interface LogWork {
  channel: LogChannelBuffers;
  kernels: WebAssembly.Module;
  /** Where the files are, and the number of the byte that comes next. */
  folder: string;
  end: number;
  /** Random, of 32 bits. */
  seed: number;
  sync: 'always' | 'checkpoint' | number;
}

export type LogReport =
  | { kind: 'ready' }
  | { kind: 'segment'; segment: Segment; end: number }
  | { kind: 'failed'; code: string | undefined; message: string };

const report = (what: LogReport) => parentPort?.postMessage(what);

function main({ channel: buffers, kernels, folder, end, seed, sync }: LogWork): void {
  const channel = new LogChannel(buffers);
  try {
    const onSegment = (segment: Segment) => report({ kind: 'segment', segment, end: segment.begin });
    const writer = new LogWriter({ memory: createLinearMemory(kernels), folder, end, seed, onSegment });
    report({ kind: 'ready' });
    // While the cores are still being built.
    channel.ring.touch();
    writeAll(channel, writer, sync);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    report({ kind: 'failed', code, message });
    channel.close();
  }
}

function writeAll(channel: LogChannel, writer: LogWriter, sync: LogWork['sync']): void {
  const { ring } = channel;
  const delayMillis = sync === 'always' ? 0 : sync === 'checkpoint' ? UNSYNCED_MILLIS : sync / 1000;
  let last = Number.NEGATIVE_INFINITY;
  let count = 0;
  while (!ring.isClosed || ring.filled > 0) {
    channel.waitForBytes(1, SLEEP_MILLIS);
    channel.waitForBytes(ring.capacity / 2, last + delayMillis - performance.now());
    last = performance.now();
    const isWanted = channel.hearSync();
    if (ring.filled > 0) count++;
    killPoint('logging', count);
    take(ring, writer);
    killPoint('logged', count);
    const isDue = isWanted || sync !== 'checkpoint' || writer.unsynced >= UNSYNCED_BYTES_MAX;
    channel.report(writer.end, isDue ? { count: ring.read, micros: timeOf(() => writer.sync()) } : null);
    if (isDue) killPoint('log synced', count);
  }
  writer.close();
  channel.report(writer.end, { count: ring.read, micros: 0 });
}

/** Adds what is in the ring, giving room back as it goes. */
function take(ring: LogChannel['ring'], writer: LogWriter): void {
  for (let left = ring.filled; left > 0; ) {
    const piece = ring.peek(Math.min(left, GATHERED_BYTES));
    writer.write([piece]);
    ring.release(piece.length);
    left -= piece.length;
  }
}

function timeOf(work: () => void): number {
  const started = performance.now();
  work();
  return Math.round((performance.now() - started) * 1000);
}

parentPort?.once('message', main);
