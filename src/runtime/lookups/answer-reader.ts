// Answers of a table elsewhere: their NDJSON becomes batches of its rows, as that of a source does.

import { BATCH_ROW_COUNT } from '../../../kernels/layout.ts';
import { READ_END, type SplitReader } from '../../connectors/connector.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { BadRecords } from '../bad-records.ts';
import { DECODED, type LocalReader } from '../batch-reader.ts';

export interface AnswerParts {
  reader: LocalReader;
  badRecords: BadRecords;
  /** For messages. */
  name: string;
}

export class AnswerReader {
  readonly #memory: LinearMemory;
  readonly #parts: AnswerParts;

  constructor(memory: LinearMemory, parts: AnswerParts) {
    this.#memory = memory;
    this.#parts = parts;
  }

  /** Hands out the rows of an answer, batch by batch. @returns how many. @throws LaminarError for a bad one, by the policy. */
  read(records: Uint8Array, take: (batch: number) => void): number {
    const { reader, badRecords, name } = this.#parts;
    let rows = 0;
    reader.open(new BytesReader(name, records));
    while (reader.next() === DECODED) {
      if (reader.rejectCount > 0) {
        badRecords.handle(reader.rejects(), (reject) => ({ split: name, ...reader.placeOf(reject) }));
      }
      rows += this.#memory.load32(reader.batch + BATCH_ROW_COUNT);
      take(reader.batch);
      reader.settle();
    }
    return rows;
  }
}

/** Bytes that are there. */
class BytesReader implements SplitReader {
  readonly name: string;
  readonly sizeBytes: number;
  readonly waitDescriptor = null;
  readonly #bytes: Uint8Array;
  consumedBytes = 0;

  constructor(name: string, bytes: Uint8Array) {
    this.name = name;
    this.sizeBytes = bytes.length;
    this.#bytes = bytes;
  }

  read(memory: LinearMemory, address: number, bytes: number): number {
    const from = this.consumedBytes;
    const count = Math.min(bytes, this.#bytes.length - from);
    if (count === 0) return READ_END;
    memory.u8.set(this.#bytes.subarray(from, from + count), address);
    this.consumedBytes += count;
    return count;
  }

  close(): void {}
}
