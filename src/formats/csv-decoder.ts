// Decodes CSV (kernels/csv-decode.ts): columns by the names in the header, or by their place without one.
//
// Every record has as many fields as the header, or as the first record without one.

import { BATCH_ROW_COUNT } from '../../kernels/layout.ts';
import { DECODER_LINE_COUNT, DECODER_NULLED_COUNT, DECODER_REJECT_COUNT } from '../../kernels/layout-formats.ts';
import { LaminarError } from '../base/errors.ts';
import { nearestName } from '../base/names.ts';
import { createBatch } from '../data/batch.ts';
import type { LinearMemory } from '../data/memory.ts';
import type { Column, Schema } from '../data/schema.ts';
import { typeCodeOf } from '../data/type.ts';
import { type DecodedColumn, type DecoderSpec, decodedColumns, unitOf } from './decoder-spec.ts';
import type { Cutting, Decoder } from './format.ts';

/** Makes a decoder of CSV with its batch. @throws LMN-6051 when delimiter and quote are the same. */
export function createCsvDecoder(memory: LinearMemory, spec: DecoderSpec): Decoder {
  const { kernels } = memory;
  const delimiter = String(spec.options['delimiter'] ?? ',');
  const quote = String(spec.options['quote'] ?? '"');
  if (delimiter === quote) throw new LaminarError('LMN-6051', `delimiter and quote of a CSV source are both ${quote}`);
  const columns = decodedColumns(spec);
  const batch = createBatch(memory, spec.schema, spec.capacity);
  const state = kernels.csvDecoderCreate(columns.length, delimiter.charCodeAt(0), quote.charCodeAt(0)) >>> 0;
  kernels.decoderConfigure(state, batch, spec.policy, spec.maxRecordBytes);
  const nullText = new TextEncoder().encode(String(spec.options['null'] ?? ''));
  kernels.csvDecoderNull(state, memory.store(nullText), nullText.length);
  columns.forEach(({ index, field }, i) => {
    const column = spec.schema[index] as Column;
    const unit = unitOf(memory, column.type, field);
    kernels.decoderColumn(state, i, index, typeCodeOf(column.type), field.notNull || !column.nullable, unit);
  });
  memory.refresh();
  return new CsvDecoder(memory, spec, { batch, state, columns });
}

class CsvDecoder implements Decoder {
  readonly #memory: LinearMemory;
  readonly #columns: readonly DecodedColumn[];
  readonly #hasHeader: boolean;
  readonly #maxRecordBytes: number;
  #expectsHeader = false;
  /** Which field of a record each column is. */
  #places: readonly number[] = [];
  readonly schema: Schema;
  readonly batch: number;
  readonly state: number;

  constructor(
    memory: LinearMemory,
    spec: DecoderSpec,
    parts: { batch: number; state: number; columns: DecodedColumn[] },
  ) {
    this.#memory = memory;
    this.#columns = parts.columns;
    this.#hasHeader = spec.options['header'] !== false;
    this.#maxRecordBytes = spec.maxRecordBytes;
    this.schema = spec.schema;
    this.batch = parts.batch;
    this.state = parts.state;
    if (!this.#hasHeader) this.#setPlaces(this.#columns.map(({ field }) => field.position));
    this.reset();
  }

  /** @throws LMN-6001, LMN-6007 or LMN-6009 for a header that cannot be used. */
  decode(begin: number, end: number, atEnd: boolean): number {
    const { kernels } = this.#memory;
    if (!this.#expectsHeader) return kernels.csvDecode(this.state, begin, end, atEnd, 0) >>> 0;
    const header = this.#readHeader(begin, end, atEnd);
    const lines = this.#linesOf(begin, begin + header);
    if (!this.#expectsHeader) {
      return header + (kernels.csvDecode(this.state, begin + header, end, atEnd, lines) >>> 0);
    }
    this.#clear(lines);
    return header;
  }

  reset(): void {
    this.#memory.kernels.decoderReset(this.state);
    this.#memory.kernels.csvDecoderWidth(this.state, 0);
    this.#expectsHeader = this.#hasHeader;
  }

  get cutting(): Cutting {
    const { kernels } = this.#memory;
    return {
      cut: (begin, end) => kernels.csvCut(this.state, begin, end) >>> 0,
      share: () => this.#share(),
      join: (text) => this.#join(text),
    };
  }

  /** Fields of a record, and which of them the columns are. */
  #share(): string | null {
    const width = this.#memory.kernels.csvWidth(this.state);
    return this.#expectsHeader || width === 0 ? null : JSON.stringify({ width, places: this.#places });
  }

  #join(text: string): void {
    const { kernels } = this.#memory;
    const { width, places } = JSON.parse(text) as { width: number; places: number[] };
    kernels.decoderJoin(this.state);
    this.#setPlaces(places);
    kernels.csvDecoderWidth(this.state, width);
    this.#expectsHeader = false;
  }

  #setPlaces(places: readonly number[]): void {
    this.#places = places;
    places.forEach((place, i) => {
      this.#memory.kernels.csvDecoderPlace(this.state, i, place);
    });
  }

  /** Reads the header if all of it is there. @returns bytes consumed. */
  #readHeader(begin: number, end: number, atEnd: boolean): number {
    const memory = this.#memory;
    const consumed = memory.kernels.csvHeader(this.state, begin, end, atEnd);
    if (consumed < 0) {
      throw new LaminarError('LMN-6001', 'the CSV header is malformed', {
        hint: `Its quotes must be closed within ${this.#maxRecordBytes} bytes. Without a header line, set header = false.`,
      });
    }
    const width = memory.kernels.csvWidth(this.state);
    if (consumed === 0 || width === 0) return consumed;
    const names = Array.from({ length: width }, (_, place) => this.#headerName(place));
    this.#setPlaces(this.#columns.map(({ field }) => placeOf(names, field.path.join('.'))));
    this.#expectsHeader = false;
    return consumed;
  }

  #headerName(place: number): string {
    const address = this.#memory.kernels.csvHeaderField(this.state, place) >>> 0;
    this.#memory.refresh();
    const bytes = this.#memory.kernels.csvHeaderFieldBytes();
    return new TextDecoder().decode(this.#memory.u8.subarray(address, address + bytes));
  }

  #linesOf(begin: number, end: number): number {
    this.#memory.refresh();
    return this.#memory.u8.subarray(begin, end).reduce((count, byte) => count + (byte === 10 ? 1 : 0), 0);
  }

  /** Says that nothing was decoded. */
  #clear(lines: number): void {
    const memory = this.#memory;
    memory.store32(this.batch + BATCH_ROW_COUNT, 0);
    memory.store32(this.state + DECODER_LINE_COUNT, lines);
    memory.store32(this.state + DECODER_REJECT_COUNT, 0);
    memory.store32(this.state + DECODER_NULLED_COUNT, 0);
  }
}

/** Which field of the header has the name. */
function placeOf(names: readonly string[], name: string): number {
  const place = names.indexOf(name);
  if (place >= 0) return place;
  const nearest = nearestName(name, names);
  const listed = names.slice(0, 20).map((other) => JSON.stringify(other));
  throw new LaminarError('LMN-6009', `the CSV header has no field ${JSON.stringify(name)}`, {
    hint: [
      nearest === undefined ? '' : `Did you mean ${JSON.stringify(nearest)}? `,
      `The header names ${listed.join(', ')}${names.length > 20 ? ', …' : ''}. `,
      'If the first line is data, set header = false.',
    ].join(''),
  });
}
