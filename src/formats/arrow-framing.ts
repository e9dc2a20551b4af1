// Cuts the bytes of an Arrow IPC stream into messages, however they arrive.
//
//   stream:  { 0xFFFFFFFF │ metadata bytes i32 │ metadata │ body } …  end: 0xFFFFFFFF 0, or just no more bytes
//   before format 0.15: the same without 0xFFFFFFFF;  file: "ARROW1" 0 0 │ stream │ footer (ignored)
//
// After the end of a stream another one may follow (files joined with cat, a sink that appends). The bytes of a message
// are copied out of the caller's buffer as they come, so a message may be larger than that buffer. Sizes come from
// outside: they are checked before anything is allocated.

import { Message } from 'apache-arrow';
import { LaminarError } from '../base/errors.ts';
import { ARROW_BODY_BYTES_MAX, ARROW_METADATA_BYTES_MAX } from '../base/limits.ts';
import { metadataProblem } from './arrow-metadata.ts';

/** One message: its metadata, and the same as bytes with a prefix, followed by the body. */
export interface ArrowMessage {
  message: Message;
  metadata: Uint8Array;
  body: Uint8Array;
}

type State = 'begin' | 'prefix' | 'length' | 'magic' | 'metadata' | 'body' | 'footer';

const CONTINUATION = -1;
const PREFIX_BYTES = 8;
/** The first and the second four bytes of a file. */
const MAGIC = 'ARRO';
const MAGIC_REST = 'W1\0\0';

export class ArrowFraming {
  #state: State = 'begin';
  /** What is being collected, and how many of its bytes are there. */
  #target: Uint8Array = new Uint8Array(4);
  #filled = 0;
  /** Whether a message of this split is complete: the schema at least. */
  #hasMessage = false;
  /** Metadata whose body is being collected. */
  #pending: { message: Message; metadata: Uint8Array } | null = null;
  /** The stream is in a file. */
  isFile = false;
  /** The message that the last `push` completed; taken by the caller. */
  message: ArrowMessage | null = null;

  /** Forgets everything: a new split begins. */
  reset(): void {
    this.#expect('begin', 4);
    this.isFile = false;
    this.#hasMessage = false;
    this.#pending = null;
    this.message = null;
  }

  /**
   * Takes bytes [begin, end) up to the end of a message, which is in `message` then.
   * @returns bytes taken.
   * @throws LaminarError LMN-6052
   */
  push(bytes: Uint8Array, begin: number, end: number): number {
    this.message = null;
    let at = begin;
    while (this.message === null && at < end) {
      if (this.#state === 'footer') return end - begin;
      const count = Math.min(this.#target.length - this.#filled, end - at);
      this.#target.set(bytes.subarray(at, at + count), this.#filled);
      this.#filled += count;
      at += count;
      if (this.#filled === this.#target.length) this.#complete();
    }
    return at - begin;
  }

  /** Called when there are no more bytes. @throws LaminarError LMN-6053 inside of a message, or before the schema. */
  finish(): void {
    const isBetween = this.#state === 'footer' || (this.#state === 'prefix' && this.#filled === 0);
    if (isBetween && this.#hasMessage) return;
    if (this.#hasMessage) {
      throw new LaminarError('LMN-6053', 'the Arrow stream ends in the middle of a message', {
        hint: 'What was complete has been read. Was the file cut off, or is it still being written?',
      });
    }
    throw new LaminarError('LMN-6053', 'the Arrow stream ends before its schema', {
      hint: 'A stream without rows still has a schema. Did the program that writes it fail?',
    });
  }

  /** Handles a collected part, and says what comes next. */
  #complete(): void {
    const part = this.#target;
    switch (this.#state) {
      case 'begin':
        if (Buffer.from(part).toString('latin1') === MAGIC) this.#expect('magic', 4);
        else this.#completePrefix(readI32(part));
        return;
      case 'magic':
        if (Buffer.from(part).toString('latin1') !== MAGIC_REST) throw notArrow();
        this.isFile = true;
        this.#expect('prefix', 4);
        return;
      case 'prefix':
        this.#completePrefix(readI32(part));
        return;
      case 'length':
        this.#completeLength(readI32(part));
        return;
      case 'metadata':
        this.#completeMetadata(part);
        return;
      case 'body':
        this.#emit(part);
        return;
      case 'footer':
    }
  }

  #completePrefix(value: number): void {
    if (value === CONTINUATION) this.#expect('length', 4);
    else this.#completeLength(value);
  }

  #completeLength(bytes: number): void {
    if (bytes < 0 || bytes > ARROW_METADATA_BYTES_MAX) throw notArrow();
    if (bytes === 0) {
      this.#expect(this.isFile ? 'footer' : 'prefix', 4);
      return;
    }
    this.#expect('metadata', PREFIX_BYTES + bytes);
    new DataView(this.#target.buffer).setInt32(0, CONTINUATION, true);
    new DataView(this.#target.buffer).setInt32(4, bytes, true);
    this.#filled = PREFIX_BYTES;
  }

  #completeMetadata(metadata: Uint8Array): void {
    const problem = metadataProblem(metadata.subarray(PREFIX_BYTES));
    if (problem === 'big-endian') {
      throw new LaminarError('LMN-6052', 'the Arrow stream is big-endian', {
        hint: 'Write it on a little-endian machine, or convert it.',
      });
    }
    if (problem !== null) throw notArrow();
    let message: Message;
    try {
      message = Message.decode(metadata.subarray(PREFIX_BYTES));
    } catch (cause) {
      throw notArrow(cause);
    }
    const bytes = message.bodyLength;
    if (!Number.isSafeInteger(bytes) || bytes < 0) throw notArrow();
    if (bytes > ARROW_BODY_BYTES_MAX) {
      throw new LaminarError(
        'LMN-6052',
        `a message of the Arrow stream has ${bytes} bytes, the most is ${ARROW_BODY_BYTES_MAX}`,
        {
          hint: 'Write the stream in smaller record batches.',
        },
      );
    }
    this.#pending = { message, metadata };
    this.#expect('body', bytes);
    if (bytes === 0) this.#emit(this.#target);
  }

  #emit(body: Uint8Array): void {
    if (this.#pending !== null) this.message = { ...this.#pending, body };
    this.#pending = null;
    this.#hasMessage = true;
    this.#expect('prefix', 4);
  }

  #expect(state: State, bytes: number): void {
    this.#state = state;
    this.#target = new Uint8Array(bytes);
    this.#filled = 0;
  }
}

function readI32(bytes: Uint8Array): number {
  return new DataView(bytes.buffer).getInt32(0, true);
}

function notArrow(cause?: unknown): LaminarError {
  return new LaminarError('LMN-6052', 'the input is not an Arrow IPC stream, or is damaged', {
    hint: "Is the source's format right? Arrow streams are what DuckDB, pyarrow and polars write as IPC stream.",
    cause,
  });
}
