// A FILE sink that is rolled, from the options of its plan.

import fs from 'node:fs';
import { assert } from '../base/assert.ts';
import { LaminarError } from '../base/errors.ts';
import type { SinkContext } from './connector.ts';
import { type CompressionOption, compressionOf, type FileMode, openFileWriter } from './file.ts';
import { RolledFiles } from './rolled-files.ts';
import { RolledWriter, readPlace } from './rolled-writer.ts';

export interface RollOptions {
  path: string;
  mode: FileMode;
  compression: CompressionOption;
  /** Most bytes of a file of several rows, as its format counts them; Infinity: no matter how many. */
  bytesMax: number;
  /** Longest time from its first row to its end; null: however long. */
  millisMax: number | null;
}

/**
 * Opens the output where an earlier run has left it, or before its first file.
 * @throws LMN-5030 when the directory cannot be read or a file not be opened, LMN-5032, LMN-5033, LMN-4005
 */
export function openRolled(options: RollOptions, context: SinkContext): RolledWriter {
  const { path, mode, bytesMax, millisMax } = options;
  const { resumeAt, isCommitted, now, cut } = context;
  assert(cut !== null, 'every format of files can be cut');
  const compression = compressionOf(path, options.compression);
  requireName(path);
  const files = new RolledFiles(path);
  const open = (file: string, at: number | null) => openFileWriter(file, 'new', compression, at);
  const isGoneOnWith = resumeAt !== null && context.place !== null;
  const first = isGoneOnWith ? 0 : files.begin(mode);
  const place = isGoneOnWith
    ? readPlace(context.place as string)
    : { first, number: first, fileBytes: 0, partBytes: 0, begunMillis: null };
  return new RolledWriter({ files, parts: cut(bytesMax), millisMax, now, isCommitted, open }, place, resumeAt ?? 0);
}

/** What is there by the name of a series, and is no file, has no files beside it. @throws LMN-5030 */
function requireName(path: string): void {
  const stats = fs.statSync(path, { throwIfNoEntry: false });
  if (stats === undefined || stats.isFile()) return;
  throw new LaminarError(
    'LMN-5030',
    `cannot write a series of files as ${path}: it is ${stats.isDirectory() ? 'a directory' : 'no file'}`,
    {
      hint: "path names the files, as in 'out/trades.ndjson' for out/trades-000001.ndjson and so on",
      at: { name: path },
    },
  );
}
