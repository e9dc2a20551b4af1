// Reads the record batches of an Arrow IPC stream, message by message, through apache-arrow.
//
//   framing ─► whole messages ─► queue ─► apache-arrow's reader ─► record batch
//
// The library pulls its bytes and takes an end for the end. So it is asked for a record batch only when one is in the
// queue, and the queue answers with no bytes, not with an end, when the library looks ahead. Dictionaries wait in the
// queue until the record batch that needs them.

import zlib from 'node:zlib';
import {
  CompressionType,
  compressionRegistry,
  MessageHeader,
  type RecordBatch,
  RecordBatchReader,
  type Schema,
} from 'apache-arrow';
import { LaminarError } from '../base/errors.ts';
import { ArrowFraming, type ArrowMessage } from './arrow-framing.ts';
import { damagedStream } from './arrow-text.ts';

/** Rows of a record batch: what the library counts in 32 bits. */
const ROWS_MAX = 2 ** 31 - 1;

export class ArrowSource {
  readonly #framing = new ArrowFraming();
  #queue = new MessageQueue();
  #reader: RecordBatchReader | null = null;
  /** Schema of the stream that is being read, null before it. */
  schema: Schema | null = null;

  constructor() {
    compressionRegistry.set(CompressionType.ZSTD, {
      decode: (bytes) => new Uint8Array(zlib.zstdDecompressSync(bytes)),
    });
  }

  /** A new split begins. */
  reset(): void {
    this.#framing.reset();
    this.#reader = null;
    this.schema = null;
  }

  /** Takes bytes up to the end of a message. @returns bytes taken. @throws LaminarError LMN-6052 */
  push(bytes: Uint8Array, begin: number, end: number): number {
    return this.#framing.push(bytes, begin, end);
  }

  /** Called when there are no more bytes. @throws LaminarError LMN-6053 */
  finish(): void {
    this.#framing.finish();
  }

  /** The message that the last `push` completed, before it is taken. */
  get message(): ArrowMessage | null {
    return this.#framing.message;
  }

  /** The split is a file around a stream. */
  get isFile(): boolean {
    return this.#framing.isFile;
  }

  /** The record batch that the last `push` completed, if any. @throws LaminarError LMN-6052 */
  take(): RecordBatch | null {
    const message = this.#framing.message;
    if (message === null) return null;
    this.#framing.message = null;
    try {
      return this.#read(message);
    } catch (error) {
      throw error instanceof LaminarError ? error : damagedStream(error);
    }
  }

  #read(next: ArrowMessage): RecordBatch | null {
    const { message, body } = next;
    if (message.headerType === MessageHeader.Schema) {
      this.#queue = new MessageQueue();
      this.#queue.add(next);
      this.#reader = RecordBatchReader.from(this.#queue).open() as RecordBatchReader;
      this.schema = this.#reader.schema;
      return null;
    }
    if (this.#reader === null) {
      throw new LaminarError('LMN-6052', 'the Arrow stream does not begin with its schema', {
        hint: "Files of Arrow's JavaScript library have it at the end only: write a stream instead.",
      });
    }
    if (!message.isRecordBatch() && !message.isDictionaryBatch()) {
      throw new LaminarError('LMN-6052', 'the Arrow stream has something else than record batches in it');
    }
    const header = message.isRecordBatch() ? message.header() : message.header().data;
    if (header.compression !== null && header.compression.type !== CompressionType.ZSTD) {
      throw new LaminarError('LMN-6052', 'the Arrow stream is compressed with LZ4', {
        hint: 'Write it uncompressed or with zstd.',
      });
    }
    if (
      header.length > ROWS_MAX ||
      header.buffers.some(({ offset, length }) => !(offset >= 0 && length >= 0 && offset + length <= body.length))
    ) {
      throw damagedStream();
    }
    this.#queue.add(next);
    if (!message.isRecordBatch()) return null;
    const { done, value } = this.#reader.next() as IteratorResult<RecordBatch>;
    if (done) throw damagedStream();
    return value;
  }
}

/** Bytes of messages for apache-arrow: an iterator that never ends. */
class MessageQueue implements Iterable<Uint8Array>, Iterator<Uint8Array> {
  readonly #chunks: Uint8Array[] = [];
  /** Times in a row that nothing was there. */
  #emptyCount = 0;

  add({ metadata, body }: ArrowMessage): void {
    this.#chunks.push(metadata);
    if (body.length > 0) this.#chunks.push(body);
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<Uint8Array> {
    const value = this.#chunks.shift();
    this.#emptyCount = value === undefined ? this.#emptyCount + 1 : 0;
    // Looking ahead asks once. Whoever goes on asking waits for bytes that a message says it has, and will not get them.
    if (this.#emptyCount > 2) throw damagedStream();
    return { done: false, value: value ?? new Uint8Array(0) };
  }
}
