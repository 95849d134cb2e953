/** The sim as a process: its one line, its ends, and what it says of bad input. */
import { afterEach, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MAIN = join(import.meta.dir, '../apps/sim/src/main.ts');
const folder = mkdtempSync(join(tmpdir(), 'sim-run-'));
const processes: Bun.Subprocess<'pipe', 'pipe', 'pipe'>[] = [];

afterEach(async () => {
  for (const child of processes.splice(0)) {
    child.kill('SIGKILL');
    await child.exited;
  }
});

process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

function spawn(words: readonly string[], env: Record<string, string> = {}) {
  const child = Bun.spawn([process.execPath, MAIN, ...words], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  processes.push(child);
  return child;
}

async function firstLine(child: ReturnType<typeof spawn>): Promise<Record<string, unknown>> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of child.stdout) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes('\n')) return JSON.parse(text.slice(0, text.indexOf('\n')));
  }
  throw new Error(`ended without a line: ${await child.stderr.text()}`);
}

test('it prints one JSON line when it serves, and ends with 0 on SIGTERM', async () => {
  const child = spawn(['run', '--symbols', 'BTCUSDT,ETHUSDT', '--seed', '3']);
  const ready = await firstLine(child);
  expect(ready).toEqual({
    ready: true,
    control: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    venues: { 'binance-usdm': expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) },
    symbols: ['BTCUSDT', 'ETHUSDT'],
  });
  expect((await fetch(`${ready['control']}/health`)).status).toBe(200);
  child.kill('SIGTERM');
  expect(await child.exited).toBe(0);
});

test('it ends when its parent does, if it was told to', async () => {
  const child = spawn(['run'], { TRUNKLINE_PARENT_PIPE: '1' });
  await firstLine(child);
  child.stdin.end();
  expect(await child.exited).toBe(0);
});

test('bad input is one line that names it and what is allowed, and exit code 2', async () => {
  const blocker = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response() });
  const bad = join(folder, 'bad.toml');
  writeFileSync(bad, '[sim]\nprot = 1\n');
  const cases: readonly [words: readonly string[], says: RegExp][] = [
    [['run', '--prot', '1'], /--prot.*--port/],
    [['run', '--port', '99999'], /--port: "99999".*0 to 65535/],
    [['run', '--port', 'x'], /--port/],
    [['run', '--symbols', 'NOPE'], /--symbols.*BTCUSDT/],
    [['run', '--venues', 'nyse'], /--venues.*binance-usdm/],
    [['run', '--speed', 'NaN'], /--speed/],
    [['run', '--replay', join(folder, 'none.gz')], /none\.gz/],
    [['run', '--accounts', join(folder, 'none.toml')], /none\.toml/],
    [['run', '--config', bad], /prot/],
    [['run', '--port', String(blocker.port)], /in use/],
    [['run', '--seed', 'x'.repeat(100_000)], /--seed/],
    [['walk'], /unknown command.*run/],
  ];
  try {
    const seen = await Promise.all(
      cases.map(async ([words]) => {
        const child = spawn(words);
        const [code, stderr] = await Promise.all([child.exited, child.stderr.text()]);
        return { code, lines: stderr.trim().split('\n') };
      }),
    );
    for (const [index, [, says]] of cases.entries()) {
      expect(seen[index]).toMatchObject({ code: 2, lines: [expect.stringMatching(says)] });
    }
  } finally {
    await blocker.stop(true);
  }
});
