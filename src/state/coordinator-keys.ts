// What the coordinator's environment holds, by key. Every value says which key it belongs to, behind a checksum; so a key
// that the disk has changed is found as well.
//
//   checkpoint/<epoch>   a manifest      savepoint/<name>   its epoch      sinks   (sink-record.ts)

import { crc32 } from 'node:zlib';
import type { Environment } from './environment.ts';
import { damaged, type Manifest, readManifest } from './manifest.ts';
import { readSinkRecord, type SinkRecord } from './sink-record.ts';

const CHECKPOINT = 'checkpoint/';
export const SAVEPOINT = 'savepoint/';
export const SINKS = 'sinks';
const EPOCH_DIGITS = 15;

export interface CoordinatorContent {
  manifests: Manifest[];
  /** Epochs of savepoints. */
  names: Map<string, number>;
  sinks: SinkRecord;
}

export function checkpointKey(epoch: number): string {
  return CHECKPOINT + String(epoch).padStart(EPOCH_DIGITS, '0');
}

export function writeSavepoint(name: string, epoch: number): Uint8Array {
  return new TextEncoder().encode(`${crc32(`${name} ${epoch}`)} ${epoch}`);
}

/** @throws LMN-4003 when something is not what was written. */
export function readCoordinator(directory: string, environment: Environment): CoordinatorContent {
  const content: CoordinatorContent = { manifests: [], names: new Map(), sinks: readSinkRecord(directory, null) };
  // Checkpoints first: of another format, they say so.
  const keys = environment.keys('');
  for (const key of [...keys.filter(isCheckpoint), ...keys.filter((other) => !isCheckpoint(other))]) {
    const value = environment.get(key);
    if (value === null) throw damaged(directory, `${key} is missing`);
    if (key === SINKS) {
      content.sinks = readSinkRecord(directory, value);
    } else if (isCheckpoint(key)) {
      const manifest = readManifest(directory, value);
      if (checkpointKey(manifest.epoch) !== key) throw damaged(directory, `${key} is another checkpoint`);
      content.manifests.push(manifest);
    } else if (key.startsWith(SAVEPOINT)) {
      const name = key.slice(SAVEPOINT.length);
      const [checksum, epoch] = new TextDecoder().decode(value).split(' ');
      if (checksum !== String(crc32(`${name} ${epoch}`))) throw damaged(directory, `savepoint ${name} is another one`);
      content.names.set(name, Number(epoch));
    } else {
      throw damaged(directory, 'there is something in it that nobody has written');
    }
  }
  return content;
}

function isCheckpoint(key: string): boolean {
  return key.startsWith(CHECKPOINT);
}
