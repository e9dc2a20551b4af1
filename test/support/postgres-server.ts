// A PostgreSQL server for tests: of this machine, with a data folder of its own, on a free port of this machine only.
//
// PostgreSQL does not run as root: then it runs as the user `postgres`, which Debian's package makes, or as nobody.

import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

const PASSWORD = 'secret word';
/** Longest wait for it to start, ms. */
const START_MILLIS = 30_000;

const PROGRAMS = ['initdb', 'pg_ctl', 'postgres', 'psql'];

/** The folder of the server's programs, null where it is not installed. */
export function postgresFolder(): string | null {
  const folders = fs.globSync('/usr/lib/postgresql/*/bin').sort().reverse();
  const all = [...folders, ...(process.env['PATH'] ?? '').split(':')];
  return all.find((folder) => PROGRAMS.every((program) => fs.existsSync(path.join(folder, program)))) ?? null;
}

export class PostgresServer {
  readonly port: number;
  readonly #programs: string;
  readonly #folder: string;
  readonly #user: { uid: number; gid: number } | null;

  private constructor(programs: string, port: number) {
    this.#programs = programs;
    this.port = port;
    this.#user = userOf();
    this.#folder = fs.mkdtempSync(path.join(os.tmpdir(), 'laminar-postgres-'));
    if (this.#user !== null) fs.chownSync(this.#folder, this.#user.uid, this.#user.gid);
  }

  /** Makes a server and starts it. */
  static async start(programs: string): Promise<PostgresServer> {
    const server = new PostgresServer(programs, await freePort());
    const password = path.join(server.#folder, 'password');
    fs.writeFileSync(password, `${PASSWORD}\n`, { mode: 0o644 });
    const data = [
      '-D',
      path.join(server.#folder, 'data'),
      '-U',
      'postgres',
      '-A',
      'scram-sha-256',
      `--pwfile=${password}`,
    ];
    server.#run('initdb', [...data, '--no-sync', '-E', 'UTF8', '--locale=C']);
    server.start();
    return server;
  }

  url(password = PASSWORD): string {
    return `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${this.port}/postgres`;
  }

  /** Runs statements. @returns what they print, unaligned */
  query(sql: string): string {
    const env = { PGPASSWORD: PASSWORD, PATH: process.env['PATH'] ?? '' };
    const at = ['-h', '127.0.0.1', '-p', String(this.port), '-U', 'postgres', '-d', 'postgres', '-AtqX'];
    return execFileSync(path.join(this.#programs, 'psql'), [...at, '-v', 'ON_ERROR_STOP=1', '-c', sql], {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trimEnd();
  }

  start(): void {
    const settings = `-c listen_addresses=127.0.0.1 -c port=${this.port} -c unix_socket_directories='' -c fsync=off -c max_connections=20`;
    const log = path.join(this.#folder, 'log');
    const data = ['-D', path.join(this.#folder, 'data')];
    this.#run('pg_ctl', [...data, '-w', '-t', String(START_MILLIS / 1000), '-l', log, '-o', settings, 'start']);
  }

  /** Ends it at once: connections break. */
  stop(): void {
    this.#run('pg_ctl', ['-D', path.join(this.#folder, 'data'), '-w', '-m', 'immediate', 'stop']);
  }

  remove(): void {
    spawnSync(
      path.join(this.#programs, 'pg_ctl'),
      ['-D', path.join(this.#folder, 'data'), '-m', 'immediate', 'stop'],
      this.#user ?? {},
    );
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }

  #run(program: string, args: string[]): void {
    const { status, stderr, error } = spawnSync(path.join(this.#programs, program), args, {
      ...this.#user,
      cwd: this.#folder,
      encoding: 'utf8',
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    if (error !== undefined) throw error;
    if (status !== 0) throw new Error(`${program}: ${stderr}${this.#log()}`);
  }

  #log(): string {
    const file = path.join(this.#folder, 'log');
    return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
  }
}

function userOf(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const fields = /^postgres:[^:]*:(\d+):(\d+):/m.exec(fs.readFileSync('/etc/passwd', 'utf8'));
  return fields === null ? { uid: 65534, gid: 65534 } : { uid: Number(fields[1]), gid: Number(fields[2]) };
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
