// What the connector tests share: a linear memory, a temporary directory, and reading a split to its end.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { READ_END, READ_NOTHING, type SplitReader } from '../../src/connectors/connector.ts';
import type { LinearMemory } from '../../src/data/memory.ts';
import { waitReadable } from '../../src/platform/poll.ts';

/** Reads everything, waiting where there is nothing yet; `sizes` are the read sizes, used in turn. */
export function drain(reader: SplitReader, memory: LinearMemory, sizes: readonly number[] = [1 << 16]): Buffer {
  const address = memory.allocate(Math.max(...sizes));
  const parts: Buffer[] = [];
  for (let i = 0; ; i++) {
    const count = reader.read(memory, address, sizes[i % sizes.length] as number);
    if (count === READ_END) break;
    if (count === READ_NOTHING) {
      waitReadable(reader.waitDescriptor === null ? [] : [reader.waitDescriptor], 5000);
    } else {
      parts.push(Buffer.from(memory.u8.subarray(address, address + count)));
    }
  }
  return Buffer.concat(parts);
}

export function temporaryDirectory(): string {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'laminar-connectors-'));
}
