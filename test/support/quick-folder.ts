// A folder for what is made durable all the time: in memory, where the system has a place for that, so that nobody waits for
// a disk.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const IN_MEMORY = '/dev/shm';

/** Makes one, which is to be removed after the test. */
export function quickFolder(prefix: string): string {
  const isThere =
    fs.existsSync(IN_MEMORY) && fs.statfsSync(IN_MEMORY).bavail * fs.statfsSync(IN_MEMORY).bsize > 1 << 30;
  return fs.mkdtempSync(path.join(isThere ? IN_MEMORY : os.tmpdir(), prefix));
}
