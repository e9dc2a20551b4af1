// Prints the bytes of JS heap that windows of 200 reads, of 200 writes and of nothing took: stdin is a file or a pipe.
// For the process tests.

import fs from 'node:fs';
import v8 from 'node:v8';
import { READ_END, READ_NOTHING } from '../../../src/connectors/connector.ts';
import { DescriptorWriter } from '../../../src/connectors/descriptor-writer.ts';
import { openStdin } from '../../../src/connectors/stdin.ts';
import { testMemory } from '../../support/linear-memory.ts';

const memory = testMemory();
const address = memory.allocate(1 << 16);
const reader = openStdin();
const writer = new DescriptorWriter('null', fs.openSync('/dev/null', 'w'), true);

function read(): void {
  let count = reader.read(memory, address, 512);
  while (count === READ_NOTHING) count = reader.read(memory, address, 512);
  if (count === READ_END) throw new Error('the input is too short');
}

function write(): void {
  writer.write(memory, address, 512);
}

/** The median over windows: a collection or a compilation may fall into some. */
function measure(act: () => void): number {
  const deltas = new Float64Array(21);
  for (let i = 0; i < 20_000; i++) act();
  let before = v8.getHeapStatistics().used_heap_size;
  for (let window = 0; window < deltas.length; window++) {
    for (let i = 0; i < 200; i++) act();
    const after = v8.getHeapStatistics().used_heap_size;
    deltas[window] = after - before;
    before = after;
  }
  return deltas.sort()[10] as number;
}

const nothing = measure(() => {});
process.stdout.write(JSON.stringify({ read: measure(read) - nothing, write: measure(write) - nothing }));
