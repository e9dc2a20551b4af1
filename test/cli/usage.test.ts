// Command lines that make no sense, and those that ask about the program itself.

import fs from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { laminar, scratchFolder, shell } from '../support/program.ts';

const scratch = scratchFolder();
afterAll(() => fs.rmSync(scratch, { recursive: true }));

describe('wrong usage answers 2, says why and what instead, and prints nothing on stdout', () => {
  test.each<[string[], string, string]>([
    [['rnu'], "unknown command 'rnu'", "did you mean 'run'?"],
    [['frobnicate'], "unknown command 'frobnicate'", 'laminar --help lists the commands'],
    [['bars.lsql'], "unknown command 'bars.lsql'", "did you mean 'laminar run bars.lsql'?"],
    [['pipelines/bars'], "unknown command 'pipelines/bars'", "did you mean 'laminar run pipelines/bars'?"],
    [['select 1 as a'], 'a query needs the command that runs it', 'laminar run -e'],
    [['help', 'rnu'], "unknown command 'rnu'", "did you mean 'run'?"],
    [['--verson'], 'unknown option --verson', 'options follow the command: laminar --help'],
    [['run'], 'nothing to run', 'laminar run --help'],
    [['check'], 'nothing to check', 'laminar check --help'],
    [['explain'], 'nothing to explain', 'laminar explain --help'],
    [['run', '-'], 'not read from stdin', 'give a file'],
    [['run', 'a.lsql', 'b.lsql'], 'unexpected argument', 'laminar run --help'],
    [['run', 'a.lsql', '-e', 'SELECT 1'], 'exclude each other', 'leave one of them out'],
    [['run', '--max-row', '3', 'a.lsql'], 'unknown option --max-row', 'did you mean --max-rows?'],
    [['run', '--frobnicate', 'a.lsql'], 'unknown option --frobnicate', 'laminar run --help'],
    [['run', '-e'], '--execute', 'laminar run --help'],
    [['run', '--max-rows', 'many', '-e', 'SELECT 1'], '--max-rows takes an integer', 'laminar run --help'],
    [['run', '--max-rows', '0', '-e', 'SELECT 1'], 'greater than or equal to 1', 'laminar run --help'],
    [['run', '--for', 'soon', '-e', 'SELECT 1'], "--for takes a length of time, not 'soon'", '30s'],
    [['run', '--shutdown-timeout', 'x', '-e', 'SELECT 1'], '--shutdown-timeout takes a length of time', '30s'],
    [['run', '--max-errors', '1.5', '-e', 'SELECT 1'], "not '1.5'", '10 or 1%'],
    [['run', '--set', 'day', '-e', 'SELECT 1'], "--set takes name=value, not 'day'", '--set day='],
    [['run', '-q', '-v', '-e', 'SELECT 1'], '--verbose cannot also be provided', 'laminar run --help'],
    [['explain', 'LMN-9999'], 'there is no error code LMN-9999', ''],
  ])('laminar %j', (args, message, hint) => {
    const { code, stdout, stderr } = laminar(args);
    expect(stderr).toContain('laminar: ');
    expect(stderr.replace(/\s+/g, ' ').toLowerCase()).toContain(message.toLowerCase());
    expect(stderr).toContain(hint);
    expect(stderr).not.toContain('    at ');
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  test('--json makes the message a JSON line', () => {
    const { code, stderr } = laminar(['run', '--json', 'a.lsql', '--nope']);
    expect(JSON.parse(stderr)).toMatchObject({ event: 'error', code: null, message: 'unknown option --nope' });
    expect(code).toBe(2);
  });
});

describe('the program about itself, on stdout, with exit code 0', () => {
  test.each([[['--version']], [['-V']]])('laminar %j', (args) => {
    const { code, stdout, stderr } = laminar(args);
    expect(stdout).toMatch(/^laminar\/\d+\.\d+\.\d+ \w+-\w+ node-v24\.\d+\.\d+\n$/);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  test.each([[[]], [['--help']], [['-h']], [['help']]])('laminar %j lists the commands', (args) => {
    const { code, stdout, stderr } = laminar(args);
    for (const verb of ['check', 'doctor', 'explain', 'run']) expect(stdout).toMatch(new RegExp(`^  ${verb} `, 'm'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  test.each(['check', 'doctor', 'explain', 'run'])('laminar %s --help has examples', (verb) => {
    const { code, stdout } = laminar([verb, '--help']);
    expect(stdout).toContain('EXAMPLES');
    expect(stdout).toContain(`$ laminar ${verb}`);
    expect(laminar(['help', verb]).stdout).toBe(stdout);
    expect(code).toBe(0);
  });

  test('explain describes an error code, however it is written', () => {
    const { code, stdout } = laminar(['explain', 'LMN-7003']);
    expect(stdout).toMatch(/^LMN-7003: The pipeline file cannot be read\n\n\S/);
    expect(code).toBe(0);
    expect(laminar(['explain', 'lmn7003']).stdout).toBe(stdout);
    expect(JSON.parse(laminar(['explain', 'LMN-7003', '--json']).stdout)).toMatchObject({
      code: 'LMN-7003',
      title: 'The pipeline file cannot be read',
    });
  });

  test('doctor finds everything in order', () => {
    const { code, stdout } = laminar(['doctor', '--json']);
    const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: { name: string; ok: boolean }[] };
    expect(findings.filter((finding) => !finding.ok)).toEqual([]);
    expect(findings.map((finding) => finding.name)).toContain('kernels');
    expect({ code, ok }).toEqual({ code: 0, ok: true });
    expect(laminar(['doctor']).stdout).toMatch(/^ {2}kernels +ok: SIMD/m);
  });

  test('an output that takes nothing answers 74', () => {
    const { code, stderr } = shell('laminar explain LMN-1001 > /dev/full');
    expect(stderr).toContain('error LMN-5031: cannot write stdout: ENOSPC');
    expect(code).toBe(74);
  });

  test.each(['run -e x', 'check x'])('in a removed directory, %s says so', (args) => {
    const { code, stderr } = shell(`mkdir gone; cd gone; rmdir ../gone; laminar ${args}`, { cwd: scratch });
    expect(stderr).toContain('the working directory no longer exists');
    expect(code).toBe(1);
  });

  test('an output whose reader has left is no error', () => {
    expect(shell('set -o pipefail; laminar run --help | true')).toMatchObject({ code: 0, stderr: '' });
  });
});
