// Copies stdin to stdout through the connectors and reports on stderr: waits, bytes, whether koffi was loaded. For the
// process tests.

import { createRequire } from 'node:module';
import { ClosedOutput, READ_END, READ_NOTHING } from '../../../src/connectors/connector.ts';
import { openStdin } from '../../../src/connectors/stdin.ts';
import { openStdout } from '../../../src/connectors/stdout.ts';
import { waitReadable } from '../../../src/platform/poll.ts';
import { testMemory } from '../../support/linear-memory.ts';

const memory = testMemory();
const address = memory.allocate(1 << 18);
const reader = openStdin();
const writer = openStdout();
const waited: string[] = [];
try {
  for (;;) {
    const count = reader.read(memory, address, 1 << 18);
    if (count === READ_END) break;
    if (count === READ_NOTHING) {
      const ready = waitReadable([reader.waitDescriptor as number], 10_000);
      waited.push(`${ready}`);
    } else {
      writer.write(memory, address, count);
    }
  }
} catch (error) {
  if (!(error instanceof ClosedOutput)) throw error;
  waited.push('closed');
}
const koffi = Object.keys(createRequire(import.meta.url).cache).some((file) => file.includes('koffi'));
process.stderr.write(JSON.stringify({ waited, koffi, bytes: reader.consumedBytes, size: reader.sizeBytes }));
