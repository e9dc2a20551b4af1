// The manifest of a checkpoint: everything but the blocks of its operators, as JSON behind its checksum.

import { crc32 } from 'node:zlib';
import { LaminarError } from '../base/errors.ts';
import type { SinkState, SourceState } from './snapshot.ts';

/** Changes whenever an older Laminar could not read what a newer one writes, or the reverse. */
export const FORMAT_VERSION = 3;

export interface BlockEntry {
  name: string;
  bytes: number;
  /** CRC-32 of the whole block. */
  checksum: number;
  /** Epochs in which it was written: first all of it, then what had changed since the one before. */
  epochs: number[];
}

export interface OperatorEntry {
  id: string;
  /** As in OperatorState: its blocks are in the environment of that core. */
  core: number;
  cores: number;
  keys: number | null;
  openStart: number | null;
  blocks: BlockEntry[];
}

export interface Manifest {
  version: number;
  /** From 1 on, never used twice in a directory. */
  epoch: number;
  /** When it was written, ISO 8601. */
  time: string;
  /** The pipeline's file. */
  pipeline: string;
  /** Fingerprints of the nodes whose state is in it, by their id. */
  nodes: Record<string, string>;
  /** The run had come to its end. */
  isFinished: boolean;
  sources: SourceState[];
  operators: OperatorEntry[];
  sinks: SinkState[];
  /** Bytes of all blocks, and of what was written for this checkpoint. */
  bytes: number;
  bytesWritten: number;
  /** How long each core stood still, and the longest of these. */
  corePauses: number[];
  pauseMillis: number;
  /** How long it took until everything was on the disk. */
  durationMillis: number;
}

export function writeManifest(manifest: Manifest): Uint8Array {
  const json = JSON.stringify(manifest, (_key, value) =>
    value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value,
  );
  return new TextEncoder().encode(`${crc32(json)} ${json}`);
}

/** @throws LMN-4003 when it is damaged, or of another version. */
export function readManifest(directory: string, stored: Uint8Array): Manifest {
  const text = new TextDecoder().decode(stored);
  const space = text.indexOf(' ');
  const json = text.slice(space + 1);
  if (space < 0 || String(crc32(json)) !== text.slice(0, space)) {
    throw damaged(directory, 'a manifest is not what was written');
  }
  const manifest = JSON.parse(json, (_key, value) =>
    typeof value?.base64 === 'string' ? new Uint8Array(Buffer.from(value.base64, 'base64')) : value,
  ) as Manifest;
  if (manifest.version === FORMAT_VERSION) return manifest;
  throw new LaminarError(
    'LMN-4003',
    `the state in ${directory} has format ${manifest.version}, this Laminar has ${FORMAT_VERSION}`,
    { hint: 'go on with the Laminar that wrote it, or begin again with --fresh' },
  );
}

export function damaged(directory: string, what: string, cause?: unknown): LaminarError {
  return new LaminarError('LMN-4003', `the state in ${directory} is damaged: ${what}`, {
    hint: 'bring back a copy of the directory, go on from an older checkpoint with --from, or begin again with --fresh',
    cause,
  });
}
