// The metrics of a run over TCP, from before its first row to its end.

import path from 'node:path';
import type { RunHandle } from '../../runtime/run.ts';
import { PACKAGE } from '../version.ts';
import { renderMetrics } from './metric-text.ts';
import type { MetricsAddress } from './metrics-address.ts';
import { serveMetrics } from './metrics-server.ts';

export interface OfferedMetrics {
  /** Where they are. */
  url: string;
  /** The run has begun. */
  begin(handle: RunHandle): void;
  close(): void;
}

/** Listens; what is asked before the run has begun is answered with 503. @throws LMN-7013 */
export async function offerMetrics(address: MetricsAddress, fileName: string): Promise<OfferedMetrics> {
  const startedAt = Date.now();
  const pipeline = fileName === '-e' ? fileName : path.basename(fileName);
  let run: RunHandle | null = null;
  const { url, close } = await serveMetrics(address, () => {
    if (run === null) return null;
    return renderMetrics({ version: PACKAGE.version, pipeline, startedAt, progress: run.progress() });
  });
  return {
    url,
    begin: (handle) => {
      run = handle;
    },
    close,
  };
}
