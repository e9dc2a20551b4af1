// By which a file is known again: checksums of its first bytes, and of those before the place at which it was left.
//
//   from+count:crc32,from+count:crc32
//
// A file that was copied or that has grown since is the same one; a file that was replaced is not.

import fs from 'node:fs';
import { crc32 } from 'node:zlib';
import type { Replay } from './connector.ts';

const BYTES = 4096;

/** How an open regular file is known again. */
export function replayOf(descriptor: number): Replay {
  return {
    identify(offset) {
      const count = Math.min(offset, BYTES);
      return [0, offset - count].map((from) => `${from}+${count}:${checksumOf(descriptor, from, count)}`).join(',');
    },
    isSame(identity) {
      return identity.split(',').every((part) => {
        const [, from, count, checksum] = /^(\d+)\+(\d+):(\d+)$/.exec(part) ?? [];
        return String(checksumOf(descriptor, Number(from), Number(count))) === checksum;
      });
    },
  };
}

/** null when the file has fewer bytes. */
function checksumOf(descriptor: number, from: number, count: number): number | null {
  const bytes = Buffer.alloc(count);
  return fs.readSync(descriptor, bytes, 0, count, from) < count ? null : crc32(bytes);
}
