// FILE: files in, a file out.
//
//   source   path         a file, or a pattern (*, ?, **, [a-z], {a,b}) whose files are splits in name order
//            compression  'auto' (default: what the file's first bytes say; for pipes, its extension), 'none', 'gzip', 'zstd'
//   sink     path         one file
//            mode         'overwrite' (default), 'append' or 'new' (default of rolled files)
//            compression  'auto' (default: .gz, .zst), 'none', 'gzip', 'zstd'
//            roll_bytes, roll_every   several files instead, with numbers (rolled-files.ts)
//
// Paths are relative to the working directory. A FIFO, a device or `/dev/fd/N` (process substitution) is read like
// standard input. Appending to a compressed file adds a member (gzip) or a frame (zstd), which readers join.

import fs from 'node:fs';
import path from 'node:path';
import { LaminarError } from '../base/errors.ts';
import { nearestName } from '../base/names.ts';
import type { Compression } from './codec.ts';
import { CompressingWriter, DecompressingReader } from './compression.ts';
import type { ByteWriter, SplitReader } from './connector.ts';
import { DescriptorReader } from './descriptor-reader.ts';
import { DescriptorWriter } from './descriptor-writer.ts';
import { LazySplit } from './lazy-split.ts';

export type CompressionOption = Compression | 'auto' | 'none';

/**
 * Finds the file, or every file the pattern matches. A regular file is opened when it is first read and closed at its
 * end, so that a pattern may match more files than a process may hold open.
 * @throws LMN-5001 … LMN-5004 when there is nothing to read.
 */
export function openFiles(pattern: string, compression: CompressionOption): SplitReader[] {
  const readers: SplitReader[] = [];
  try {
    for (const file of matchFiles(pattern)) readers.push(openSplit(file, compression));
  } catch (error) {
    for (const reader of readers) reader.close();
    throw error;
  }
  return readers;
}

/** Files that the pattern names, in name order (by UTF-16 units, whatever the locale). */
export function matchFiles(pattern: string): string[] {
  if (!isPattern(pattern)) return [pattern];
  const files = fs.globSync(pattern).filter((name) => !fs.statSync(name, { throwIfNoEntry: false })?.isDirectory());
  if (files.length === 0) {
    throw new LaminarError('LMN-5003', `no file matches ${pattern}`, {
      hint: `the pattern is relative to ${process.cwd()}`,
      at: { name: pattern },
    });
  }
  return files.sort((a, b) => (a < b ? -1 : 1));
}

