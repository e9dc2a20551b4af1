// A disk as small as a test wants, where this user may mount one.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export function canMount(): boolean {
  const place = fs.mkdtempSync(path.join(os.tmpdir(), 'laminar-mount-'));
  try {
    mountSmall(place, '64k');
    unmount(place);
    return true;
  } catch {
    return false;
  } finally {
    fs.rmSync(place, { recursive: true, force: true });
  }
}

/** `size` as mount has it: '3m'. */
export function mountSmall(place: string, size: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', place], { stdio: 'ignore' });
}

export function unmount(place: string): void {
  execFileSync('umount', [place], { stdio: 'ignore' });
}
