// What is used of the packages that read Parquet: a part of the bundle of its own, loaded by those who need it.

export { readColumn } from 'hyparquet/src/column.js';
export { DEFAULT_PARSERS } from 'hyparquet/src/convert.js';
export { parquetMetadata, parquetSchema } from 'hyparquet/src/metadata.js';
export { decompressLz4, decompressLz4Raw, decompressSnappy } from 'hyparquet-compressors';