/** Whether it names what it matches, not one file. */
export function isPattern(pattern: string): boolean {
  return /[*?[{]/.test(pattern) && !fs.existsSync(pattern);
}

/** What the files of a pattern are like now: another text once one of them has changed, null when there are none. */
export function markFiles(pattern: string): string | null {
  try {
    const marks = matchFiles(pattern).map((file) => {
      const { mtimeNs, size, ino } = fs.statSync(file, { bigint: true });
      return `${file}\0${mtimeNs}\0${size}\0${ino}`;
    });
    return marks.join('\0');
  } catch {
    return null;
  }
}

function openSplit(file: string, compression: CompressionOption): SplitReader {
  const inherited = inheritedDescriptor(file);
  if (inherited !== null) return openReader(new DescriptorReader(file, inherited, false), inherited, compression);
  const stats = fs.statSync(file, { throwIfNoEntry: false });
  if (stats?.isFile() !== true) return openNow(file, compression);
  try {
    fs.accessSync(file, fs.constants.R_OK);
  } catch (error) {
    throw refusedInput(file, error as NodeJS.ErrnoException);
  }
  return new LazySplit(file, stats.size, () => openNow(file, compression));
}

function openNow(file: string, compression: CompressionOption): SplitReader {
  const descriptor = openForReading(file);
  try {
    return openReader(new DescriptorReader(file, descriptor, true), descriptor, compression);
  } catch (error) {
    fs.closeSync(descriptor);
    throw error;
  }
}

function openReader(reader: DescriptorReader, descriptor: number, compression: CompressionOption): SplitReader {
  const used = compression === 'auto' ? detect(reader, descriptor) : compression;
  return used === 'none' ? reader : new DecompressingReader(reader, used);
}

/** N of /dev/fd/N: opening that name again would fail for a socket and start over for a file. */
export function inheritedDescriptor(file: string): number | null {
  if (file === '/dev/stdin') return 0;
  if (file === '/dev/stdout') return 1;
  if (file === '/dev/stderr') return 2;
  const match = /^\/(?:dev|proc\/self)\/fd\/(\d+)$/.exec(file);
  return match === null ? null : Number(match[1]);
}

function openForReading(file: string): number {
  try {
    // Non-blocking, so that a FIFO without a writer does not stop the core here; files do not care.
    return fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  } catch (error) {
    throw refusedInput(file, error as NodeJS.ErrnoException);
  }
}

function refusedInput(file: string, error: NodeJS.ErrnoException): LaminarError {
  const at = { name: file };
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') {
    const isRefused = error.code === 'EACCES' || error.code === 'EPERM';
    return new LaminarError('LMN-5004', `cannot open ${file}: ${error.code ?? error.message}`, {
      at,
      cause: error,
      ...(isRefused ? { hint: `you may not read ${path.resolve(file)}` } : {}),
    });
  }
  const resolved = path.resolve(file);
  const nearest = nearestName(path.basename(resolved), siblings(resolved));
  const hint =
    nearest === undefined
      ? `looked for ${resolved}`
      : `did you mean ${path.join(path.dirname(file), nearest)}? (looked for ${resolved})`;
  return new LaminarError('LMN-5001', `file ${file} does not exist`, { hint, at, cause: error });
}

function siblings(resolved: string): string[] {
  try {
    return fs.readdirSync(path.dirname(resolved));
  } catch {
    return [];
  }
}

/** A regular file is judged by its first bytes, anything else by its name. */
function detect(reader: DescriptorReader, descriptor: number): Compression | 'none' {
  if (reader.sizeBytes === null) return byExtension(reader.name);
  const head = Buffer.alloc(4);
  fs.readSync(descriptor, head, 0, 4, 0); // at a position of its own: the reader still begins at its own
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  const magic = head.readUInt32LE(0);
  return magic === 0xfd2fb528 || (magic & 0xfffffff0) >>> 0 === 0x184d2a50 ? 'zstd' : 'none';
}

/** How a file is written whose name says it under 'auto'. */
export function compressionOf(file: string, option: CompressionOption): Compression | 'none' {
  return option === 'auto' ? byExtension(file) : option;
}

function byExtension(file: string): Compression | 'none' {
  const extension = path.extname(file).toLowerCase();
  if (extension === '.gz' || extension === '.gzip') return 'gzip';
  return extension === '.zst' || extension === '.zstd' ? 'zstd' : 'none';
}

export type FileMode = 'overwrite' | 'append' | 'new';

const FLAGS: Readonly<Record<FileMode, string>> = { overwrite: 'w', append: 'a', new: 'wx' };

/**
 * Opens the file for writing. @param resumeAt see `openSink`.
 * @throws LMN-5030 when the system refuses, LMN-4005 when the file has fewer bytes than are to stay.
 */
export function openFileWriter(
  file: string,
  mode: FileMode,
  compression: CompressionOption,
  resumeAt: number | null = null,
): ByteWriter {
  const inherited = inheritedDescriptor(file);
  const descriptor = inherited ?? openForWriting(file, resumeAt === null ? mode : 'append');
  if (resumeAt !== null) requireBytes(file, descriptor, resumeAt);
  const position = resumeAt ?? (mode === 'append' ? fs.fstatSync(descriptor).size : 0);
  const writer = new DescriptorWriter(file, descriptor, inherited === null, position);
  const used = compressionOf(file, compression);
  return used === 'none' ? writer : new CompressingWriter(writer, used);
}

/** A file that is gone on with has been cut off to what counts (file-transactions.ts). @throws LMN-4005 when it is not. */
export function requireBytes(file: string, descriptor: number, bytes: number): void {
  const stats = fs.fstatSync(descriptor);
  if (!stats.isFile() || stats.size === bytes) return;
  throw new LaminarError('LMN-4005', `${file} has ${stats.size} bytes; the last checkpoint counts on ${bytes}`, {
    hint: 'it was changed or replaced since: bring the file back, or begin again with --fresh',
    at: { name: file },
  });
}

function openForWriting(file: string, mode: FileMode): number {
  try {
    return fs.openSync(file, FLAGS[mode]);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw existingFile(file);
    const directory = path.dirname(path.resolve(file));
    const hint = code === 'ENOENT' ? `the directory ${directory} does not exist: create it first` : undefined;
    throw new LaminarError('LMN-5030', `cannot open ${file} for writing: ${code ?? message}`, {
      at: { name: file },
      cause: error,
      ...(hint === undefined ? {} : { hint }),
    });
  }
}

/** What mode = 'new' does not take. */
export function existingFile(file: string): LaminarError {
  return new LaminarError('LMN-5032', `${file} is there already`, {
    hint: "mode = 'append' goes on behind what is there, mode = 'overwrite' replaces it; or another run is writing it",
    at: { name: file },
  });
}
