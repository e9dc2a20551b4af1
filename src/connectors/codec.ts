// gzip and zstd, synchronous and incremental, between buffers of the caller.
//
// node:zlib offers streams (asynchronous) and whole-buffer calls; a core needs neither. Below both is a native object
// with one synchronous step: compress or decompress from an input range into an output range. This file is the one
// place that knows it (`_handle.writeSync`, `_writeState`; Node is pinned, and a test holds the behaviour). A step
// writes straight into linear memory and makes no garbage; memory is bounded by the codec's own window.
//
//   feed(input) ─► run(output) ─► bytes produced … until run leaves room in the output ─► feed the next input
//
// Several gzip members or zstd frames in a row are one stream, as `gzip` and `zstd` have it.

import zlib from 'node:zlib';
import { assert } from '../base/assert.ts';

export type Compression = 'gzip' | 'zstd';

interface NativeCodec {
  writeSync(
    flush: number,
    input: Uint8Array,
    inputOffset: number,
    inputBytes: number,
    output: Uint8Array,
    outputOffset: number,
    outputBytes: number,
  ): void;
  onerror: (message: string, number: number, code: string) => void;
}

interface NativeStream {
  _handle: NativeCodec;
  /** After a step: bytes of output left, bytes of input left. */
  _writeState: Uint32Array;
  destroy(): void;
}

/** What the codec said: `truncated` when the input ended inside a member or frame. */
export class CodecFailure extends Error {
  override readonly name = 'CodecFailure';
  readonly truncated: boolean;

  constructor(message: string, truncated: boolean) {
    super(message);
    this.truncated = truncated;
  }
}

/** What stands for input that is used up: what was fed may be detached by now, because its memory has grown. */
const NO_INPUT = new Uint8Array(0);

export class Codec {
  /** Bytes of the fed input that are not consumed yet. */
  inputBytes = 0;
  readonly #stream: NativeStream;
  readonly #finishFlag: number;
  #input: Uint8Array = NO_INPUT;
  #inputOffset = 0;
  #failure: CodecFailure | null = null;

  constructor(direction: 'compress' | 'decompress', compression: Compression) {
    this.#stream = createStream(direction, compression) as unknown as NativeStream;
    this.#finishFlag = compression === 'gzip' ? zlib.constants.Z_FINISH : zlib.constants.ZSTD_e_end;
    this.#stream._handle.onerror = (message, number) => {
      this.#failure = new CodecFailure(message, number === zlib.constants.Z_BUF_ERROR);
    };
  }

  /** Gives the next input, which stays the caller's and must not change until it is consumed. */
  feed(input: Uint8Array, offset: number, bytes: number): void {
    assert(this.inputBytes === 0, 'the codec has consumed its input');
    this.#input = input;
    this.#inputOffset = offset;
    this.inputBytes = bytes;
  }

  /**
   * Turns input into at most `bytes` bytes at `offset`; `finish` says that no input follows what was fed.
   * @returns bytes produced; when equal to `bytes`, call again before feeding more.
   * @throws CodecFailure
   */
  run(output: Uint8Array, offset: number, bytes: number, finish = false): number {
    const flush = finish ? this.#finishFlag : 0;
    const { _handle: handle, _writeState: state } = this.#stream;
    handle.writeSync(flush, this.#input, this.#inputOffset, this.inputBytes, output, offset, bytes);
    if (this.#failure !== null) throw this.#failure;
    const left = state[1] as number;
    this.#inputOffset += this.inputBytes - left;
    this.inputBytes = left;
    if (left === 0) this.drop();
    return bytes - (state[0] as number);
  }

  /** Forgets what is left of the input. */
  drop(): void {
    this.#input = NO_INPUT;
    this.#inputOffset = 0;
    this.inputBytes = 0;
  }

  close(): void {
    this.#stream.destroy();
  }
}

function createStream(direction: 'compress' | 'decompress', compression: Compression): object {
  if (compression === 'gzip') return direction === 'compress' ? zlib.createGzip() : zlib.createGunzip();
  return direction === 'compress' ? zlib.createZstdCompress() : zlib.createZstdDecompress();
}
