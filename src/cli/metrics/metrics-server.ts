// `run --metrics HOST:PORT`: GET /metrics over TCP for as long as the run lasts, and nothing else.

import http from 'node:http';
import { LaminarError } from '../../base/errors.ts';
import { METRICS_CONTENT_TYPE } from './metric-text.ts';
import type { MetricsAddress } from './metrics-address.ts';

export interface MetricsServer {
  /** http://127.0.0.1:9400/metrics */
  url: string;
  close(): void;
}

/** Listens. `render` gives the metrics, null while there are none. @throws LMN-7013 */
export async function serveMetrics(
  { host, port }: MetricsAddress,
  render: () => string | null,
): Promise<MetricsServer> {
  const server = http.createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0];
    if (path !== '/metrics') {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('not found: the metrics are at /metrics\n');
    } else if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
    } else {
      const text = render();
      if (text === null) response.writeHead(503, { 'retry-after': '1' }).end();
      else response.writeHead(200, { 'content-type': METRICS_CONTENT_TYPE }).end(request.method === 'HEAD' ? '' : text);
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(refusal(host, port, error)));
    server.listen(port, host, resolve);
  });
  // A run does not last longer because somebody may still ask.
  server.unref();
  const bound = server.address();
  const actual = typeof bound === 'object' && bound !== null ? bound.port : port;
  const name = host.includes(':') ? `[${host}]` : host;
  return {
    url: `http://${name}:${actual}/metrics`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function refusal(host: string, port: number, error: NodeJS.ErrnoException): LaminarError {
  const reasons: Record<string, string> = {
    EADDRINUSE: 'another program listens there',
    EACCES: 'permission denied',
    EADDRNOTAVAIL: 'this machine has no such address',
    ENOTFOUND: 'there is no such host',
  };
  const reason = reasons[error.code ?? ''] ?? error.message;
  return new LaminarError('LMN-7013', `cannot serve metrics at ${host}:${port}: ${reason}`, {
    hint: 'choose another port; --metrics 0 takes any that is free and says which',
    cause: error,
  });
}
