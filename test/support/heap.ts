// Bytes of JavaScript heap that calls leave behind, for programs that measure one part alone.

import { HeapMeter } from '../../src/runtime/heap-meter.ts';

const WINDOWS = 21;
const WINDOW_CALLS = 200;

const meter = new HeapMeter();

/**
 * The median over windows of 200 calls, after so many calls to get warm: a collection or a compilation may fall into
 * some. What Node makes in reading and writing files is not counted.
 */
export function heapBytesOf(act: () => void, warmCalls = 20_000): number {
  const bytes = new Float64Array(WINDOWS);
  for (let i = 0; i < warmCalls; i++) act();
  for (let window = 0; window < WINDOWS; window++) {
    meter.begin();
    for (let i = 0; i < WINDOW_CALLS; i++) act();
    bytes[window] = meter.bytes();
  }
  return bytes.sort()[WINDOWS >>> 1] as number;
}
