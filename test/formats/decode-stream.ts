// Feeds bytes to a decoder as a source does: read sizes as asked, undecoded bytes moved to the front of a buffer whose
// slack holds other bytes each time, so that a decoder that reads too far is caught.

import { READ_SLACK } from '../../kernels/layout.ts';
import { DECODER_LINE_COUNT, DECODER_NULLED_COUNT } from '../../kernels/layout-formats.ts';
import { rowCountOf, rowsOf, type Value } from '../../src/data/batch.ts';
import type { LinearMemory } from '../../src/data/memory.ts';
import type { Decoder } from '../../src/formats/format.ts';
import { readRejects } from '../../src/formats/rejects.ts';

export interface DecodedReject {
  reason: number;
  column: number;
  /** 0-based, from the start of the input. */
  line: number;
  /** Of the record, from the start of the input. */
  offset: number;
  text: string;
}

export interface Decoded {
  rows: Value[][];
  rejects: DecodedReject[];
  nulled: number;
  lines: number;
}

export interface Feed {
  memory: LinearMemory;
  decoder: Decoder;
  /** Address and size of a buffer, slack not included. */
  buffer: number;
  bufferBytes: number;
  /** Bytes of the next read, 1 at least. */
  nextRead(): number;
  /** Stop at the first reject (POLICY_FAIL). */
  stops?: boolean;
}

/** What a byte past the end of the buffer may look like. */
const POISON = [0x22, 0x0a, 0x7d, 0x2c, 0x31, 0x5c, 0xff, 0x00];

/** Decodes all of `input`. */
export function decodeStream(feed: Feed, input: Uint8Array): Decoded {
  const { memory, decoder, buffer, bufferBytes } = feed;
  const out: Decoded = { rows: [], rejects: [], nulled: 0, lines: 0 };
  let begin = buffer;
  let end = buffer;
  let read = 0;
  decoder.reset();
  for (let turn = 0; ; turn++) {
    memory.refresh();
    memory.u8.fill(POISON[turn % POISON.length] as number, end, end + READ_SLACK);
    const mark = memory.kernels.transientMark();
    const consumed = decoder.decode(begin, end, read === input.length);
    memory.refresh();
    const offset = read - (end - begin);
    const rejects = readRejects(memory, decoder.state);
    for (const reject of rejects) {
      const text = Buffer.from(memory.u8.subarray(reject.recordAddress, reject.recordAddress + reject.recordBytes));
      out.rejects.push({
        reason: reject.reason,
        column: reject.column,
        line: out.lines + reject.line,
        offset: offset + reject.recordAddress - begin,
        text: text.toString('latin1'),
      });
      if (reject.position > reject.recordBytes) throw new Error(`position ${reject.position} is outside the record`);
    }
    out.rows.push(...rowsOf(memory, decoder.batch, decoder.schema));
    out.nulled += memory.load32(decoder.state + DECODER_NULLED_COUNT);
    out.lines += memory.load32(decoder.state + DECODER_LINE_COUNT);
    memory.kernels.transientRelease(mark);
    begin += consumed;
    if (begin > end) throw new Error('more consumed than there was');
    if (feed.stops && rejects.length > 0) return out;
    if (consumed > 0 || rowCountOf(memory, decoder.batch) > 0) continue;
    if (read === input.length) {
      if (begin !== end) throw new Error('input left over');
      return out;
    }
    memory.u8.copyWithin(buffer, begin, end);
    end = buffer + end - begin;
    begin = buffer;
    const count = Math.min(feed.nextRead(), input.length - read, buffer + bufferBytes - end);
    if (count === 0) throw new Error('the decoder asks for more than the buffer holds');
    memory.u8.set(input.subarray(read, read + count), end);
    end += count;
    read += count;
  }
}
