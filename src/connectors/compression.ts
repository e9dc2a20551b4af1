// Compressed files: a reader that decompresses and a writer that compresses, around a descriptor.
//
// The reader keeps one small buffer of compressed bytes and decompresses straight into linear memory. It says when the
// input was cut off or is corrupt, and where. Zeros after the last gzip member are padding.

import { LaminarError } from '../base/errors.ts';
import { COMPRESSED_BYTES } from '../base/limits.ts';
import type { LinearMemory } from '../data/memory.ts';
import { Codec, CodecFailure, type Compression } from './codec.ts';
import { type ByteWriter, READ_END, READ_NOTHING, type Replay, type Sharing, type SplitReader } from './connector.ts';
import type { DescriptorReader } from './descriptor-reader.ts';
import type { DescriptorWriter } from './descriptor-writer.ts';

export class DecompressingReader implements SplitReader {
  readonly #source: DescriptorReader;
  readonly #compression: Compression;
  readonly #codec: Codec;
  readonly #buffer = new Uint8Array(COMPRESSED_BYTES);
  /** The last step filled its output: there may be more without new input. */
  #outputLeft = false;
  #inputEnded = false;
  #ended = false;

  constructor(source: DescriptorReader, compression: Compression) {
    this.#source = source;
    this.#compression = compression;
    this.#codec = new Codec('decompress', compression);
  }

  get name(): string {
    return this.#source.name;
  }

  get sizeBytes(): number | null {
    return this.#source.sizeBytes;
  }

  get consumedBytes(): number {
    return this.#source.consumedBytes;
  }

  get waitDescriptor(): number | null {
    return this.#source.waitDescriptor;
  }

  /** By its compressed bytes. */
  get replay(): Replay | null {
    const { replay } = this.#source;
    if (replay === null) return null;
    return {
      identify: (_, rawBytes) => replay.identify(rawBytes ?? this.#source.consumedBytes, null),
      isSame: (identity) => replay.isSame(identity),
    };
  }

  /** Where it stands is in a codec, which one core has. Of what is not a file nobody reads ahead. */
  sharing(): Sharing | null {
    return this.sizeBytes === null ? null : 'pumped';
  }

  read(memory: LinearMemory, address: number, bytes: number): number {
    while (!this.#ended) {
      if (this.#codec.inputBytes > 0 || this.#outputLeft) {
        const produced = this.#step(memory.u8, address, bytes);
        if (produced > 0) return produced;
      } else if (this.#inputEnded) {
        this.#ended = true;
      } else {
        const count = this.#source.readInto(this.#buffer, 0, COMPRESSED_BYTES);
        if (count === READ_NOTHING) return READ_NOTHING;
        if (count === READ_END) {
          this.#inputEnded = true;
          this.#outputLeft = true; // one more step, which finds out whether the input is complete
        } else {
          this.#codec.feed(this.#buffer, 0, count);
        }
      }
    }
    return READ_END;
  }

  close(): void {
    this.#ended = true;
    this.#codec.close();
    this.#source.close();
  }

  #step(output: Uint8Array, offset: number, bytes: number): number {
    const before = this.#codec.inputBytes;
    let produced: number;
    try {
      produced = this.#codec.run(output, offset, bytes, this.#inputEnded);
    } catch (error) {
      throw error instanceof CodecFailure ? this.#broken(error, before) : error;
    }
    this.#outputLeft = produced === bytes;
    if (produced === 0 && before > 0 && this.#codec.inputBytes === before) this.#codec.drop(); // padding
    return produced;
  }

  #broken(failure: CodecFailure, inputBytes: number): LaminarError {
    const { name, consumedBytes } = this.#source;
    if (failure.truncated) {
      return new LaminarError(
        'LMN-5021',
        `${name} ends too early: its ${this.#compression} data stops at byte ${consumedBytes}`,
        {
          hint: 'the file was cut off or is still being written',
          at: { name },
          cause: failure,
        },
      );
    }
    const from = consumedBytes - inputBytes;
    return new LaminarError(
      'LMN-5022',
      `${name} is corrupt between byte ${from} and byte ${consumedBytes} of its ${this.#compression} data: ${failure.message}`,
      { hint: "test the file; if it is not compressed, say compression = 'none'", at: { name }, cause: failure },
    );
  }
}

export class CompressingWriter implements ByteWriter {
  readonly #target: DescriptorWriter;
  readonly #compression: Compression;
  #codec: Codec;
  readonly #buffer = new Uint8Array(COMPRESSED_BYTES);
  /** The member has something in it. */
  #isOpen = false;

  constructor(target: DescriptorWriter, compression: Compression) {
    this.#target = target;
    this.#compression = compression;
    this.#codec = new Codec('compress', compression);
  }

  get name(): string {
    return this.#target.name;
  }

  write(memory: LinearMemory, address: number, bytes: number): void {
    if (bytes === 0) return;
    this.#isOpen = true;
    this.#codec.feed(memory.u8, address, bytes);
    this.#drain(false);
  }

  flush(): void {
    // What the compressor holds stays there until `close`: flushing it early would cost compression.
  }

  settle(): number {
    if (this.#isOpen) {
      this.#drain(true);
      this.#codec.close();
      this.#codec = new Codec('compress', this.#compression);
      this.#isOpen = false;
    }
    return this.#target.settle();
  }

  close(): void {
    try {
      // A file without anything in it is one empty member.
      if (this.#isOpen || this.#target.settle() === 0) this.#drain(true);
    } finally {
      this.#codec.close();
      this.#target.close();
    }
  }

  #drain(finish: boolean): void {
    let produced: number;
    do {
      produced = this.#codec.run(this.#buffer, 0, COMPRESSED_BYTES, finish);
      if (produced > 0) this.#target.writeFrom(this.#buffer, 0, produced);
    } while (produced === COMPRESSED_BYTES || this.#codec.inputBytes > 0);
  }
}
