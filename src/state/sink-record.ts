// What the coordinator notes about sinks beside the manifests, as JSON behind its checksum.

import { crc32 } from 'node:zlib';
import { damaged } from './manifest.ts';

export interface SinkRecord {
  /** Bytes of outputs before anything was decided about them, by sink. */
  begun: Readonly<Record<string, number>>;
  /** The last epoch that every sink has committed. */
  acknowledged: number;
  /** Epochs up to this one may have been prepared somewhere, though nothing here is left of them. */
  reserved: number;
}

export function writeSinkRecord(record: SinkRecord): Uint8Array {
  const json = JSON.stringify(record);
  return new TextEncoder().encode(`${crc32(json)} ${json}`);
}

/** @throws LMN-4003 when it is damaged. */
export function readSinkRecord(directory: string, stored: Uint8Array | null): SinkRecord {
  if (stored === null) return { begun: {}, acknowledged: 0, reserved: 0 };
  const text = new TextDecoder().decode(stored);
  const space = text.indexOf(' ');
  const json = text.slice(space + 1);
  if (space < 0 || String(crc32(json)) !== text.slice(0, space)) {
    throw damaged(directory, 'what it says about outputs is not what was written');
  }
  return JSON.parse(json) as SinkRecord;
}
