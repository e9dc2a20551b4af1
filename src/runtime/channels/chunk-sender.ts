// What a core sends of a chunk that it decodes beside rows (chunk-records.ts): how far they have come, where they were, bad
// records, a failure, its end. What sends gives false, or nothing is sent, when nobody wants it any more.

import { DECODER_LINE_COUNT, DECODER_REJECT_COUNT } from '../../../kernels/layout-formats.ts';
import { toPlain } from '../../base/errors.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { Decoder } from '../../formats/format.ts';
import { readRejects } from '../../formats/rejects.ts';
import {
  CHUNK_END,
  CHUNK_END_BYTES,
  FAILURE,
  PLACE,
  PLACE_BYTES,
  PROGRESS,
  PROGRESS_BYTES,
  REJECT,
  REJECT_HEADER_BYTES,
  writeReject,
} from './chunk-records.ts';
import type { ChunkTaker } from './chunk-taker.ts';
import type { CoreLink } from './core-link.ts';
import type { RingWriter } from './ring-writer.ts';

export interface ChunkSenderParts {
  ring: RingWriter;
  link: CoreLink;
  decoder: Decoder;
  /** Knows where in the chunk an address is. */
  taker: ChunkTaker;
}

export class ChunkSender {
  readonly #memory: LinearMemory;
  readonly #parts: ChunkSenderParts;

  constructor(memory: LinearMemory, parts: ChunkSenderParts) {
    this.#memory = memory;
    this.#parts = parts;
  }

  /** Rows of the source that have been sent, those of them too far in the future; `cell`: address of their watermark, 0: none. */
  sendProgress(rows: number, future: number, cell: number): boolean {
    const { ring, link } = this.#parts;
    const to = ring.reserve(PROGRESS, PROGRESS_BYTES);
    if (to < 0) return false;
    const { words } = link;
    const at = to >>> 2;
    words[at] = rows;
    words[at + 1] = future;
    if (cell === 0) return true;
    words[at + 2] = this.#memory.load32(cell);
    words[at + 3] = this.#memory.load32(cell + 4);
    return true;
  }

  /** A step of the chain failed behind the rows that were sent. */
  sendFailure(cause: unknown): void {
    const { ring, link } = this.#parts;
    const bytes = new TextEncoder().encode(JSON.stringify(toPlain(cause)));
    const to = ring.reserve(FAILURE, bytes.length);
    if (to < 0) return;
    new Uint8Array(link.words.buffer).set(bytes, to);
    ring.commit();
  }

  /** Where the decoded batch is in the chunk. @param lines before it. */
  sendPlace(position: number, consumed: number, lines: number): boolean {
    const { ring, link, decoder, taker } = this.#parts;
    const to = ring.reserve(PLACE, PLACE_BYTES);
    if (to < 0) return false;
    const { words } = link;
    const at = to >>> 2;
    words[at] = taker.offsetOf(position);
    words[at + 1] = lines;
    words[at + 2] = taker.offsetOf(position + consumed);
    words[at + 3] = lines + this.#memory.load32(decoder.state + DECODER_LINE_COUNT);
    words[at + 4] = this.#memory.load32(decoder.state + DECODER_REJECT_COUNT);
    return true;
  }

  /** The bad records of the decoded batch. @param lines of the chunk before `position`. */
  sendRejects(position: number, lines: number): boolean {
    const { ring, link, decoder, taker } = this.#parts;
    for (const reject of readRejects(this.#memory, decoder.state)) {
      const { recordAddress, recordBytes } = reject;
      const isInput = recordAddress >= taker.begin && recordAddress <= taker.end;
      const offset = taker.offsetOf(isInput ? recordAddress : position);
      const to = ring.reserve(REJECT, REJECT_HEADER_BYTES + recordBytes);
      if (to < 0) return false;
      writeReject(link.words, to, { ...reject, offset, line: lines + reject.line });
      link.copier.send(to + REJECT_HEADER_BYTES, recordAddress, recordBytes);
    }
    return true;
  }

  /** The chunk has so many lines, and fields that were turned into NULL. */
  sendEnd(lines: number, nulled: number): void {
    const { ring, link } = this.#parts;
    const to = ring.reserve(CHUNK_END, CHUNK_END_BYTES);
    if (to < 0) return;
    link.words[to >>> 2] = lines;
    link.words[(to >>> 2) + 1] = nulled;
    ring.commit();
  }
}
