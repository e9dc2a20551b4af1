// Where `run --metrics` listens. Without a host that is the loopback interface only: whoever wants more says so.

import { UsageError } from '../usage-error.ts';

export interface MetricsAddress {
  host: string;
  port: number;
}

/** `9400`, `:9400`, `0.0.0.0:9400`, `[::1]:9400`. @throws UsageError */
export function parseMetricsAddress(text: string): MetricsAddress {
  const [, bracketed, plain, digits] = /^(?:(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):)?(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) {
    throw new UsageError(`--metrics takes a port or HOST:PORT, not '${text}'`, 'for example --metrics 9400');
  }
  return { host: bracketed ?? (plain || '127.0.0.1'), port };
}
