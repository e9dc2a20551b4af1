// Entry of a core's worker thread: builds the core from what the engine sent, runs it, reports how it ended.

import { parentPort, workerData } from 'node:worker_threads';
import { toPlain } from '../base/errors.ts';
import * as endpoints from '../connectors/registry.ts';
import { buildCore } from './build.ts';
import { Control } from './control.ts';
import type { CoreReport, CoreRequest } from './engine.ts';
import { Telemetry } from './telemetry.ts';

async function main(request: CoreRequest): Promise<CoreReport> {
  try {
    const core = await buildCore(request.plan, {
      kernels: request.kernels,
      endpoints,
      telemetry: new Telemetry(request.plan, request.telemetry),
      control: new Control(request.control),
      options: request.options,
    });
    return { kind: 'done', reason: core.run() };
  } catch (error) {
    return { kind: 'failed', error: toPlain(error) };
  }
}

void main(workerData as CoreRequest).then((report) => parentPort?.postMessage(report));
