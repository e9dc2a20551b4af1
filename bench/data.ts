// Makes the bench's input files, once: deterministic, written to build/bench (or BENCH_DIR).
//
//   trades.ndjson  {"symbol","price","volume","side","venue","ts"}: 97 B a row, 500 symbols, times up to 2 s out of order
//   trades.csv     the same rows with a header
//   wide.ndjson    50 fields, about 1 KB a row
//   orders.ndjson  {"id","symbol","price","ts"}: 500 symbols, one row of each a second, times up to 1 s out of order
//   quotes.ndjson  {"symbol","bid","ask","ts"}: the same symbols and times, other rows
//   accounts.ndjson {"user","segment","most"}: every second of those users, once
//   users.ndjson   {"user","amount","country","ts"}: one of 1 M users a row
//   regulars.ndjson {"account","amount"}: one of 100,000 accounts a row

import fs from 'node:fs';
import path from 'node:path';

export const BENCH_DIR = process.env['BENCH_DIR'] ?? path.resolve(import.meta.dirname, '../build/bench');

interface FileSpec {
  name: string;
  rows: number;
  header: string;
  row(random: () => number, state: { ts: number }): string;
}

const symbols = Array.from({ length: 500 }, (_, i) => `SYM${i}`);

function trade(random: () => number, state: { ts: number }) {
  state.ts += Math.floor(random() * 3);
  return {
    ts: state.ts - Math.floor(random() * 2000),
    symbol: symbols[(random() * 500) | 0] as string,
    price: (100 + random() * 100).toFixed(2),
    volume: 1 + ((random() * 1000) | 0),
    side: random() < 0.5 ? 'buy' : 'sell',
  };
}

const wideNames = Array.from({ length: 50 }, (_, i) => `field_${String(i).padStart(2, '0')}`);

function wideValue(random: () => number, state: { ts: number }, index: number): string {
  if (index === 7) {
    state.ts += Math.floor(random() * 3);
    return String(state.ts);
  }
  if (index === 21) return `"host${(random() * 200) | 0}"`;
  if (index === 40) return (random() * 1000).toFixed(3);
  if (index % 3 === 0) return String((random() * 1e6) | 0);
  return `"${index % 2 === 0 ? 'ok' : 'some text'}${(random() * 90) | 0}"`;
}

const COUNTRIES = ['DE', 'FR', 'GB', 'IN', 'JP', 'US'];

const FILES: FileSpec[] = [
  {
    name: 'trades.ndjson',
    rows: 5_000_000,
    header: '',
    row: (random, state) => {
      const t = trade(random, state);
      return `{"symbol":"${t.symbol}","price":${t.price},"volume":${t.volume},"side":"${t.side}","venue":"NASDAQ","ts":${t.ts}}\n`;
    },
  },
  {
    name: 'trades.csv',
    rows: 5_000_000,
    header: 'symbol,price,volume,side,venue,ts\n',
    row: (random, state) => {
      const t = trade(random, state);
      return `${t.symbol},${t.price},${t.volume},${t.side},NASDAQ,${t.ts}\n`;
    },
  },
  {
    name: 'wide.ndjson',
    rows: 2_000_000,
    header: '',
    row: (random, state) => `{${wideNames.map((name, i) => `"${name}":${wideValue(random, state, i)}`).join(',')}}\n`,
  },
  {
    name: 'users.ndjson',
    rows: 5_000_000,
    header: '',
    row: (random, state) => {
      state.ts += Math.floor(random() * 3);
      return `{"user":"user${(random() * 1e6) | 0}","amount":${(random() * 1000).toFixed(2)},"country":"${COUNTRIES[(random() * COUNTRIES.length) | 0]}","ts":${state.ts}}\n`;
    },
  },
];

const SEGMENTS = ['private', 'business', 'public', 'student'];

/** Accounts of regulars.ndjson. */
export const REGULARS = 100_000;

FILES.push(
  {
    name: 'regulars.ndjson',
    rows: 5_000_000,
    header: '',
    row: (random) => `{"account":"account ${(random() * REGULARS) | 0}","amount":${(random() * 1000).toFixed(2)}}\n`,
  },
  {
    name: 'accounts.ndjson',
    rows: 500_000,
    header: '',
    row: (random, state) => {
      const user = 2 * (state.ts++ - 1_700_000_000_000);
      const segment = SEGMENTS[(random() * SEGMENTS.length) | 0];
      return `{"user":"user${user}","segment":"${segment}","most":${(800 + random() * 200).toFixed(2)}}\n`;
    },
  },
  {
    name: 'orders.ndjson',
    rows: 1_000_000,
    header: '',
    row: (random, state) => {
      state.ts += Math.floor(random() * 5);
      const symbol = symbols[(random() * 500) | 0];
      const ts = state.ts - Math.floor(random() * 1000);
      return `{"id":${(random() * 1e9) | 0},"symbol":"${symbol}","price":${(100 + random() * 100).toFixed(2)},"ts":${ts}}\n`;
    },
  },
  {
    name: 'quotes.ndjson',
    rows: 1_000_000,
    header: '',
    row: (random, state) => {
      const symbol = symbols[(random() * 500) | 0];
      state.ts += Math.floor(random() * 5);
      const ts = state.ts - Math.floor(random() * 1000);
      const bid = 100 + random() * 100;
      return `{"symbol":"${symbol}","bid":${bid.toFixed(2)},"ask":${(bid + random()).toFixed(2)},"ts":${ts}}\n`;
    },
  },
);

/** Path of a bench file, made first if it is not there. `scale` shrinks the number of rows. */
export function benchFile(name: string, scale = 1): string {
  const spec = FILES.find((file) => file.name === name);
  if (spec === undefined) throw new Error(`no bench file ${name}`);
  const target = path.join(BENCH_DIR, scale === 1 ? name : `${scale}-${name}`);
  if (fs.existsSync(target)) return target;
  fs.mkdirSync(BENCH_DIR, { recursive: true });
  const descriptor = fs.openSync(`${target}.tmp`, 'w');
  let seed = 12345;
  const random = () => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return seed / 0x80000000;
  };
  const state = { ts: 1_700_000_000_000 };
  let text = spec.header;
  for (let i = 0; i < benchRows(name, scale); i++) {
    text += spec.row(random, state);
    if (text.length > 1 << 20) {
      fs.writeSync(descriptor, text);
      text = '';
    }
  }
  fs.writeSync(descriptor, text);
  fs.closeSync(descriptor);
  fs.renameSync(`${target}.tmp`, target);
  return target;
}

/** Rows of a bench file. */
export function benchRows(name: string, scale = 1): number {
  return Math.round((FILES.find((file) => file.name === name)?.rows ?? 0) * scale);
}
