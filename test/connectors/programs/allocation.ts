// Prints the bytes of JS heap that 200 reads of stdin (a file or a pipe), of a gzip file, of generated rows, and 200
// writes take. For the process tests.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import zlib from 'node:zlib';
import { READ_END, READ_NOTHING, type SplitReader } from '../../../src/connectors/connector.ts';
import { DescriptorWriter } from '../../../src/connectors/descriptor-writer.ts';
import { openFiles } from '../../../src/connectors/file.ts';
import { openSource } from '../../../src/connectors/registry.ts';
import { openStdin } from '../../../src/connectors/stdin.ts';
import { BIGINT } from '../../../src/data/type.ts';
import { NEXMARK_COLUMNS } from '../../../src/plan/connector-specs.ts';
import { heapBytesOf } from '../../support/heap.ts';
import { testMemory } from '../../support/linear-memory.ts';
import { sourceNode } from '../made-source.ts';

const memory = testMemory();
const address = memory.allocate(1 << 16);
const writer = new DescriptorWriter('null', fs.openSync('/dev/null', 'w'), true);
const packed = path.join(os.tmpdir(), `laminar-allocation-${process.pid}.gz`);
fs.writeFileSync(packed, zlib.gzipSync(Buffer.alloc(32 << 20, 'some text\n')));
const nexmark = sourceNode('nexmark', NEXMARK_COLUMNS.all, { kind: 'all' });
const generator = sourceNode('generator', [{ name: 'n', type: BIGINT }], { seed: 1 });

function readerOf(reader: SplitReader): () => void {
  return () => {
    let count = reader.read(memory, address, 512);
    while (count === READ_NOTHING) count = reader.read(memory, address, 512);
    if (count === READ_END) throw new Error(`${reader.name} is too short`);
  };
}

function write(): void {
  writer.write(memory, address, 512);
}

const taken = {
  stdin: heapBytesOf(readerOf(openStdin())),
  gzip: heapBytesOf(readerOf(openFiles(packed, 'auto')[0] as SplitReader)),
  nexmark: heapBytesOf(readerOf(openSource(nexmark.connector, { node: nexmark, memory })[0] as SplitReader)),
  generator: heapBytesOf(readerOf(openSource(generator.connector, { node: generator, memory })[0] as SplitReader)),
  write: heapBytesOf(write),
};
fs.rmSync(packed);
process.stdout.write(JSON.stringify(taken));
