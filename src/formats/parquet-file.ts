// A Parquet file in memory: its columns by name, and their values one row group at a time.
//
//   file ─► footer ─► row groups ─► column chunks ─► pages ─► arrays of values
//
// Values come as they are stored: what a type's annotation makes of them (a time, a decimal, text) is not looked at here,
// so that nothing passes through a JavaScript number or Date that it does not fit into. INT96 comes as ns since 1970.

import zlib from 'node:zlib';
import type { Compressors, FileMetaData, SchemaElement, SchemaTree } from 'hyparquet';
import { LaminarError } from '../base/errors.ts';
import {
  DEFAULT_PARSERS,
  decompressLz4,
  decompressLz4Raw,
  decompressSnappy,
  parquetMetadata,
  parquetSchema,
  readColumn,
} from './parquet-library.ts';

/** Values of consecutive rows; null or undefined where there is none. */
export type PageValues = ArrayLike<unknown>;

const limited = (bytes: number) => ({ maxOutputLength: Math.max(bytes, 1) });

/** Node's own are the fastest where it has one. */
const compressors: Compressors = {
  SNAPPY: decompressSnappy,
  GZIP: (input, bytes) => zlib.gunzipSync(input, limited(bytes)),
  BROTLI: (input, bytes) => zlib.brotliDecompressSync(input, limited(bytes)),
  ZSTD: (input, bytes) => zlib.zstdDecompressSync(input, limited(bytes)),
  LZ4: decompressLz4,
  LZ4_RAW: decompressLz4Raw,
};

/** A cause may be missing: the file may be none at all. */
function damagedFile(what: string, cause?: unknown): LaminarError {
  return new LaminarError('LMN-6043', `the Parquet file cannot be read: ${what}`, {
    hint: 'Can another program read it, for example DuckDB or pyarrow?',
    cause,
  });
}

export class ParquetFile {
  readonly #bytes: ArrayBuffer;
  readonly #metadata: FileMetaData;
  readonly #root: SchemaTree;

  /** @throws LaminarError LMN-6043 */
  constructor(bytes: ArrayBuffer) {
    this.#bytes = bytes;
    if (bytes.byteLength < 12) throw damagedFile(`it has ${bytes.byteLength} bytes`);
    this.#metadata = reading(() => parquetMetadata(bytes, { geoparquet: false }));
    this.#root = reading(() => parquetSchema(this.#metadata));
  }

  get groupCount(): number {
    return this.#metadata.row_groups.length;
  }

  get names(): string[] {
    return this.#root.children.map(({ element }) => element.name);
  }

  /** What a column is; null when its values have parts. */
  elementOf(name: string): SchemaElement | null {
    const { element, children } = this.#columnOf(name);
    return children.length > 0 || element.repetition_type === 'REPEATED' ? null : element;
  }

  rowsOf(group: number): number {
    return Number(this.#metadata.row_groups[group]?.num_rows ?? 0);
  }

  /** The values of a column without parts in a row group, page by page. @throws LaminarError LMN-6043 */
  pagesOf(name: string, group: number): PageValues[] {
    const rows = this.rowsOf(group);
    const chunk = this.#metadata.row_groups[group]?.columns.find(({ meta_data }) => {
      return meta_data?.path_in_schema.length === 1 && meta_data.path_in_schema[0] === name;
    });
    const stored = chunk?.meta_data;
    if (stored === undefined || chunk?.file_path) throw damagedFile(`row group ${group + 1} lacks the column ${name}`);
    const { converted_type: _, logical_type: __, ...element } = this.#columnOf(name).element;
    const begin = Number(stored.dictionary_page_offset || stored.data_page_offset);
    const size = Number(stored.total_compressed_size);
    const pages = reading(() => {
      const reader = { view: new DataView(this.#bytes, begin, size), offset: 0 };
      const schemaPath = [this.#root, { ...this.#columnOf(name), element }];
      const parsers = { ...DEFAULT_PARSERS, timestampFromNanoseconds: (nanos: bigint) => nanos };
      const decoder = { ...stored, pathInSchema: [name], element, schemaPath, compressors, parsers, utf8: false };
      return readColumn(reader, { groupStart: 0, selectStart: 0, selectEnd: rows, groupRows: rows }, decoder).data;
    });
    const count = pages.reduce((sum, page) => sum + page.length, 0);
    if (count !== rows) throw damagedFile(`column ${name} has ${count} values for ${rows} rows`);
    return pages as PageValues[];
  }

  #columnOf(name: string): SchemaTree {
    const column = this.#root.children.find(({ element }) => element.name === name);
    if (column === undefined) throw damagedFile(`there is no column ${name}`);
    return column;
  }
}

/** What a damaged file makes the library do: read beyond an end, or not know what it reads. */
function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof LaminarError ? error : damagedFile((error as Error).message, error);
  }
}
