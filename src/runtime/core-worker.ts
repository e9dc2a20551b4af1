// Entry of a core's worker thread: waits for what the engine sends, builds the core, runs it, reports how it ended.

import { parentPort } from 'node:worker_threads';
import { toPlain } from '../base/errors.ts';
import * as endpoints from '../connectors/registry.ts';
import { buildCore } from './build.ts';
import { Control } from './control.ts';
import type { CoreReport, CoreRequest } from './engine.ts';
import { Telemetry } from './telemetry.ts';

async function main(request: CoreRequest): Promise<CoreReport> {
  try {
    const telemetry = new Telemetry(request.plan, request.telemetry);
    telemetry.onSplits = (splits) => parentPort?.postMessage({ kind: 'splits', splits } satisfies CoreReport);
    const core = await buildCore(request.plan, {
      kernels: request.kernels,
      endpoints,
      telemetry,
      control: new Control(request.control),
      options: request.options,
      notify: (text) => parentPort?.postMessage({ kind: 'notice', text } satisfies CoreReport),
    });
    return { kind: 'done', reason: core.run() };
  } catch (error) {
    return { kind: 'failed', error: toPlain(error) };
  }
}

parentPort?.once('message', (request: CoreRequest) => {
  void main(request).then((report) => parentPort?.postMessage(report));
});
